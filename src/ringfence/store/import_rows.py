"""Many rows at once: looked up, put into groups and compared by one statement each.

They are given as JSON text, [[PATTERN, expiry in ms or null, place of the reason], …], which the
database takes apart itself: a statement for each row would hold the interpreter lock for each.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ringfence.model.changes import Origin
from ringfence.model.protection import Protection, Protector
from ringfence.store.blocked_numbers import Entry, in_chunks, marks
from ringfence.store.database import Row, Transaction, Value
from ringfence.store.times import to_ms

NEAR = 64
"""Up to how many entries between the first and the last of rows are all looked at."""


class SentRows(NamedTuple):
    """Rows as JSON text, in the order of their patterns, with the first and the last pattern."""

    rows: str
    first: str
    last: str

    @classmethod
    def of(cls, rows: str) -> "SentRows":
        """Return rows, of which there is at least one, as they are looked up."""
        last = rows[rows.rindex('["') + 2 :]
        return cls(rows, rows[3 : rows.index('"', 3)], last[: last.index('"')])


class BatchSource(NamedTuple):
    """Which chunk of which import batches are for."""

    import_id: str
    chunk_no: int


def select_held_rows(
    tx: Transaction, account_id: int, block_group_id: int, sent: SentRows
) -> list[Entry]:
    """Return what a group holds already of rows, expired entries too, and maybe others near them.

    Most files are about numbers that are not there yet, which a look between their first and their
    last tells at once; where there is much, every row is looked up.
    """
    columns = "block_group_id, pattern, expires_at, batch_id"
    group = (account_id, block_group_id)
    condition = "account_id = ? and block_group_id = ?"
    found = _near(tx, f"select {columns} from blocked_number where {condition}", group, sent)
    if found is None:
        found = tx.all(
            f"select {columns} from {tx.sent_rows} cross join blocked_number "
            f"where {condition} and pattern = sent.value ->> 0",
            (sent.rows, *group),
        )
    return [Entry(*row) for row in found]


def select_protected_rows(
    tx: Transaction, account_id: int, sent: SentRows, at_ms: int
) -> dict[str, Protection]:
    """Return what protects those of rows that the account keeps from being blocked, by pattern.

    Its own phone numbers, and the allowed numbers that are protected at the moment `at_ms`; and
    maybe others near them.
    """
    live = "protected = 1 and (expires_at is null or expires_at > ?)"
    values = (account_id, at_ms)
    columns, condition = "pattern, allowed_number_id", f"account_id = ? and {live}"
    allowed = _near(tx, f"select {columns} from allowed_number where {condition}", values, sent)
    if allowed is None:
        allowed = tx.all(
            f"select {columns} from {tx.sent_rows} cross join allowed_number "
            f"where {condition} and pattern = sent.value ->> 0",
            (sent.rows, *values),
        )
    own = _own_numbers(tx, account_id, sent)
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


def _own_numbers(tx: Transaction, account_id: int, sent: SentRows) -> list[Row]:
    columns = "number_key, phone_number_id, name"
    near = tx.all(
        f"select {columns} from phone_number where account_id = ? "
        "and number_key between ? and ? limit ?",
        (account_id, sent.first, sent.last, NEAR + 1),
    )
    if len(near) <= NEAR:
        return near
    return tx.all(
        f"select {columns} from {tx.sent_rows} cross join phone_number "
        "where account_id = ? and number_key = sent.value ->> 0",
        (sent.rows, account_id),
    )


def _near(
    tx: Transaction, select: str, values: Sequence[Value], sent: SentRows
) -> list[Row] | None:
    """Return what stands between the first and the last of rows, or None where that is much."""
    found = tx.all(
        f"{select} and pattern between ? and ? limit ?",
        (*values, sent.first, sent.last, NEAR + 1),
    )
    return found if len(found) <= NEAR else None
