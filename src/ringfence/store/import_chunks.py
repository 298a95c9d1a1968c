"""The rows of imports in the database: those to be put into the store, and those that failed."""

import json
from typing import NamedTuple

from ringfence.model.imports import StagedChunk
from ringfence.store.database import Row, Transaction

_PARTS_OF_READING = 1_000_000_000
"""How many parts of the file of failed rows come before that of the first chunk, at most."""


class Chunk(NamedTuple):
    """A chunk in its place; `change_id` is the change by which it was put into the store.

    `failed` says how many of its rows stand in the file of those that failed.
    """

    chunk_no: int
    staged: StagedChunk
    change_id: int | None
    failed: int


def insert_chunk(
    tx: Transaction, account_id: int, import_id: str, chunk_no: int, chunk: StagedChunk
) -> None:
    """Keep rows until they are applied."""
    tx.run(
        "insert into import_chunk (account_id, import_id, chunk_no, block_group_id, size, staged, "
        "lines, reasons) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(account_id, import_id, chunk_no, chunk.block_group_id, chunk.count),
            *(chunk.rows, chunk.lines, json.dumps(chunk.reasons, ensure_ascii=False)),
        ),
    )


def select_chunk(tx: Transaction, account_id: int, import_id: str, chunk_no: int) -> Chunk:
    """Return a chunk of an import, which has it."""
    row = tx.one(
        "select chunk_no, block_group_id, size, staged, lines, reasons, change_id, failed "
        "from import_chunk where account_id = ? and import_id = ? and chunk_no = ?",
        (account_id, import_id, chunk_no),
    )
    assert row is not None, "whoever counts chunks has them"
    return _read(row)


def close_chunk(
    tx: Transaction, account_id: int, import_id: str, chunk_no: int, change_id: int | None
) -> None:
    """Say that a chunk is in the store, by the change `change_id`, which has all its rows."""
    tx.run(
        "update import_chunk set staged = '', lines = '', change_id = ? "
        "where account_id = ? and import_id = ? and chunk_no = ?",
        (change_id, account_id, import_id, chunk_no),
    )


def take_chunk_back(tx: Transaction, account_id: int, import_id: str, chunk_no: int) -> None:
    """Say that what a chunk put into the store was taken back."""
    tx.run(
        "update import_chunk set undone = 1 "
        "where account_id = ? and import_id = ? and chunk_no = ?",
        (account_id, import_id, chunk_no),
    )


def insert_failures(
    tx: Transaction, account_id: int, import_id: str, part_no: int, content: str
) -> None:
    """Keep a part of the file of failed rows: of those that reading found."""
    tx.run(
        "insert into import_failure (account_id, import_id, part_no, content) values (?, ?, ?, ?)",
        (account_id, import_id, part_no, content),
    )


def set_failures(
    tx: Transaction, account_id: int, import_id: str, chunk_no: int, content: str, failed: int
) -> None:
    """Keep which rows of a chunk failed, and how many, in place of what was known before."""
    chunk, part_no = (account_id, import_id, chunk_no), _PARTS_OF_READING + chunk_no
    tx.run(
        "update import_chunk set failed = ? "
        "where account_id = ? and import_id = ? and chunk_no = ?",
        (failed, *chunk),
    )
    tx.run(
        "delete from import_failure where account_id = ? and import_id = ? and part_no = ?",
        (account_id, import_id, part_no),
    )
    if content:
        insert_failures(tx, account_id, import_id, part_no, content)


def select_failures(
    tx: Transaction, account_id: int, import_id: str, after: int
) -> tuple[int, str] | None:
    """Return the next part of the file of failed rows behind the part `after`, or None."""
    row = tx.one(
        "select part_no, content from import_failure where account_id = ? and import_id = ? "
        "and part_no > ? order by part_no limit 1",
        (account_id, import_id, after),
    )
    return None if row is None else (row[0], row[1])


def _read(row: Row) -> Chunk:
    chunk_no, block_group_id, size, staged, lines, reasons, change_id, failed = row
    chunk = StagedChunk(block_group_id, size, staged, lines, tuple(json.loads(reasons)))
    return Chunk(chunk_no, chunk, change_id, failed)
