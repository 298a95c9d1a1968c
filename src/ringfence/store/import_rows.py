"""Many rows at once: looked up, put into groups and compared by one statement each.

They are given as JSON text, [[PATTERN, expiry in ms or null, place of the reason], …], which the
database takes apart itself: a statement for each row would hold the interpreter lock for each.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ringfence.model.changes import Origin
from ringfence.model.protection import Protection, Protector
from ringfence.store.blocked_numbers import Entry, in_chunks, marks
from ringfence.store.database import Row, Transaction
from ringfence.store.times import to_ms


class BatchSource(NamedTuple):
    """Which chunk of which import batches are for."""

    import_id: str
    chunk_no: int


def select_held_rows(
    tx: Transaction, account_id: int, block_group_id: int, rows: str
) -> dict[int, Entry]:
    """Return what a group holds already of rows, expired entries too, by the place of the row."""
    found = tx.all(
        "select sent.key, block_group_id, pattern, expires_at, batch_id "
        f"from {tx.sent_rows} cross join blocked_number "
        "where account_id = ? and pattern = sent.value ->> 0 and block_group_id = ?",
        (rows, account_id, block_group_id),
    )
    return {row[0]: Entry(*row[1:]) for row in found}


def select_protected_rows(
    tx: Transaction, account_id: int, rows: str, at_ms: int
) -> dict[int, Protection]:
    """Return what protects those of rows that the account keeps from being blocked, by place.

    Its own phone numbers, and the allowed numbers that are protected at the moment `at_ms`.
    """
    allowed = tx.all(
        f"select sent.key, allowed_number_id from {tx.sent_rows} cross join allowed_number "
        "where account_id = ? and pattern = sent.value ->> 0 "
        "and protected = 1 and (expires_at is null or expires_at > ?)",
        (rows, account_id, at_ms),
    )
    own = tx.all(
        f"select sent.key, phone_number_id, name from {tx.sent_rows} cross join phone_number "
        "where account_id = ? and number_key = sent.value ->> 0",
        (rows, account_id),
    )
    found = {row[0]: Protection(Protector.ALLOWED_NUMBER, row[1]) for row in allowed}
    return found | {row[0]: Protection(Protector.PHONE_NUMBER, *row[1:]) for row in own}


def upsert_rows(
    tx: Transaction, account_id: int, block_group_id: int, rows: str, first_batch_id: int
) -> None:
    """Put rows into a group; those there already take the new expiry and batch."""
    tx.run(
        "insert into blocked_number (account_id, pattern, block_group_id, expires_at, batch_id) "
        "select ?, sent.value ->> 0, ?, cast(sent.value ->> 1 as bigint), "
        f"? + cast(sent.value ->> 2 as integer) from {tx.sent_rows} where true "
        "on conflict (account_id, pattern, block_group_id) "
        "do update set expires_at = excluded.expires_at, batch_id = excluded.batch_id",
        (account_id, block_group_id, first_batch_id, rows),
    )


def insert_batches(
    tx: Transaction,
    account_id: int,
    origin: Origin,
    reasons: Sequence[str],
    source: BatchSource,
) -> int:
    """Store why a chunk blocks its numbers: a batch for each reason; return the id of the first."""
    row = tx.one(
        "update account set last_batch_id = last_batch_id + ? where account_id = ? "
        "returning last_batch_id",
        (len(reasons), account_id),
    )
    assert row is not None, f"account {account_id} is gone"
    first = int(row[0]) - len(reasons) + 1
    tx.run_many(
        "insert into batch (account_id, batch_id, door, key_id, created_at, reason, import_id, "
        "chunk_no) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (account_id, batch_id, origin.door, origin.key_id, to_ms(origin.at), reason, *source)
            for batch_id, reason in enumerate(reasons, first)
        ],
    )
    return first


def select_undone_batches(
    tx: Transaction, account_id: int, batch_ids: Sequence[int]
) -> dict[int, int]:
    """Return by which change those of batches were put into the store that were taken back since.

    Only what a chunk of an import put there can be taken back.
    """
    rows: list[Row] = []
    for some in in_chunks(batch_ids):
        rows += tx.all(
            "select batch_id, change_id from batch "
            "join import_chunk using (account_id, import_id, chunk_no) "
            f"where account_id = ? and batch_id in ({marks(some)}) and undone = 1",
            (account_id, *some),
        )
    return {row[0]: row[1] for row in rows}
