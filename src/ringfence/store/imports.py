"""Imports in the database: what each is, and how far it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ringfence.model.accounts import Account
from ringfence.model.imports import (
    UNDER_WAY,
    Findings,
    Import,
    ImportState,
    Kind,
    Position,
    RowOutcome,
    ShownRow,
    Target,
)
from ringfence.store.accounts import ACCOUNT_COLUMNS, read_account
from ringfence.store.database import Row, Transaction
from ringfence.store.times import from_ms, to_ms

_COLUMNS = (
    "import_id, kind, block_group_id, state, door, key_id, created_at, file_rows, "
    "found, preview, applied, failed, chunks, chunks_done, staged, done, undo_from"
)
_GIVEN_UP = 0


def insert_import(tx: Transaction, account_id: int, made: Import) -> None:
    """Store a new import, of which nothing was read yet."""
    target = made.target
    created = to_ms(made.created_at)
    tx.run(
        "insert into import (account_id, import_id, kind, block_group_id, state, door, key_id, "
        "created_at, stepped_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(account_id, made.import_id, target.kind.value, target.block_group_id),
            *(made.state.value, made.door, made.key_id, created, created),
        ),
    )


def select_import(tx: Transaction, account_id: int, import_id: str) -> Import | None:
    """Return an import, or None."""
    row = tx.one(
        f"select {_COLUMNS} from import where account_id = ? and import_id = ?",
        (account_id, import_id),
    )
    return None if row is None else _read(row)


def select_imports(
    tx: Transaction, account_id: int, before: str | None, limit: int
) -> list[Import]:
    """Return up to `limit` imports, the newest first, made before the one of the id `before`."""
    older, values = ("", ()) if before is None else ("and import_id < ?", (before,))
    rows = tx.all(
        f"select {_COLUMNS} from import where account_id = ? {older} and state <> ? "
        "order by import_id desc limit ?",
        (account_id, *values, ImportState.READING.value, limit),
    )
    return [_read(row) for row in rows]


def update_import(tx: Transaction, account_id: int, told: Import, at: datetime) -> None:
    """Store how far an import is after a step at the moment `at`."""
    place = told.position
    tx.run(
        "update import set state = ?, door = ?, key_id = ?, stepped_at = ?, file_rows = ?, "
        "found = ?, preview = ?, applied = ?, failed = ?, "
        "chunks = ?, chunks_done = ?, staged = ?, done = ?, undo_from = ? "
        "where account_id = ? and import_id = ?",
        (
            *(told.state.value, told.door, told.key_id, to_ms(at), told.rows),
            *(_write(told.found), _write(told.preview), _write(told.applied), told.failed),
            *(place.chunks, place.chunks_done, place.staged, place.done, place.undo_from),
            *(account_id, told.import_id),
        ),
    )


def touch_import(tx: Transaction, account_id: int, import_id: str, at: datetime) -> int:
    """Say that an import is still being read; return 0 where that was given up."""
    return tx.run(
        "update import set stepped_at = ? where account_id = ? and import_id = ? and state = ? "
        "and stepped_at <> ?",
        (to_ms(at), account_id, import_id, ImportState.READING.value, _GIVEN_UP),
    )


def give_reading_up(tx: Transaction, account_id: int, import_id: str) -> int:
    """Say that an import comes to nothing, so that what is kept of it can be cleared away.

    Returns 0 where it came to something: its reading has ended.
    """
    return tx.run(
        "update import set stepped_at = ? where account_id = ? and import_id = ? and state = ?",
        (_GIVEN_UP, account_id, import_id, ImportState.READING.value),
    )


def select_account_of_import(tx: Transaction, import_id: str) -> Account | None:
    """Return whose import it is, or None where there is none."""
    row = tx.one(
        f"select {ACCOUNT_COLUMNS} from import join account using (account_id) where import_id = ?",
        (import_id,),
    )
    return None if row is None else read_account(row)


def select_left_imports(
    tx: Transaction, until: datetime, limit: int
) -> Sequence[tuple[Account, str]]:
    """Return imports that are under way, but of which no step was made since `until`."""
    rows = tx.all(
        f"select {ACCOUNT_COLUMNS}, import_id from import join account using (account_id) "
        "where state in (?, ?) and stepped_at < ? order by import_id limit ?",
        (*(state.value for state in UNDER_WAY), to_ms(until), limit),
    )
    return [(read_account(row[:-1]), row[-1]) for row in rows]


def _write(findings: Findings) -> str:
    first = {outcome.value: asdict(row) for outcome, row in findings.first.items()}
    counts = {outcome.value: count for outcome, count in findings.counts.items()}
    return json.dumps({"counts": counts, "first": first}, ensure_ascii=False)


def _read_findings(text: str) -> Findings:
    read: Mapping[str, Any] = json.loads(text)
    counts = {RowOutcome(name): count for name, count in read.get("counts", {}).items()}
    first = {RowOutcome(name): ShownRow(**row) for name, row in read.get("first", {}).items()}
    return Findings(counts, first)


def _read(row: Row) -> Import:
    import_id, kind, block_group_id, state, door, key_id, created_at, file_rows, *rest = row
    found, preview, applied = map(_read_findings, rest[:3])
    failed, *place = rest[3:]
    target = Target(Kind(kind), block_group_id)
    return Import(
        *(import_id, target, ImportState(state), door, key_id, from_ms(created_at), file_rows),
        *(found, preview, applied, failed, Position(*place)),
    )
