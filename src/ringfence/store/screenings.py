"""What became of calls, out of the database: newest first, a page at a time.

Whatever is looked for, a page is read along one index, in its order. What else a row has to be is
asked of the rows that come by: at most SCANNED of them a page, so that a page costs the same
however many are kept, though it may then be short.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ringfence.errors import ScreeningNotFound
from ringfence.model.activity import Enforcer, GroupOfCall, KeptScreening
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Disposition, Reason
from ringfence.store.block_groups import IS_THERE
from ringfence.store.blocked_numbers import in_chunks, marks
from ringfence.store.database import Row, Transaction, Value

SCANNED = 20_000
_COLUMNS = (
    "screening_id, calling, called, direction, skill, disposition, reason, block_group_id, "
    "pattern, key_id, latency_us"
)


@dataclass(frozen=True, slots=True)
class Look:
    """What to look for, as the table has it: ids from `low` up to but without `high`.

    `along` is the column to look along, `calling` or `called`, and what it may be; None for the
    whole account. `conditions` are about the other columns, each with its values.
    """

    low: int
    high: int
    along: tuple[str, tuple[str, ...]] | None = None
    conditions: tuple[tuple[str, tuple[Value, ...]], ...] = ()


class Found(NamedTuple):
    """The newest of what is looked for, and below which id to go on; None at the end."""

    screenings: list[KeptScreening]
    below: int | None


_Range = tuple[str, tuple[Value, ...]]
"""From where to read, in which order, with the values of its marks."""


class _Reach(NamedTuple):
    """Rows along one index, and down to which id they are all that there is; None for the end."""

    rows: list[Row]
    down_to: int | None


def select_screenings(tx: Transaction, account_id: int, look: Look, limit: int) -> Found:
    """Return up to `limit` of what is looked for, newest first."""
    reaches = [_reach(tx, look, within, limit) for within in _ranges(tx, account_id, look)]
    below = max((each.down_to for each in reaches if each.down_to is not None), default=None)
    rows = sorted((row for each in reaches for row in each.rows), reverse=True, key=_id_of)
    known = [row for row in rows if below is None or row[0] >= below]
    if len(known) > limit:
        known = known[:limit]
        below = known[-1][0]
    return Found(_read(tx, account_id, known), below)


def select_screening(tx: Transaction, account_id: int, screening_id: int) -> KeptScreening:
    """Return one. Raises ScreeningNotFound."""
    rows = tx.all(
        f"select {_COLUMNS} from screening where account_id = ? and screening_id = ?",
        (account_id, screening_id),
    )
    if not rows:
        raise ScreeningNotFound
    return _read(tx, account_id, rows)[0]


def select_group_names(
    tx: Transaction, account_id: int, block_group_ids: Collection[int]
) -> dict[int, str]:
    """Return what groups are called, by their ids; of those that are there."""
    rows: list[Row] = []
    for some in in_chunks(sorted(block_group_ids)):
        rows += tx.all(
            "select block_group_id, name from block_group "
            f"where account_id = ? and block_group_id in ({marks(some)}) and {IS_THERE}",
            (account_id, *some),
        )
    return {row[0]: row[1] for row in rows}


def _ranges(tx: Transaction, account_id: int, look: Look) -> Iterator[_Range]:
    """Yield what is read along an index: one range of it for each form of a number."""
    bounds = "screening_id >= ? and screening_id < ? order by screening_id desc"
    if look.along is None:
        source = f"from screening where account_id = ? and {bounds}"
        yield source, (account_id, look.low, look.high)
        return
    column, forms = look.along
    table = f"screening {tx.along(f'screening_by_{column}')}"
    source = f"from {table} where account_id = ? and {column} = ? and {bounds}"
    for form in forms:
        yield source, (account_id, form, look.low, look.high)


def _reach(tx: Transaction, look: Look, within: _Range, limit: int) -> _Reach:
    """Return rows along one index: up to `limit`, among the next SCANNED."""
    source, bounds = within
    if not look.conditions:
        rows = tx.all(f"select {_COLUMNS} {source} limit ?", (*bounds, limit + 1))
        return _cut(rows, limit)
    asked = " and ".join(sql for sql, _ in look.conditions)
    values = [value for _, each in look.conditions for value in each]
    rows = tx.all(
        f"select {_COLUMNS} from (select {_COLUMNS} {source} limit ?) as near where {asked} "
        "order by screening_id desc limit ?",
        (*bounds, SCANNED, *values, limit + 1),
    )
    if len(rows) > limit:
        return _cut(rows, limit)
    last = tx.one(f"select screening_id {source} limit 1 offset ?", (*bounds, SCANNED - 1))
    return _Reach(rows, None if last is None else last[0])


def _cut(rows: list[Row], limit: int) -> _Reach:
    return _Reach(rows[:limit], rows[limit - 1][0] if len(rows) > limit else None)


def _id_of(row: Row) -> int:
    screening_id: int = row[0]
    return screening_id


def _read(tx: Transaction, account_id: int, rows: Sequence[Row]) -> list[KeptScreening]:
    names = select_group_names(tx, account_id, {row[7] for row in rows if row[7] is not None})
    labels = _select_labels(tx, account_id, {row[9] for row in rows if row[9] is not None})
    return [_screening(row, names, labels) for row in rows]


def _select_labels(tx: Transaction, account_id: int, key_ids: Collection[int]) -> dict[int, str]:
    rows: list[Row] = []
    for some in in_chunks(sorted(key_ids)):
        rows += tx.all(
            f"select key_id, label from api_key where account_id = ? and key_id in ({marks(some)})",
            (account_id, *some),
        )
    return {row[0]: row[1] for row in rows}


def _screening(row: Row, names: dict[int, str], labels: dict[int, str]) -> KeptScreening:
    group_id, key_id = row[7], row[9]
    return KeptScreening(
        *(row[0], row[1], row[2], Direction(row[3]), row[4], Disposition(row[5]), Reason(row[6])),
        group=None if group_id is None else GroupOfCall(group_id, names.get(group_id)),
        entry=row[8],
        enforcer=None if key_id is None else Enforcer(key_id, labels.get(key_id, "")),
        latency_us=row[10],
    )
