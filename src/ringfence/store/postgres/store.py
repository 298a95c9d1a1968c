"""The scale-out store: PostgreSQL through psycopg, a pool of connections and one of threads.

It keeps the contract of `database.py` where the server may die, be replaced by its standby, or
freeze: `patience.py` says what is tried again and until when, `commit_marks.py` how a commit is
told from its loss, `connection.py` how a silent server is given up.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic

import psycopg
from psycopg import RawCursor, RawServerCursor, errors
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from ringfence.errors import Unavailable
from ringfence.store.database import Job, Row, StoreFacts, T, Value
from ringfence.store.postgres.commit_marks import CommitMarks, Write
from ringfence.store.postgres.connection import BoundedConnection, PostgresTransaction
from ringfence.store.postgres.patience import Patience, explain, is_gone, is_unavailable

LONGEST_WAIT_FOR_CONNECTION_S = 0.5
"""A pool that gave up tries to connect again only when somebody asks it again."""

_SESSION = """
select set_config('statement_timeout', $1, false),
       set_config('idle_in_transaction_session_timeout', $1, false),
       set_config('default_transaction_read_only', 'on', false),
       set_config('synchronous_commit', case current_setting('synchronous_commit')
         when 'off' then 'on' else current_setting('synchronous_commit') end, false)
"""
"""A read of one statement has no `begin` that says `read only`. That commits are durable is said
even where it is so: the server's settings may change while we are connected.
"""
_STATEMENT_SHARE = 0.8
"""How much of a request's time a statement may take: the server gives up before we hang up."""

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
    """One PostgreSQL database, reached through at most `connections` connections."""

    def __init__(self, parameters: Mapping[str, str], connections: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._patience = Patience(timeout_s)
        self._marks = CommitMarks()
        self._generation = 0
        self._draining = threading.Lock()
        self._jobs_waiting = 0
        self._counting = threading.Lock()
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="store")
        self._pool = ConnectionPool(
            kwargs={**parameters, "autocommit": True, "cursor_factory": RawCursor},
            connection_class=BoundedConnection,
            min_size=1,
            max_size=connections,
            configure=self._configure,
            reconnect_timeout=LONGEST_WAIT_FOR_CONNECTION_S,
            name="ringfence",
            open=True,
        )

    def read(self, work: Callable[[PostgresTransaction], T]) -> T:
        """Return what `work` makes of one consistent state."""
        return self._patience.keep_trying(partial(self._read, work))

    def write(self, work: Callable[[PostgresTransaction], T]) -> T:
        """Return what `work` returned, once its changes are durable."""
        write: Write[T] = self._marks.next_write()
        try:
            return self._patience.keep_trying(partial(self._write, work, write))
        finally:
            self._marks.ended(write)

    def perform(self, jobs: Sequence[Job]) -> None:
        """Run each of `jobs` in a thread of the pool; see the contract of Store."""
        deadline = self._patience.new_deadline()
        try:
            for job in jobs:
                self._threads.submit(self._run, job, deadline)
                self._count(1)
        except RuntimeError as error:
            raise Unavailable(reason="it is closing") from error

    def give_way(self, timeout_s: float) -> None:
        """Return at once: the threads wait for the server, they do not compute."""

    def describe(self) -> StoreFacts:
        """Return what the store is, whichever schema it has."""
        return self.read(PostgresTransaction.describe)

    def stats(self) -> Mapping[str, int]:
        """Return how many jobs wait for a thread, and how the connections are used."""
        pool = self._pool.get_stats()
        return {
            "jobs_waiting": self._jobs_waiting,
            "connections": pool.get("pool_size", 0),
            "connections_idle": pool.get("pool_available", 0),
            "connection_errors": pool.get("connections_errors", 0),
            "connections_lost": pool.get("returns_bad", 0),
        }

    def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        self._threads.shutdown()
        self._pool.close()

    def _run(self, job: Job, deadline: float) -> None:
        result, error = None, None
        with self._patience.until(deadline):
            try:
                result = job.work()
            except BaseException as raised:  # noqa: BLE001  it is raised again where somebody waits
                error = raised
        self._count(-1)
        _tell(job, result, error)

    def _count(self, more: int) -> None:
        with self._counting:
            self._jobs_waiting += more

    def _read(self, work: Callable[[PostgresTransaction], T], deadline: float) -> T:
        with self._connection(deadline) as connection:
            try:
                return _in_one_state(work, connection)
            except errors.ReadOnlySqlTransaction as error:
                # The work wrote; no other server and no later moment would let it.
                raise Unavailable(reason=explain(error)) from error

    def _write(
        self, work: Callable[[PostgresTransaction], T], write: Write[T], deadline: float
    ) -> T:
        with self._connection(deadline) as connection:
            return _in_transaction(work, write, PostgresTransaction(connection))

    @contextmanager
    def _connection(self, deadline: float) -> Iterator[BoundedConnection]:
        timeout_s = min(max(0.0, deadline - monotonic()), LONGEST_WAIT_FOR_CONNECTION_S)
        connection = self._pool.getconn(timeout_s)
        connection.deadline = deadline
        try:
            yield connection
        except Exception as error:
            if is_unavailable(error):
                self._discard(connection, error)
            raise
        finally:
            connection.deadline = None
            self._pool.putconn(connection)

    def _discard(self, connection: BoundedConnection, error: Exception) -> None:
        """Close a connection that failed, and where the server is gone those made before too."""
        was_closed = is_gone(error)
        connection.close()
        with self._draining:
            is_first = was_closed and connection.generation == self._generation
            self._generation += is_first
        if is_first:
            _log.warning("the connection to PostgreSQL was lost: %s", explain(error))
            self._pool.drain()

    def _configure(self, connection: BoundedConnection) -> None:
        connection.generation = self._generation
        connection.server_cursor_factory = RawServerCursor
        connection.add_notice_handler(connection.note)
        connection.deadline = monotonic() + self._timeout_s
        try:
            limit = f"{self._timeout_s * _STATEMENT_SHARE:.3f}s"
            connection.execute(_SESSION, (limit,))
        finally:
            connection.deadline = None


def _tell(job: Job, result: object, error: BaseException | None) -> None:
    try:
        job.deliver(result, error)
    except Exception:  # noqa: BLE001  nobody looks at what becomes of this thread's work
        _log.exception("nobody could be told what came of a job")


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
    work: Callable[[PostgresTransaction], T], write: Write[T], tx: PostgresTransaction
) -> T:
    tx.run("begin isolation level read committed read write")
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
