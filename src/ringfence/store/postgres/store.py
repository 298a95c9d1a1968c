"""The scale-out store: PostgreSQL through psycopg, a pool of connections and one of threads.

It keeps the contract of `database.py` where the server may die, be replaced by its standby, or
freeze: `patience.py` says what is tried again and until when, `commit_marks.py` how a commit is
told from its loss, `connection.py` how a silent server is given up.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from ringfence.errors import Unavailable
from ringfence.store.database import Job, Row, StoreFacts, T, Value
from ringfence.store.postgres.abandoned_commits import WAITING, AbandonedCommits
from ringfence.store.postgres.commit_marks import CommitMarks, Write
from ringfence.store.postgres.connection import BoundedConnection, PostgresTransaction
from ringfence.store.postgres.connections import Connections
from ringfence.store.postgres.patience import Patience, explain
from ringfence.store.postgres.threads import Threads

LONGEST_READ_S = 600.0
"""How long what reads a whole list may take."""

_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
_log = logging.getLogger(__name__)


class _NeedsSnapshotError(Exception):
    """A second statement was asked of a read that had no transaction yet."""


class _SingleStatement(PostgresTransaction):
    """Reads with one statement, which is one consistent state by itself.

    That spares the transaction around it: two of three journeys to the server.
    """

    used = False

    def _execute(self, sql: str, values: Sequence[Value]) -> psycopg.Cursor[psycopg.rows.TupleRow]:
        if self.used:
            raise _NeedsSnapshotError
        self.used = True
        return super()._execute(sql, values)

    def stream(self, sql: str, values: Sequence[Value] = ()) -> Iterator[Sequence[Row]]:
        # A cursor on the server lives in a transaction.
        raise _NeedsSnapshotError(sql, values)


class PostgresStore:
    """One PostgreSQL database, reached through at most `connections` connections.

    `url` is where another process finds the same store, `parameters` what that says.
    """

    def __init__(
        self, url: str, parameters: Mapping[str, str], connections: int, timeout_s: float
    ) -> None:
        self.url = url
        self._patience = Patience(timeout_s)
        self._marks = CommitMarks()
        self._abandoned = AbandonedCommits(connections, self._count_waiting)
        self._threads = Threads(connections, self._patience)
        self._connections = Connections(parameters, connections, timeout_s)

    file = None

    def read(self, work: Callable[[PostgresTransaction], T]) -> T:
        """Return what `work` makes of one consistent state."""
        return self._patience.keep_trying(partial(self._read, work))

    def read_at_length(self, work: Callable[[PostgresTransaction], T]) -> T:
        """Return what `read` does; each statement still has its time, but not all of them one."""
        with self._patience.until(monotonic() + LONGEST_READ_S):
            return self.read(work)

    def write(self, work: Callable[[PostgresTransaction], T], *, decides: bool = True) -> T:  # noqa: ARG002
        """Return what `work` returned, once its changes are durable; nobody reads nearby."""
        self._abandoned.check()
        write: Write[T] = self._marks.next_write()
        try:
            result = self._patience.keep_trying(partial(self._write, work, write))
        finally:
            self._marks.ended(write)
            if write.is_open():
                self._abandoned.add()
        self._abandoned.forget()
        return result

    def nearby(self, mmap_bytes: int = 0) -> None:
        """Return None: a server is never as near as a file."""

    def perform(self, jobs: Sequence[Job]) -> None:
        """Run each of `jobs` in a thread; see the contract of Store."""
        self._threads.perform(jobs)

    def perform_aside(self, jobs: Sequence[Job]) -> None:
        """Run each of `jobs` in a thread, as `perform` does: none is the writer's here."""
        self._threads.perform(jobs)

    def give_way(self, timeout_s: float) -> None:
        """Return at once: the threads wait for the server, they do not compute."""

    def describe(self) -> StoreFacts:
        """Return what the store is, whichever schema it has."""
        return self.read(PostgresTransaction.describe)

    def stats(self) -> Mapping[str, int]:
        """Return how many jobs are not settled, and how the connections are used."""
        return {"jobs_waiting": self._threads.unsettled, **self._connections.stats()}

    def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        self._threads.close()
        self._connections.close()

    def _count_waiting(self) -> int:
        row = self.read(lambda tx: tx.one(WAITING))
        return int(row[0]) if row else 0

    def _read(self, work: Callable[[PostgresTransaction], T], deadline: float) -> T:
        with self._connections.one(deadline) as connection:
            try:
                return _in_one_state(work, connection)
            except errors.ReadOnlySqlTransaction as error:
                # The work wrote; no other server and no later moment would let it.
                raise Unavailable(reason=explain(error)) from error

    def _write(
        self, work: Callable[[PostgresTransaction], T], write: Write[T], deadline: float
    ) -> T:
        with self._connections.one(deadline) as connection:
            begin = self._connections.begin(deadline)
            return _in_transaction(work, write, PostgresTransaction(connection), begin)


def _in_one_state(work: Callable[[PostgresTransaction], T], connection: BoundedConnection) -> T:
    try:
        return work(_SingleStatement(connection))
    except _NeedsSnapshotError:
        return _in_snapshot(work, connection)


def _in_snapshot(work: Callable[[PostgresTransaction], T], connection: BoundedConnection) -> T:
    tx = PostgresTransaction(connection)
    tx.run("begin isolation level repeatable read read only")
    try:
        return work(tx)
    finally:
        _roll_back(connection)


def _in_transaction(
    work: Callable[[PostgresTransaction], T], write: Write[T], tx: PostgresTransaction, begin: str
) -> T:
    tx.run(begin)
    try:
        if not write.begin(tx):
            tx.commit()
            return write.result
        write.about_to_commit(work(tx))
        tx.commit()
    except BaseException:
        _roll_back(tx.connection)
        raise
    write.done()
    return write.result


def _roll_back(connection: BoundedConnection) -> None:
    """End a transaction; where that cannot be said, the pool closes the connection."""
    with suppress(psycopg.Error):
        if connection.info.transaction_status in _OPEN:
            connection.execute("rollback")
