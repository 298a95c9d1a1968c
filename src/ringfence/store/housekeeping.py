"""In the database: what nobody sees any more, cleared away a bounded part at a time."""

from datetime import datetime

from ringfence.store.database import Transaction
from ringfence.store.times import to_ms


def select_deleted_group(tx: Transaction) -> tuple[int, int] | None:
    """Return the account and the id of a deleted group whose rows are still there, or None."""
    row = tx.one(
        "select account_id, block_group_id from block_group where deleted_at is not null "
        "order by account_id, block_group_id limit 1"
    )
    return None if row is None else (row[0], row[1])


def delete_some_entries(tx: Transaction, account_id: int, block_group_id: int, limit: int) -> int:
    """Delete up to `limit` entries of a group and return how many.

    By a range: a database that has not counted its rows lately joins a list of them row by row.
    """
    group = (account_id, block_group_id)
    last = tx.one(
        "select pattern from blocked_number where account_id = ? and block_group_id = ? "
        "order by pattern limit 1 offset ?",
        (*group, limit - 1),
    )
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
