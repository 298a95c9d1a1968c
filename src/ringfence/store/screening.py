"""In the database: what decides about a call. Few statements, for they are run for every call.

The entries of deleted groups are among what is found here: whoever asks `select_group_rule` for
their group is told that it is not there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from ringfence.model.accounts import Account
from ringfence.model.block_groups import Direction, Mode
from ringfence.model.patterns import MAX_PREFIX_DIGITS
from ringfence.model.sip_answers import SipAnswer
from ringfence.store.accounts import ACCOUNT_COLUMNS, read_account
from ringfence.store.block_groups import IS_THERE
from ringfence.store.blocked_numbers import marks
from ringfence.store.database import Row, Transaction, Value
from ringfence.store.times import from_ms, from_optional_ms

BLOCKED, ALLOWED, OWN = 0, 1, 2
"""Where a match is from: the entries of groups, allowed numbers, the account's phone numbers."""

IS_PREFIX = "replace(pattern, '*', '') <> pattern"
"""Written as in the indexes of prefixes, or they are not used."""

FEW = 500
"""Up to how many prefixes, allowed numbers and phone numbers of an account are kept in memory."""

_BLOCKED_SQL = (
    f"select {BLOCKED}, pattern, block_group_id, expires_at, batch_id from blocked_number "
    "where account_id = ? and pattern = ?"
)
_ALLOWED_SQL = (
    f"select {ALLOWED}, pattern, allowed_number_id, expires_at, protected from allowed_number "
    "where account_id = ? and pattern = ?"
)
_OWN_SQL = (
    f"select {OWN}, number_key, phone_number_id, cast(null as bigint), 0 from phone_number "
    "where account_id = ? and number_key = ?"
)
_PREFIXES_SQL = _BLOCKED_SQL.removesuffix("pattern = ?") + IS_PREFIX
_FEW_SQL = (
    f"select * from ({_PREFIXES_SQL} order by length(pattern) limit {FEW + 1}) as a "
    f"union all select * from ({_ALLOWED_SQL.removesuffix(' and pattern = ?')} limit {FEW + 1}) "
    f"as b union all select * from ({_OWN_SQL.removesuffix(' and number_key = ?')} "
    f"limit {FEW + 1}) as c"
)
_PREFIX_LENGTHS = range(len("+1*"), MAX_PREFIX_DIGITS + 3)
_HAS_PREFIX = "exists (select 1 from {} where account_id = ? and length(pattern) = {} and {})"
# Each length written out: of one that is joined, SQLite reads every prefix of the account.
_LENGTHS_SQL = " union all ".join(
    f"select {length} where {_HAS_PREFIX.format('blocked_number', length, IS_PREFIX)} "
    f"or {_HAS_PREFIX.format('allowed_number', length, IS_PREFIX)}"
    for length in _PREFIX_LENGTHS
)


class Match(NamedTuple):
    """A row that covers a number, live or expired.

    `row_id` is the id of the group, the allowed number or the phone number; `more` is the batch of
    a blocked number, and 1 for an allowed one that is protected. Moments in milliseconds.
    """

    source: int
    pattern: str
    row_id: int
    expires_at: int | None
    more: int

    def is_live(self, at_ms: int) -> bool:
        """Whether it counts at the moment `at_ms`."""
        return self.expires_at is None or self.expires_at > at_ms


class Look:
    """Where an account's calls have to be looked up, beside the blocked numbers themselves.

    `prefixes` are how long the patterns of its prefixes are. `few` has all its blocked prefixes,
    allowed numbers and phone numbers by their patterns; where they are many it is None, and they
    are looked up in the store.
    """

    __slots__ = ("few", "prefixes")

    def __init__(
        self, prefixes: Sequence[int], few: Mapping[str, Sequence[Match]] | None = None
    ) -> None:
        self.prefixes = tuple(prefixes)
        self.few = few


class Standing(NamedTuple):
    """An account, the id of its last change, and where its calls are looked up as of that."""

    account: Account
    change_id: int
    look: Look


class GroupRule(NamedTuple):
    """What a group does to the calls that its entries cover; an empty scope is for every call.

    `answer` is None for the account's own.
    """

    block_group_id: int
    name: str
    mode: Mode
    direction: Direction
    skill_ids: frozenset[int]
    called: frozenset[str]
    answer: SipAnswer | None
    is_for_all: bool
    """Whether it blocks every call that its entries cover: it enforces, both ways, unscoped."""


class Provenance(NamedTuple):
    """Who put an entry there, when, through which door, and why; None is nobody who is known."""

    added_by: str | None
    added_at: datetime
    door: str
    note: str


def select_standing(tx: Transaction, account_id: int) -> Standing:
    """Return what is known of an account as it is now."""
    row = tx.one(
        f"select {ACCOUNT_COLUMNS}, last_change_id from account where account_id = ?",
        (account_id,),
    )
    assert row is not None, f"account {account_id} is gone"
    return Standing(read_account(row[:-1]), row[-1], _look(tx, account_id))


def _look(tx: Transaction, account_id: int) -> Look:
    # Named, for without it SQLite reads all entries of the account to find the prefixes.
    table = f"from blocked_number {tx.along('blocked_number_prefix')} "
    sql = _FEW_SQL.replace("from blocked_number ", table)
    rows = tx.all(sql, (account_id, account_id, account_id))
    if len(rows) > FEW:
        return Look(select_prefix_lengths(tx, account_id))
    few: dict[str, list[Match]] = {}
    for row in rows:
        few.setdefault(row[1], []).append(Match(*row))
    return Look(sorted({len(each) for each in few if each.endswith("*")}), few)


def select_prefix_lengths(tx: Transaction, account_id: int) -> list[int]:
    """Return how many characters prefixes have, blocked or allowed, their `*` among them."""
    rows = tx.all(_LENGTHS_SQL, [account_id] * (2 * len(_PREFIX_LENGTHS)))
    return sorted(row[0] for row in rows)


def select_matches(tx: Transaction, account_id: int, number: str, look: Look) -> list[Match]:
    """Return every row that covers `number`, which is in E.164 or `withheld`."""
    if look.few is None:
        return _select_among_many(tx, account_id, number, look)
    rows = tx.all(_BLOCKED_SQL, (account_id, number))
    found = [Match(*row) for row in rows] if rows else []
    few = look.few
    if number in few:
        found += few[number]
    for pattern in prefixes_of(number, look):
        if pattern in few:
            found += few[pattern]
    return found


def prefixes_of(number: str, look: Look) -> list[str]:
    """Return the prefixes to look up for a number, each once: none is longer than the number."""
    longest = len(number) + 1
    return [f"{number[: length - 1]}*" for length in look.prefixes if length <= longest]


def _select_among_many(tx: Transaction, account_id: int, number: str, look: Look) -> list[Match]:
    patterns = (number, *prefixes_of(number, look))
    values: list[Value] = []
    for pattern in (*patterns, *patterns, number):
        values += account_id, pattern
    return [Match(*row) for row in tx.all(_many_sql(len(patterns)), values)]


@lru_cache
def _many_sql(each: int) -> str:
    # One pattern at a time: of a list of them SQLite would make a table, for every call.
    return " union all ".join([*[_BLOCKED_SQL] * each, *[_ALLOWED_SQL] * each, _OWN_SQL])


def select_many_matches(
    tx: Transaction, account_id: int, patterns: Iterable[str], look: Look
) -> dict[str, list[Match]]:
    """Return the rows of any of `patterns`, by pattern: the patterns of many numbers at once."""
    sent = json.dumps(list(patterns))
    found: dict[str, list[Match]] = {}
    for sql in (_BLOCKED_SQL,) if look.few is not None else (_BLOCKED_SQL, _ALLOWED_SQL, _OWN_SQL):
        for row in tx.all(_of_sent(tx, sql), (sent, account_id)):
            found.setdefault(row[1], []).append(Match(*row))
    for pattern, rows in (look.few or {}).items():
        found.setdefault(pattern, []).extend(rows)
    return found


def _of_sent(tx: Transaction, sql: str) -> str:
    """Return the statement that looks up what was sent instead of one value."""
    # A cross join is what keeps SQLite from walking the table.
    looked_up = sql.replace(" from ", f" from {tx.sent_rows} cross join ")
    head, _, _ = looked_up.rpartition("?")
    return f"{head}{tx.sent_text}"


def select_group_rule(tx: Transaction, account_id: int, block_group_id: int) -> GroupRule | None:
    """Return what a group does, or None where it is not there."""
    row = tx.one(
        "select block_group_id, name, mode, direction, scope_skills, scope_called, answer_code, "
        "answer_phrase from block_group "
        f"where account_id = ? and block_group_id = ? and {IS_THERE}",
        (account_id, block_group_id),
    )
    return None if row is None else _read_rule(row)


def _read_rule(row: Row) -> GroupRule:
    group_id, name, mode, direction, skill_ids, called, code, phrase = row
    scope = frozenset(json.loads(skill_ids)), frozenset(json.loads(called))
    enforces_both = (mode, direction) == (Mode.ENFORCE, Direction.BOTH)
    return GroupRule(
        *(group_id, name, Mode(mode), Direction(direction), *scope),
        None if code is None else SipAnswer(code, phrase),
        enforces_both and not any(scope),
    )


def select_provenances(
    tx: Transaction, account_id: int, batch_ids: Sequence[int]
) -> dict[int, Provenance]:
    """Return who put the entries of batches there, by the ids of those."""
    rows = tx.all(
        "select batch.batch_id, coalesce(nullif(api_key.label, ''), api_key.prefix), "
        "batch.created_at, batch.door, batch.reason from batch left join api_key "
        "on api_key.account_id = batch.account_id and api_key.key_id = batch.key_id "
        f"where batch.account_id = ? and batch.batch_id in ({marks(batch_ids)})",
        (account_id, *batch_ids),
    )
    return {row[0]: Provenance(row[1], from_ms(row[2]), *row[3:]) for row in rows}


def expiry_of(match: Match) -> datetime | None:
    """Return until when a match counts, None for good."""
    return from_optional_ms(match.expires_at)
