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
from ringfence.store.probes import OF_ACCOUNT, probe
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
    source = ("blocked_number", f"{OF_ACCOUNT} and block_group_id = ?")
    group, columns = (account_id, block_group_id), ("batch_id", "expires_at")
    found = _look_up(tx, source, columns, "pattern", group, sent)
    return [Entry(block_group_id, pattern, until, batch) for pattern, batch, until in found]


def select_protected_rows(
    tx: Transaction, account_id: int, sent: SentRows, at_ms: int
) -> dict[str, Protection]:
    """Return what protects those of rows that the account keeps from being blocked, by pattern.

    Its own phone numbers, and the allowed numbers that are protected at the moment `at_ms`; and
    maybe others near them.
    """
    live = "protected = 1 and (expires_at is null or expires_at > ?)"
    source, mine = ("allowed_number", f"{OF_ACCOUNT} and {live}"), (account_id, at_ms)
    allowed = _look_up(tx, source, ["allowed_number_id"], "pattern", mine, sent)
    own = _look_up(
        *(tx, ("phone_number", OF_ACCOUNT), ("phone_number_id", "name"), "number_key"),
        *((account_id,), sent),
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


def _look_up(
    tx: Transaction,
    source: tuple[str, str],
    columns: Sequence[str],
    key: str,
    values: Sequence[Value],
    sent: SentRows,
) -> list[Row]:
    """Return what `probe` does, and all that is near the rows where that is little."""
    table, condition = source
    near = tx.all(
        f"select {key}, {', '.join(columns)} from {table} "
        f"where {condition} and {key} between ? and ? order by {key} limit ?",
        (*values, sent.first, sent.last, NEAR + 1),
    )
    return near if len(near) <= NEAR else probe(tx, source, columns, key, values, sent.rows)
