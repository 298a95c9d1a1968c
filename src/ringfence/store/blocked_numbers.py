"""The entries of block number groups in the database: numbers, prefixes, `withheld`.

An entry of a deleted group is none: no function here returns it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from ringfence.model.block_groups import Mode
from ringfence.model.blocked_numbers import BlockedEntry, FoundBlock
from ringfence.model.changes import Origin
from ringfence.model.patterns import kind_of
from ringfence.store.accounts import next_id
from ringfence.store.block_groups import IS_THERE
from ringfence.store.database import Row, Transaction
from ringfence.store.entry_hits import has_hits
from ringfence.store.times import from_ms, from_optional_ms, to_ms, to_optional_ms

T = TypeVar("T")

MARKS = 500
"""How many values one statement looks up at most."""

_LIVE = "(expires_at is null or expires_at > ?)"
_HELD_BY_GROUP = "held join block_group using (account_id, block_group_id)"
_BATCH_COLUMNS = "batch.reason, batch.created_at, batch.door, batch.key_id"
_HIT_COLUMNS = "coalesce(entry_hit.hits, 0), entry_hit.last_hit_at"
_WITH_HITS = "left join entry_hit using (account_id, pattern, block_group_id)"


class Entry(NamedTuple):
    """An entry as the database has it; the moment in milliseconds, None for good."""

    block_group_id: int
    pattern: str
    expires_at: int | None
    batch_id: int

    def is_live(self, at: datetime) -> bool:
        """Whether the entry counts at the moment `at`."""
        return self.expires_at is None or self.expires_at > to_ms(at)


class Span(NamedTuple):
    """Patterns from `low` up to but without `high`, of which those up to `after` were seen."""

    low: str
    high: str
    after: str | None = None

    def condition(self) -> tuple[str, tuple[str, str]]:
        """Return the condition of SQL, one lower bound only, so that an index can begin there."""
        if self.after is None or self.after < self.low:
            return "pattern >= ? and pattern < ?", (self.low, self.high)
        return "pattern > ? and pattern < ?", (self.after, self.high)


def insert_batch(tx: Transaction, account_id: int, origin: Origin, reason: str = "") -> int:
    """Store who changes blocked numbers, and why; return the id to put beside each."""
    batch_id = next_id(tx, account_id, "last_batch_id")
    tx.run(
        "insert into batch (account_id, batch_id, door, key_id, created_at, reason) "
        "values (?, ?, ?, ?, ?, ?)",
        (account_id, batch_id, origin.door, origin.key_id, to_ms(origin.at), reason),
    )
    return batch_id


def _held(patterns: Sequence[str], condition: str) -> str:
    """Return the beginning of a statement that looks entries up first, as `held`.

    PostgreSQL without statistics, as after a first load, takes an account for one group, and would
    look the patterns up once for each of its groups.
    """
    return (
        "with held as materialized (select account_id, pattern, block_group_id, expires_at, "
        "batch_id from blocked_number "
        f"where account_id = ? and pattern in ({marks(patterns)}) {condition})"
    )


def select_reasons(tx: Transaction, account_id: int, batch_ids: Sequence[int]) -> dict[int, str]:
    """Return why the numbers of batches were blocked, by the ids of those that say it."""
    rows: list[Row] = []
    for some in in_chunks(batch_ids):
        rows += tx.all(
            f"select batch_id, reason from batch where account_id = ? and batch_id in "
            f"({marks(some)}) and reason <> ''",
            (account_id, *some),
        )
    return {row[0]: row[1] for row in rows}


def upsert_blocked_numbers(
    tx: Transaction,
    account_id: int,
    block_group_id: int,
    patterns: Iterable[str],
    expires_at: datetime | None,
    batch_id: int,
) -> None:
    """Put patterns into a group; those there already take the new expiry."""
    until = to_optional_ms(expires_at)
    tx.run_many(
        "insert into blocked_number (account_id, pattern, block_group_id, expires_at, batch_id) "
        "values (?, ?, ?, ?, ?) on conflict (account_id, pattern, block_group_id) "
        "do update set expires_at = excluded.expires_at, batch_id = excluded.batch_id",
        [(account_id, pattern, block_group_id, until, batch_id) for pattern in patterns],
    )


def delete_blocked_numbers(
    tx: Transaction, account_id: int, block_group_id: int, patterns: Iterable[str]
) -> None:
    """Take patterns out of a group, expired ones too, with how often they blocked."""
    rows = [(account_id, pattern, block_group_id) for pattern in sorted(patterns)]
    of_entry = "account_id = ? and pattern = ? and block_group_id = ?"
    tx.run_many(f"delete from blocked_number where {of_entry}", rows)
    if has_hits(tx, account_id):
        tx.run_many(f"delete from entry_hit where {of_entry}", rows)


def select_entries(
    tx: Transaction, account_id: int, patterns: Sequence[str], block_group_id: int | None = None
) -> list[Entry]:
    """Return the entries of patterns, expired ones too, of one group, or of all where it is None.

    Only of groups that are there.
    """
    own: str = ""
    values: tuple[int, ...] = ()
    if block_group_id is not None:
        own, values = "and block_group_id = ?", (block_group_id,)
    rows: list[Row] = []
    for some in in_chunks(patterns):
        rows += tx.all(
            f"{_held(some, own)} select block_group_id, pattern, held.expires_at, held.batch_id "
            f"from {_HELD_BY_GROUP} where {IS_THERE}",
            (account_id, *some, *values),
        )
    return [Entry(*row) for row in rows]


def select_found_blocks(
    tx: Transaction,
    account_id: int,
    patterns: Sequence[str],
    after: tuple[str, int],
    limit: int,
    at: datetime,
) -> list[FoundBlock]:
    """Return live entries of any of `patterns`, by pattern and group, behind the place `after`."""
    # Looking up the few patterns still to come is what an index can do best: the condition on
    # both values is written so that none is used for it.
    ahead = [pattern for pattern in patterns if pattern >= after[0]]
    if not ahead:
        return []
    rows = tx.all(
        f"{_held(ahead, f'and (pattern > ? or block_group_id > ?) and {_LIVE}')} "
        f"select pattern, block_group_id, held.expires_at, {_BATCH_COLUMNS}, "
        f"{_HIT_COLUMNS}, block_group.name, block_group.mode from {_HELD_BY_GROUP} "
        f"join batch using (account_id, batch_id) {_WITH_HITS} where {IS_THERE} "
        "order by pattern, block_group_id limit ?",
        (account_id, *ahead, *after, to_ms(at), limit),
    )
    return [FoundBlock(_read_entry(row[:9]), row[9], Mode(row[10])) for row in rows]


def select_group_entries(
    tx: Transaction, account_id: int, block_group_id: int, span: Span, limit: int
) -> list[BlockedEntry]:
    """Return up to `limit` entries of a group, expired ones too, by pattern."""
    condition, values = span.condition()
    # Limited before anything is joined, so that no plan reads the whole group; and found by the
    # columns of the index alone, or SQLite walks the table, past the numbers of other groups.
    rows = tx.all(
        f"select pattern, block_group_id, blocked_number.expires_at, {_BATCH_COLUMNS}, "
        f"{_HIT_COLUMNS} from "
        "(select account_id, block_group_id, pattern from blocked_number "
        f"where account_id = ? and block_group_id = ? and {condition} "
        "order by pattern limit ?) as place "
        "join blocked_number using (account_id, block_group_id, pattern) "
        f"join batch using (account_id, batch_id) {_WITH_HITS} order by pattern",
        (account_id, block_group_id, *values, limit),
    )
    return [_read_entry(row) for row in rows]


def marks(values: Sequence[object]) -> str:
    """Return the marks of `values` in a statement."""
    return ", ".join("?" * len(values))


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `values` in parts of which each fits into one statement."""
    for start in range(0, len(values), MARKS):
        yield values[start : start + MARKS]


def _read_entry(row: Row) -> BlockedEntry:
    pattern, block_group_id, expires_at, reason, added_at, door, key_id, hits, last_hit_at = row
    until, added = from_optional_ms(expires_at), from_ms(added_at)
    return BlockedEntry(
        *(pattern, kind_of(pattern), block_group_id, until, reason, added, door, key_id),
        *(int(hits), from_optional_ms(last_hit_at)),
    )
