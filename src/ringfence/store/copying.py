"""A whole store copied into another, whichever databases the two are on.

The source shows one consistent state while others go on writing to it; the target takes all of it
in one transaction or nothing. Only what every database offers is used: rows streamed here are
loaded there, table by table, counted on both sides before the target commits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from ringfence.errors import CopyFailed, StoreNotEmpty, Unavailable
from ringfence.store.database import Clash, Readable, Row, Store, Transaction
from ringfence.store.schema import check_same
from ringfence.store.tables import NODE_LOCAL, TABLES, Table

OnProgress = Callable[[int, int], None]
"""Told how many rows are copied and how many there are; called in the target's thread."""


@dataclass(frozen=True, slots=True)
class TableCount:
    """How many rows a table has in the source and in the target."""

    table: str
    source: int
    target: int


def copy_store(source: Readable, target: Store, on_progress: OnProgress) -> list[TableCount]:
    """Copy every row of `source` into `target` and return how many, by table.

    Raises StoreTooNew where a newer version has upgraded `source`, and be it with steps that suit
    this one too: it may have tables that would be left out. Raises StoreNotEmpty where the target
    holds anything, CopyFailed where a table did not arrive as it left, Unavailable; the target is
    then as it was.
    """
    return source.read(lambda tx: _Copy(tx, on_progress).into(target))


def count_rows(transaction: Transaction, names: Sequence[str]) -> dict[str, int]:
    """Return how many rows each of the tables called `names` has, in the order of TABLES."""
    order = [table.name for table in TABLES]
    known = [name for name in order if name in names]
    others = sorted(set(names) - set(order) - NODE_LOCAL)
    return {name: _count(transaction, name) for name in (*known, *others)}


class _Copy:
    """One copy, which may be left (Ctrl-C) while the target's own thread is still at it."""

    def __init__(self, source: Transaction, on_progress: OnProgress) -> None:
        check_same(source)
        self._source = source
        self._on_progress = on_progress
        self._expected: Mapping[str, int] = count_rows(source, [table.name for table in TABLES])
        self._total = sum(self._expected.values())
        self._done = 0
        self._running = Lock()
        self._left = False

    def into(self, target: Store) -> list[TableCount]:
        """Copy everything in one transaction of `target`."""
        try:
            return target.write(self._run)
        except BaseException:
            self._left = True
            # The source's transaction ends when this returns: nobody may be reading it then.
            with self._running:
                raise

    def _run(self, target: Transaction) -> list[TableCount]:
        with self._running:
            self._check_wanted()
            target.lock_accounts()
            _check_empty(target)
            self._done = 0
            return [self._load(table, target) for table in TABLES]

    def _load(self, table: Table, target: Transaction) -> TableCount:
        chunks = self._counted(self._source.stream(table.select_all))
        try:
            target.load(table.name, table.columns, chunks)
        except Clash as clash:
            raise CopyFailed(name=table.name, reason=str(clash)) from clash
        count = TableCount(table.name, self._expected[table.name], _count(target, table.name))
        if count.target != count.source:
            reason = f"{count.target} of {count.source} rows arrived"
            raise CopyFailed(name=table.name, reason=reason)
        return count

    def _counted(self, chunks: Iterator[Sequence[Row]]) -> Iterator[Sequence[Row]]:
        for rows in chunks:
            self._check_wanted()
            yield rows
            self._done += len(rows)
            self._on_progress(self._done, self._total)

    def _check_wanted(self) -> None:
        if self._left:
            raise Unavailable(reason="the copy was interrupted")


def _check_empty(target: Transaction) -> None:
    for table in TABLES:
        if target.one(f"select 1 from {table.name} limit 1") is not None:
            raise StoreNotEmpty


def _count(transaction: Transaction, name: str) -> int:
    row = transaction.one(f"select count(*) from {name}")
    assert row is not None, "a count is always one row"
    return int(row[0])
