"""Looking through what became of calls: one by one, and how many there were."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.activity import (
    CallCount,
    Counted,
    CountQuery,
    GroupOfCall,
    Keeping,
    KeptScreening,
    ScreeningQuery,
    forms_of,
    kept_number,
    kept_text,
)
from ringfence.model.block_groups import Direction
from ringfence.model.pages import Page, Position, Window
from ringfence.model.patterns import read_pattern
from ringfence.model.screening_ids import LOW_BITS
from ringfence.model.texts import is_storable
from ringfence.store import Store, Transaction, activity, screening_counts, screenings
from ringfence.store.blocked_numbers import marks
from ringfence.store.database import Row, Value
from ringfence.store.screening_counts import CountRange
from ringfence.store.screenings import Look
from ringfence.store.times import from_ms, to_ms

MINUTES_AT_ONCE = 1440
"""How many minutes are added up at a time: of any steps, whole ones."""

LOOKS = 7
"""How often that is done for one page."""

_END_OF_IDS = 2**63 - 1
_MS_PER_MINUTE = 60_000
_LAST_MINUTE = 2**33
_CountPlace = tuple[int, int, str]
_Condition = tuple[str, tuple[Value, ...]]


def list_screenings(
    store: Store, account: Account, query: ScreeningQuery, window: Window
) -> Page[KeptScreening]:
    """Return a page of what became of calls, newest first.

    Numbers and entries are found in every form in which the account has kept them. Raises
    InvalidInput for a position that is none.
    """
    below = _read_place(window.after)

    def select(tx: Transaction) -> Page[KeptScreening]:
        keeping = activity.select_keepings(tx, [account.account_id])[account.account_id]
        look = _look(query, keeping, below)
        found = screenings.select_screenings(tx, account.account_id, look, window.limit)
        return Page(tuple(found.screenings), None if found.below is None else (found.below,))

    return store.read(select)


def get_screening(store: Store, account: Account, screening_id: int) -> KeptScreening:
    """Return what became of one call. Raises ScreeningNotFound."""
    return store.read(lambda tx: screenings.select_screening(tx, account.account_id, screening_id))


def list_call_counts(
    store: Store, account: Account, query: CountQuery, window: Window
) -> Page[CallCount]:
    """Return a page of how many calls there were, the oldest step first, then by group.

    Raises InvalidInput for a position that is none.
    """
    wanted, after = _range(query), _read_count_place(window.after)

    def select(tx: Transaction) -> Page[CallCount]:
        rows, goes_on = _counted(tx, account, wanted, after, window.limit)
        names = screenings.select_group_names(tx, account.account_id, {row[1] for row in rows})
        return Page(tuple(_count(row, names) for row in rows), goes_on)

    return store.read(select)


def _look(query: ScreeningQuery, keeping: Keeping, below: int | None) -> Look:
    numbers = {
        column: forms_of(kept_number(text, keeping.region), keeping.key)
        for column, text in (("calling", query.calling), ("called", query.called))
        if text is not None
    }
    # Of two, along the other party's: there are fewer calls of one of those.
    first = "called" if query.direction is Direction.OUTBOUND else "calling"
    along = first if first in numbers else next(iter(numbers), None)
    conditions = [_in(column, forms) for column, forms in numbers.items() if column != along]
    high = _END_OF_IDS if query.until is None else _id_at(query.until)
    return Look(
        0 if query.since is None else _id_at(query.since),
        high if below is None else min(high, below),
        None if along is None else (along, numbers[along]),
        (*conditions, *_conditions(query, keeping)),
    )


def _conditions(query: ScreeningQuery, keeping: Keeping) -> Iterator[_Condition]:
    for column, value in (
        ("direction", query.direction and query.direction.value),
        ("disposition", query.disposition and query.disposition.value),
        ("reason", query.reason and query.reason.value),
        ("block_group_id", query.block_group_id),
        ("skill", None if query.skill is None else kept_text(query.skill)),
        ("key_id", query.key_id),
    ):
        if value is not None:
            yield f"{column} = ?", (value,)
    if query.entry is not None:
        pattern = read_pattern(query.entry, keeping.region) or kept_text(query.entry)
        yield _in("pattern", forms_of(pattern, keeping.key))
    if query.min_latency_us is not None:
        yield "latency_us >= ?", (query.min_latency_us,)


def _in(column: str, values: tuple[str, ...]) -> _Condition:
    return f"{column} in ({marks(values)})", values


def _id_at(at: datetime) -> int:
    """Return the lowest id of a screening at a moment, or after it, as far as ids go."""
    return max(0, min(to_ms(at) << LOW_BITS, _END_OF_IDS))


def _range(query: CountQuery) -> CountRange:
    """Return the minutes of whole steps: from that of `since` up to that in which `until` falls."""
    step = query.step.minutes
    low = 0 if query.since is None else max(0, to_ms(query.since) // _MS_PER_MINUTE)
    high = _LAST_MINUTE if query.until is None else -(-to_ms(query.until) // _MS_PER_MINUTE)
    return CountRange(low - low % step, high + -high % step, step, query.block_group_id)


def _counted(
    tx: Transaction, account: Account, wanted: CountRange, after: _CountPlace, limit: int
) -> tuple[list[Row], Position | None]:
    """Return up to `limit` rows, and the place to go on from, None at the end."""
    rows: list[Row] = []
    rest = replace(wanted, low=max(wanted.low, after[0]))
    for _ in range(LOOKS):
        first = screening_counts.select_first_minute(tx, account.account_id, rest)
        if first is None:
            return rows, None
        low = first - first % wanted.step
        near = replace(rest, low=low, high=min(low + MINUTES_AT_ONCE, wanted.high))
        left = limit + 1 - len(rows)
        rows += screening_counts.select_counts(tx, account.account_id, near, after, left)
        if len(rows) > limit:
            return rows[:limit], tuple(rows[limit - 1][:3])
        rest = replace(rest, low=near.high)
    return rows, (rest.low, -1, "")


def _read_place(position: Position | None) -> int | None:
    match position:
        case None:
            return None
        case (int() as below,) if 0 <= below <= _END_OF_IDS:
            return below
    raise _no_place()


def _read_count_place(position: Position | None) -> _CountPlace:
    match position:
        case None:
            return 0, -1, ""
        case (int() as minute, int() as group, str() as counted) if (
            0 <= minute <= _LAST_MINUTE and -1 <= group < _END_OF_IDS and is_storable(counted)
        ):
            return minute, group, counted
    raise _no_place()


def _no_place() -> InvalidInput:
    rule = "this is no position in this list"
    return InvalidInput(Problem(InputCode.CURSOR_INVALID, "query:after", rule))


def _count(row: Row, names: dict[int, str]) -> CallCount:
    minute, group_id, counted, calls = row
    group = GroupOfCall(group_id, names.get(group_id)) if group_id else None
    return CallCount(from_ms(minute * _MS_PER_MINUTE), group, Counted(counted), int(calls))
