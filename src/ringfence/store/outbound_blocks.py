"""In the database: which numbers an account does not call, and which it may call all the same.

A block counts for outbound calls where its entry is live and its group is there, enforces, has the
direction outbound or both, and is for every call: its scope names no skill and no called number.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from ringfence.model.block_groups import Direction, Mode
from ringfence.store.block_groups import IS_THERE
from ringfence.store.blocked_numbers import in_chunks, marks
from ringfence.store.database import Row, Transaction
from ringfence.store.times import to_ms

_OUTBOUND = (
    f"block_group.account_id = ? and block_group.mode = '{Mode.ENFORCE.value}' "
    f"and block_group.direction in ('{Direction.OUTBOUND.value}', '{Direction.BOTH.value}') "
    f"and block_group.scope_skills = '[]' and block_group.scope_called = '[]' and {IS_THERE}"
)
_OF_OUTBOUND = f"block_group_id in (select block_group_id from block_group where {_OUTBOUND})"
_LIVE = "(expires_at is null or expires_at > ?)"
_IS_PREFIX = "pattern like '%*'"


CHUNK = 50_000
"""How many entries are looked at for one text of patterns."""

_BEFORE_ALL, _BEHIND_ALL = "", "~"
_NO_GROUP = 0


class GroupPatterns(NamedTuple):
    """Patterns of one group, at least one, as one text: `patterns` has a comma between two."""

    block_group_id: int
    patterns: str


def select_outbound_groups(tx: Transaction, account_id: int) -> dict[int, str]:
    """Return the names of the groups whose entries count for outbound calls, by their ids."""
    rows = tx.all(
        f"select block_group_id, name from block_group where {_OUTBOUND} order by block_group_id",
        (account_id,),
    )
    return {row[0]: row[1] for row in rows}


def stream_outbound_patterns(
    tx: Transaction, account_id: int, at: datetime, *, prefixes: bool = False
) -> Iterator[GroupPatterns]:
    """Yield every pattern that counts at the moment `at`, chunk by chunk.

    `prefixes` leaves out all others.
    """
    groups = list(select_outbound_groups(tx, account_id))
    is_alone = len(groups) == 1
    sql = _patterns_up_to_next(of_one_group=is_alone, only_prefixes=prefixes)
    owner = groups[0] if is_alone else account_id
    after = _BEFORE_ALL if groups else _BEHIND_ALL
    while after < _BEHIND_ALL:
        rows = tx.all(sql, (account_id, after, CHUNK, account_id, after, to_ms(at), owner))
        after = next(row[1] for row in rows if row[0] == _NO_GROUP)
        yield from (GroupPatterns(*row) for row in rows if row[0] != _NO_GROUP and row[1])


def _patterns_up_to_next(*, of_one_group: bool, only_prefixes: bool) -> str:
    """Return what selects the patterns of a chunk, and in a row of its own where the next begins.

    The last value is the group or, where there are several, the account.
    """
    # Where one group has them all, the database need not sort them, nor look each up in a list.
    of_outbound = "block_group_id = ?" if of_one_group else _OF_OUTBOUND
    return (
        "with upto as (select coalesce((select pattern from blocked_number "
        "where account_id = ? and pattern > ? order by pattern limit 1 offset ?), "
        f"'{_BEHIND_ALL}') as pattern) "
        f"select {_NO_GROUP}, pattern from upto union all "
        "select min(block_group_id), string_agg(pattern, ',') from blocked_number "
        "where account_id = ? and pattern > ? and pattern <= (select pattern from upto) "
        f"and {_LIVE} and {of_outbound} "
        f"{'and ' + _IS_PREFIX if only_prefixes else ''} "
        f"{'' if of_one_group else 'group by block_group_id'}"
    )


def select_outbound_among(
    tx: Transaction, account_id: int, patterns: Sequence[str], at: datetime
) -> list[GroupPatterns]:
    """Return those of `patterns` that count for outbound calls at the moment `at`."""
    rows: list[Row] = []
    for some in in_chunks(patterns):
        rows += tx.all(
            "select block_group_id, pattern from blocked_number "
            f"where account_id = ? and pattern in ({marks(some)}) and {_LIVE} and {_OF_OUTBOUND}",
            (account_id, *some, to_ms(at), account_id),
        )
    found: dict[int, list[str]] = {}
    for block_group_id, pattern in rows:
        found.setdefault(block_group_id, []).append(pattern)
    return [GroupPatterns(group, ",".join(each)) for group, each in sorted(found.items())]


def select_exempt_patterns(
    tx: Transaction, account_id: int, at: datetime, limit: int
) -> str | None:
    """Return what no block stops at the moment `at`, or None where that is more than `limit`.

    Allowed numbers and prefixes, and the account's own phone numbers, with a comma between two.
    """
    row = tx.one(
        "select count(*), string_agg(pattern, ',') from (select pattern from allowed_number "
        f"where account_id = ? and {_LIVE} union all "
        "select number_key from phone_number where account_id = ? limit ?) as exempt",
        (account_id, to_ms(at), account_id, limit + 1),
    )
    assert row is not None, "a count is always one row"
    return None if row[0] > limit else row[1] or ""


def select_exempt_among(
    tx: Transaction, account_id: int, patterns: Sequence[str], at: datetime
) -> str:
    """Return those of `patterns` that no block stops at the moment `at`, as above."""
    rows: list[Row] = []
    for some in in_chunks(patterns):
        rows += tx.all(
            "select pattern from allowed_number "
            f"where account_id = ? and pattern in ({marks(some)}) and {_LIVE} union all "
            f"select number_key from phone_number where account_id = ? "
            f"and number_key in ({marks(some)})",
            (account_id, *some, to_ms(at), account_id, *some),
        )
    return ",".join(row[0] for row in rows)
