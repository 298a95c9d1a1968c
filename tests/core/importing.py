"""Imports for the tests of the verbs: made of rows in memory, and moved on step by step."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import StringIO
from itertools import groupby

from ringfence.core.accounts import get_account
from ringfence.core.imports.reports import failed_rows, get_import
from ringfence.core.imports.staging import stage_import
from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.imports import (
    FailedRows,
    Import,
    Kind,
    Part,
    ReadSummary,
    RowOutcome,
    ShownRow,
    StagedChunk,
    Target,
)
from ringfence.store import Store
from ringfence.store.times import to_optional_ms
from tests.core.people import NOW, ORIGIN

SIZE = 3
"""How many rows a chunk of these imports has at most."""

Told = dict[str, tuple[int | None, str, str, int | None, int]]
"""What a group holds, by pattern: the expiry, why, through which door, with which key, when."""


@dataclass(frozen=True)
class Row:
    """A row of a file, for the group of an id."""

    pattern: str
    ends: datetime | None = None
    reason: str = ""
    group: int = 1


def after(seconds: float) -> datetime:
    """Return the moment so many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


def at(seconds: float, origin: Origin = ORIGIN) -> Origin:
    """Return who acts, so many seconds after NOW."""
    return replace(origin, at=after(seconds))


def ms(seconds: float) -> int:
    """Return the moment so many seconds after NOW as the database has it."""
    return int(after(seconds).timestamp() * 1000)


def number(place: int) -> str:
    """Return a number in E.164, in the order of `place`."""
    return f"+9198123{place:05}"


def rows(*places: int, ends: float | None = None, reason: str = "", group: int = 1) -> list[Row]:
    """Return a row for each of some numbers; `ends` is so many seconds after NOW."""
    until = None if ends is None else after(ends)
    return [Row(number(place), until, reason, group) for place in places]


def parts(rows: Sequence[Row], size: int = SIZE) -> Iterator[Part]:
    """Yield what reading a file of rows would; its first row is on line 2."""
    lines = {row: line for line, row in reversed(list(enumerate(rows, 2)))}
    duplicates = [(line, row) for line, row in enumerate(rows, 2) if lines[row] != line]
    ordered = sorted(lines, key=lambda row: (row.group, row.pattern))
    for _, some in groupby(ordered, lambda row: row.group):
        group = list(some)
        for start in range(0, len(group), size):
            yield _chunk(group[start : start + size], lines)
    yield _summary(len(rows), duplicates)


def failing(text: str, how_many: int, staged: Sequence[Row]) -> Iterator[Part]:
    """Yield what reading a file would of which some rows failed, each on a line of `text`."""
    yield FailedRows(text)
    *chunks, summary = parts(staged)
    yield from chunks
    assert isinstance(summary, ReadSummary)
    first = {RowOutcome.INVALID: ShownRow(99, "x", "no number")}
    yield ReadSummary(summary.rows + how_many, {RowOutcome.INVALID: how_many}, first)


def staged(
    store: Store,
    account: Account,
    rows: Sequence[Row],
    origin: Origin = ORIGIN,
    size: int = SIZE,
) -> Import:
    """Return an import of rows that was looked at, and no more."""
    target = Target(Kind.BLOCKED_NUMBERS)
    return stage_import(store, account, target, parts(rows, size), origin)


def begun(
    store: Store, account: Account, rows: Sequence[Row], steps: int, origin: Origin = ORIGIN
) -> str:
    """Return the id of an import that is being applied, so many steps far."""
    made = staged(store, account, rows, origin)
    apply_import(store, account, made.import_id, origin)
    go_on(store, account, made.import_id, steps, origin.at)
    return made.import_id


def applied(store: Store, account: Account, rows: Sequence[Row], origin: Origin = ORIGIN) -> Import:
    """Return an import that was applied to its end."""
    made = staged(store, account, rows, origin)
    apply_import(store, account, made.import_id, origin)
    return finished(store, account, made.import_id, origin.at)


def undone(store: Store, account: Account, import_id: str, origin: Origin = ORIGIN) -> Import:
    """Return an import that was taken back to its end."""
    undo_import(store, account, import_id, origin)
    return finished(store, account, import_id, origin.at)


def go_on(
    store: Store, account: Account, import_id: str, steps: int, moment: datetime = NOW
) -> None:
    """Make so many steps."""
    for _ in range(steps):
        step_import(store, account, import_id, moment)


def finished(store: Store, account: Account, import_id: str, moment: datetime = NOW) -> Import:
    """Make all the steps that an import needs, and return it."""
    found = get_import(store, account, import_id)
    while found.is_under_way:
        found = step_import(store, account, import_id, moment)
    return found


def failed(store: Store, account: Account, import_id: str) -> list[list[str]]:
    """Return the file of the rows that failed, header first."""
    return list(csv.reader(StringIO("".join(failed_rows(store, account, import_id)))))


def told(store: Store, account: Account, group: int = 1) -> Told:
    """Return what a group holds, as a person would be told of it."""
    found = store.read(
        lambda tx: tx.all(
            "select pattern, expires_at, reason, door, key_id, created_at "
            "from blocked_number join batch using (account_id, batch_id) "
            "where account_id = ? and block_group_id = ?",
            (account.account_id, group),
        )
    )
    return {row[0]: row[1:] for row in found}


def renewed(store: Store, account: Account) -> Account:
    """Return the account as it is now."""
    return get_account(store, account.user_name)


def _chunk(rows: Sequence[Row], lines: dict[Row, int]) -> StagedChunk:
    reasons = tuple(dict.fromkeys(row.reason for row in rows))
    packed = [[row.pattern, to_optional_ms(row.ends), reasons.index(row.reason)] for row in rows]
    own = [lines[row] for row in rows]
    return StagedChunk(rows[0].group, len(rows), json.dumps(packed), json.dumps(own), reasons)


def _summary(how_many: int, duplicates: Sequence[tuple[int, Row]]) -> ReadSummary:
    if not duplicates:
        return ReadSummary(how_many, {}, {})
    line, row = duplicates[0]
    first = {RowOutcome.DUPLICATE: ShownRow(line, row.pattern)}
    return ReadSummary(how_many, {RowOutcome.DUPLICATE: len(duplicates)}, first)
