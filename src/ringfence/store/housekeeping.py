"""In the database: what nobody sees any more, cleared away a bounded part at a time."""

from datetime import datetime
from typing import NamedTuple

from ringfence.model.imports import ImportState
from ringfence.store.database import Transaction
from ringfence.store.entry_hits import delete_hits_up_to
from ringfence.store.times import to_ms


def select_deleted_group(tx: Transaction) -> tuple[int, int] | None:
    """Return the account and the id of a deleted group whose rows are still there, or None."""
    row = tx.one(
        "select account_id, block_group_id from block_group where deleted_at is not null "
        "order by account_id, block_group_id limit 1"
    )
    return None if row is None else (row[0], row[1])


def delete_some_entries(tx: Transaction, account_id: int, block_group_id: int, limit: int) -> int:
    """Delete up to `limit` entries of a group, with how often they blocked; return how many.

    By a range: a database that has not counted its rows lately joins a list of them row by row.
    """
    group = (account_id, block_group_id)
    last = tx.one(
        "select pattern from blocked_number where account_id = ? and block_group_id = ? "
        "order by pattern limit 1 offset ?",
        (*group, limit - 1),
    )
    delete_hits_up_to(tx, account_id, block_group_id, None if last is None else last[0])
    up_to, values = ("", ()) if last is None else ("and pattern <= ?", (last[0],))
    return tx.run(
        f"delete from blocked_number where account_id = ? and block_group_id = ? {up_to}",
        (*group, *values),
    )


def delete_empty_group(tx: Transaction, account_id: int, block_group_id: int) -> None:
    """Delete the row of a deleted group that has no entries left."""
    tx.run(
        "delete from block_group where account_id = ? and block_group_id = ? "
        "and deleted_at is not null",
        (account_id, block_group_id),
    )


def has_old_answers(tx: Transaction, until: datetime) -> bool:
    """Whether any answer was kept before the moment `until`."""
    row = tx.one("select 1 from kept_answer where created_at < ? limit 1", (to_ms(until),))
    return row is not None


def delete_old_answers(tx: Transaction, until: datetime, limit: int) -> int:
    """Delete up to `limit` answers kept before the moment `until` and return how many.

    Of each it is asked again how old it is: its name may have been used anew meanwhile, and then
    there is an answer of today in its place.
    """
    rows = tx.all(
        "select account_id, key_id, idempotency_key from kept_answer where created_at < ? "
        "order by created_at limit ?",
        (to_ms(until), limit),
    )
    tx.run_many(
        "delete from kept_answer where account_id = ? and key_id = ? and idempotency_key = ? "
        "and created_at < ?",
        [(*row, to_ms(until)) for row in rows],
    )
    return len(rows)


class SpentImport(NamedTuple):
    """An import of which rows are kept that nobody will apply."""

    account_id: int
    import_id: str
    state: ImportState


def select_spent_import(
    tx: Transaction, reading_until: datetime, previewed_until: datetime
) -> SpentImport | None:
    """Return an import whose rows nobody will apply, or None.

    One whose reading ended before `reading_until` and came to nothing, one that was looked at
    before `previewed_until` and left, or one that was taken back. Asked again, it is the same one
    for as long as that is so.
    """
    row = tx.one(
        "select account_id, import_id, state from import where (state = ? and stepped_at < ?) "
        "or (state = ? and stepped_at < ?) or (state = ? and chunks > 0) "
        "order by account_id, import_id limit 1",
        (
            *(ImportState.READING.value, to_ms(reading_until)),
            *(ImportState.PREVIEWED.value, to_ms(previewed_until)),
            ImportState.UNDONE.value,
        ),
    )
    return None if row is None else SpentImport(row[0], row[1], ImportState(row[2]))


def delete_some_chunks(tx: Transaction, account_id: int, import_id: str, limit: int) -> int:
    """Delete up to `limit` chunks of an import that were not applied, and return how many.

    The last ones first: those that were applied stand before them, and are never looked at twice.
    """
    rows = tx.all(
        "select chunk_no, change_id from import_chunk where account_id = ? and import_id = ? "
        "order by chunk_no desc limit ?",
        (account_id, import_id, limit),
    )
    left = [chunk_no for chunk_no, change_id in rows if change_id is None]
    tx.run_many(
        "delete from import_chunk where account_id = ? and import_id = ? and chunk_no = ?",
        [(account_id, import_id, chunk_no) for chunk_no in left],
    )
    return len(left)


def select_old_failures(tx: Transaction, until: datetime) -> tuple[int, str] | None:
    """Return an import that was taken back before `until` but has its failed rows, or None."""
    row = tx.one(
        "select account_id, import_id from import where state = ? and stepped_at < ? "
        "and failed > 0 order by account_id, import_id limit 1",
        (ImportState.UNDONE.value, to_ms(until)),
    )
    return None if row is None else (row[0], row[1])


def delete_some_failures(tx: Transaction, account_id: int, import_id: str, limit: int) -> int:
    """Delete up to `limit` parts of the file of an import's failed rows, and return how many."""
    rows = tx.all(
        "select part_no from import_failure where account_id = ? and import_id = ? "
        "order by part_no limit ?",
        (account_id, import_id, limit),
    )
    tx.run_many(
        "delete from import_failure where account_id = ? and import_id = ? and part_no = ?",
        [(account_id, import_id, *row) for row in rows],
    )
    return len(rows)


def close_failures(tx: Transaction, account_id: int, import_id: str) -> None:
    """Say of an import that its file of failed rows has none."""
    tx.run(
        "update import set failed = 0 where account_id = ? and import_id = ?",
        (account_id, import_id),
    )


def expire_preview(tx: Transaction, account_id: int, import_id: str) -> None:
    """Let an import that was never applied be as if it were taken back."""
    tx.run(
        "update import set state = ? where account_id = ? and import_id = ?",
        (ImportState.UNDONE.value, account_id, import_id),
    )


def close_import(tx: Transaction, account_id: int, import_id: str) -> None:
    """Say of an import that it has no rows left to apply."""
    tx.run(
        "update import set chunks = 0 where account_id = ? and import_id = ?",
        (account_id, import_id),
    )


def delete_import(tx: Transaction, account_id: int, import_id: str) -> None:
    """Delete an import without chunks and without failed rows."""
    tx.run(
        "delete from import where account_id = ? and import_id = ?",
        (account_id, import_id),
    )
