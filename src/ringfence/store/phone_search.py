"""Finding phone numbers in the database, a page at a time.

Whatever is looked for, a page is read along one index, in its order. What else a row has to be is
asked of the rows that come by; at most SCANNED of them a page, so that a page costs the same at a
million records, though it may then be short.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringfence.model.pages import Page
from ringfence.model.phone_numbers import PhoneNumber, State
from ringfence.store.database import Row, Transaction, Value
from ringfence.store.phone_numbers import select_phone_numbers

SCANNED = 2_000
_HIGHEST = "\U0010ffff"
# Of scalar subqueries, for PostgreSQL cannot make these of a whole skill, or account, at once.
_HAS_SKILL = (
    "(select 1 from phone_number_skill as held "
    "where held.account_id = phone_number.account_id "
    "and held.phone_number_id = phone_number.phone_number_id and held.skill_id = ?) = 1"
)
_IS_IN_STATE = (
    "(select state from phone_number where phone_number.account_id = phone_number_skill.account_id "
    "and phone_number.phone_number_id = phone_number_skill.phone_number_id) = ?"
)


@dataclass(frozen=True, slots=True)
class Look:
    """What to look for, as the indexes have it; None for anything.

    `numbers` has beginnings of canonical numbers, in ascending order and none within another,
    `reversed_digits` the last digits backwards, `name_key` how a name's key begins.
    """

    numbers: tuple[str, ...] | None = None
    reversed_digits: str | None = None
    name_key: str | None = None
    skill_id: int | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class _Path:
    """An index to read along: its table, the column of its order, its bounds, what is left."""

    table: str
    key: str
    ranges: Sequence[tuple[Value, Value]]
    fixed: str = ""
    fixed_values: tuple[Value, ...] = ()
    asked: str = ""
    asked_values: tuple[Value, ...] = ()


def select_page(
    tx: Transaction, account_id: int, look: Look, after: str | int | None, limit: int
) -> Page[PhoneNumber]:
    """Return a page of what is looked for; `after` is the position where the one before ended."""
    path = _path(look)
    most = SCANNED if path.asked else limit
    found: list[int] = []
    last = after
    for place, (phone_number_id, key, is_asked) in enumerate(
        _rows(tx, account_id, path, after, most + 1)
    ):
        if place == most or len(found) == limit:
            return _page(tx, account_id, found, last)
        last = key
        if is_asked:
            found.append(phone_number_id)
    return _page(tx, account_id, found, None)


def _page(
    tx: Transaction, account_id: int, ids: Sequence[int], last: str | int | None
) -> Page[PhoneNumber]:
    items = select_phone_numbers(tx, account_id, ids)
    return Page(tuple(items), None if last is None else (last,))


def _path(look: Look) -> _Path:
    if look.numbers is not None:
        return _with_rest("number_key", [_range(each) for each in look.numbers], look)
    if look.reversed_digits is not None:
        return _with_rest("number_reversed", [_range(look.reversed_digits)], look)
    if look.name_key is not None:
        return _with_rest("name_key", [_range(look.name_key)], look)
    return _path_by_id(look)


def _range(prefix: str) -> tuple[str, str]:
    return prefix, prefix + _HIGHEST


def _with_rest(key: str, ranges: Sequence[tuple[Value, Value]], look: Look) -> _Path:
    asked, values = _conditions(look.skill_id, look.state)
    return _Path("phone_number", key, ranges, "", (), asked, values)


def _path_by_id(look: Look) -> _Path:
    key, ranges = "phone_number_id", [(0, 2**31 - 1)]
    if look.skill_id is not None:
        fixed, held = "and skill_id = ?", (look.skill_id,)
        if look.state is None:
            return _Path("phone_number_skill", key, ranges, fixed, held)
        state = (look.state.value,)
        return _Path("phone_number_skill", key, ranges, fixed, held, _IS_IN_STATE, state)
    if look.state is State.OFF:  # an index of its own, for most numbers are on
        return _Path("phone_number", key, ranges, "and state = 'off'")
    asked, values = _conditions(None, look.state)
    return _Path("phone_number", key, ranges, "", (), asked, values)


def _conditions(skill_id: int | None, state: State | None) -> tuple[str, tuple[Value, ...]]:
    conditions: list[str] = []
    values: list[Value] = []
    if skill_id is not None:
        conditions.append(_HAS_SKILL)
        values.append(skill_id)
    if state is not None:
        conditions.append("state = ?")
        values.append(state.value)
    return " and ".join(conditions), tuple(values)


def _rows(
    tx: Transaction, account_id: int, path: _Path, after: str | int | None, limit: int
) -> Iterator[Row]:
    """Yield id, key and whether all is as asked, along the path; ranges follow one another."""
    asked = f"case when {path.asked} then 1 else 0 end" if path.asked else "1"
    left = limit
    for low, high in path.ranges:
        beyond = after is not None and after >= low  # type: ignore[operator]
        rows = tx.all(
            f"select phone_number_id, {path.key}, {asked} from {path.table} "
            f"where account_id = ? {path.fixed} "
            f"and {path.key} {'>' if beyond else '>='} ? and {path.key} < ? "
            f"order by {path.key} limit ?",
            (
                *path.asked_values,
                *(account_id, *path.fixed_values),
                *(after if beyond else low, high, left),
            ),
        )
        yield from rows
        left -= len(rows)
        if left <= 0:
            return
