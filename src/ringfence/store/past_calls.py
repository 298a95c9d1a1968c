"""Calls that were screened, as they are read again: one by its id, many for a replay."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ringfence.errors import ScreeningNotFound
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Disposition, Reason
from ringfence.model.number_hashes import HEX_DIGITS, MARK
from ringfence.store.blocked_numbers import in_chunks, marks
from ringfence.store.database import Transaction
from ringfence.store.probes import OF_ACCOUNT, probe
from ringfence.store.times import to_ms

CHUNK = 20_000
"""How many calls are looked at in one statement."""

ENTRIES = 5_000
"""How many entries of a group are read at a time."""

_PARTY = f"case direction when '{Direction.OUTBOUND.value}' then called else calling end"
_PASSED = f"disposition = '{Disposition.PASS.value}'"
_MIGHT_BE_BLOCKED = f"{_PASSED} and reason = '{Reason.NOT_BLOCKED.value}'"
_LIVE = "(expires_at is null or expires_at > ?)"
_HASHED = f"{MARK}{'_' * HEX_DIGITS}"
_SIDES = {Direction.INBOUND: "calling", Direction.OUTBOUND: "called"}


@dataclass(frozen=True, slots=True)
class Period:
    """Calls by their ids: from `first` up to but without `end`."""

    first: int
    end: int


class PastCall(NamedTuple):
    """A call that passed with no reason but that nothing blocked it."""

    screening_id: int
    party: str
    called: str
    skill: str | None


class CallChunk(NamedTuple):
    """Some calls after each other: how many passed, of how many the number is hashed.

    `calls` are those that might have been blocked.
    """

    passed: int
    hashed: int
    calls: Sequence[PastCall]


def select_party(tx: Transaction, account_id: int, screening_id: int) -> str:
    """Return the number of a call's other side, as it is kept. Raises ScreeningNotFound."""
    row = tx.one(
        f"select {_PARTY} from screening where account_id = ? and screening_id = ?",
        (account_id, screening_id),
    )
    if row is None:
        raise ScreeningNotFound
    return str(row[0])


def stream_past_calls(
    tx: Transaction, account_id: int, period: Period, directions: Sequence[Direction]
) -> Iterator[CallChunk]:
    """Yield the calls of a period, oldest first, some at a time; of `directions` alone `calls`."""
    low = period.first
    while low < period.end:
        row = tx.one(
            "select screening_id from screening where account_id = ? and screening_id >= ? "
            "and screening_id < ? order by screening_id limit 1 offset ?",
            (account_id, low, period.end, CHUNK),
        )
        high = period.end if row is None else row[0]
        yield _chunk(tx, (account_id, low, high), directions)
        low = high


def _chunk(
    tx: Transaction, place: tuple[int, int, int], directions: Sequence[Direction]
) -> CallChunk:
    within = "account_id = ? and screening_id >= ? and screening_id < ?"
    counts = tx.one(
        f"select count(*), count(case when {_PARTY} like '{_HASHED}' then 1 end) from screening "
        f"where {within} and {_PASSED}",
        place,
    )
    assert counts is not None, "a count is always one row"
    names = [each.value for each in directions]
    rows = tx.all(
        f"select screening_id, {_PARTY}, called, skill from screening "
        f"where {within} and {_MIGHT_BE_BLOCKED} and direction in ({marks(names)}) "
        "order by screening_id",
        (*place, *names),
    )
    return CallChunk(counts[0], counts[1], [PastCall(*row) for row in rows])


def select_calls_of(
    tx: Transaction,
    account_id: int,
    parties: Sequence[str],
    period: Period,
    direction: Direction,
) -> list[PastCall]:
    """Return the calls of a period that might have been blocked, with one of `parties`."""
    side = _SIDES[direction]
    sent = json.dumps([[party] for party in parties])
    there = probe(*(tx, ("screening", OF_ACCOUNT), ["screening_id"], side), *((account_id,), sent))
    if not there:
        return []
    # As ranges, and the ids as no columns: for equalities, SQLite reads all calls of the account.
    rows = tx.all(
        f"select screening_id, {side}, called, skill from {tx.sent_rows} cross join screening "
        f"where account_id = ? and {side} >= sent.value ->> 0 and {side} <= sent.value ->> 0 "
        "and screening_id + 0 >= ? and screening_id + 0 < ? "
        f"and {_MIGHT_BE_BLOCKED} and direction = ?",
        (
            *(json.dumps([[row[0]] for row in there]), account_id),
            *(period.first, period.end, direction.value),
        ),
    )
    return [PastCall(*row) for row in rows]


def select_live_patterns(
    tx: Transaction, account_id: int, block_group_id: int, patterns: Sequence[str], at: datetime
) -> set[str]:
    """Return those of `patterns` that a group holds live at the moment `at`."""
    found: set[str] = set()
    for some in in_chunks(patterns):
        rows = tx.all(
            "select pattern from blocked_number "
            f"where account_id = ? and block_group_id = ? and pattern in ({marks(some)}) "
            f"and {_LIVE}",
            (account_id, block_group_id, *some, to_ms(at)),
        )
        found.update(row[0] for row in rows)
    return found


def stream_live_numbers(
    tx: Transaction, account_id: int, block_group_id: int, at: datetime
) -> Iterator[Sequence[str]]:
    """Yield the single numbers that a group holds live at the moment `at`, some at a time."""
    after, more = "", True
    while more:
        # From the columns of the index alone, or SQLite walks the table, past other groups.
        rows = tx.all(
            "select pattern, expires_at from (select account_id, block_group_id, pattern "
            "from blocked_number where account_id = ? and block_group_id = ? and pattern > ? "
            "order by pattern limit ?) as place "
            "join blocked_number using (account_id, block_group_id, pattern) order by pattern",
            (account_id, block_group_id, after, ENTRIES),
        )
        now = to_ms(at)
        yield [
            pattern
            for pattern, until in rows
            if pattern[0] == "+" and pattern[-1] != "*" and (until is None or until > now)
        ]
        more = len(rows) == ENTRIES
        after = rows[-1][0] if rows else after


def select_activity_key(tx: Transaction, account_id: int) -> str | None:
    """Return the key by which an account's numbers are hashed, None where none ever was."""
    row = tx.one("select activity_key from account where account_id = ?", (account_id,))
    return None if row is None else row[0]
