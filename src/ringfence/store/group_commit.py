"""One writer thread, and one commit for all who wait.

SQLite has one writer at a time, and a durable commit costs a flush of the disk. So every write
goes to one thread: it takes all that are waiting, runs each in a savepoint of its own, and
commits once. Alone, a write is committed at once; nobody ever waits for company.

What holds, whatever happens:

- `write` returns only after the commit that holds its work has returned.
- Work that raises is rolled back to its savepoint; the others in the batch are not touched.
- Where the commit itself fails, or SQLite gave up the whole transaction (a full disk does that),
  everyone in the batch gets Unavailable and nothing of the batch is kept.
- `close` commits what was handed in before it; a later `write` raises Unavailable.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic

import apsw

from ringfence.errors import Unavailable
from ringfence.store.database import T

if TYPE_CHECKING:
    from ringfence.store.sqlite import SqliteTransaction

MAX_BATCH = 256


class _Job(Generic[T]):
    """One write that somebody waits for."""

    def __init__(self, work: "Callable[[SqliteTransaction], T]") -> None:
        self._work = work
        self._result: T
        self._error: BaseException | None = None
        # A lock is the cheapest signal for one waiter: a Future costs several times as much.
        self._pending = threading.Lock()
        self._pending.acquire()

    def run(self, transaction: "SqliteTransaction") -> None:
        """Do the work in a savepoint; keep its result or its error for the waiter."""
        execute = transaction.connection.execute
        execute("savepoint job")
        try:
            self._result = self._work(transaction)
        except Exception as error:  # noqa: BLE001  it is raised again in the waiter's thread
            self._error = error
            _give_up_if_lost(transaction.connection, error)
            execute("rollback to job")
        execute("release job")

    def fail(self, error: BaseException) -> None:
        """Replace whatever came of the work: it was not kept."""
        self._error = error

    def deliver(self) -> None:
        """Let the waiter go."""
        self._pending.release()

    def wait(self) -> T:
        """Return what the work returned, or raise what it raised, once it is settled."""
        self._pending.acquire()
        if self._error is not None:
            raise self._error
        return self._result


class GroupCommit:
    """Owns the writing connection and the thread that uses it."""

    def __init__(self, transaction: "SqliteTransaction") -> None:
        self._transaction = transaction
        self._queue: SimpleQueue[_Job[object] | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, work: "Callable[[SqliteTransaction], T]") -> T:
        """Run `work` in the writer thread; return its result once it is durable."""
        job = _Job(work)
        with self._closing:
            if self._closed:
                raise Unavailable(reason="it is closing")
            self._queue.put(job)  # type: ignore[arg-type]  # the queue never looks at results
        return job.wait()

    def close(self) -> None:
        """Commit what was handed in, then end the thread. May be called twice."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        open_ = True
        while open_:
            batch, open_ = self._take()
            if batch:
                self._settle(batch)

    def _take(self) -> tuple[list[_Job[object]], bool]:
        """Wait for a job, then take all that are there; False once there will be no more."""
        batch: list[_Job[object]] = []
        job = self._queue.get()
        while job is not None:
            batch.append(job)
            if len(batch) == MAX_BATCH:
                return batch, True
            try:
                job = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _settle(self, batch: list[_Job[object]]) -> None:
        try:
            self._commit(batch)
        except BaseException as error:  # noqa: BLE001  the thread must outlive any failure
            for job in batch:
                job.fail(_as_unavailable(error))
        for job in batch:
            job.deliver()

    def _commit(self, batch: list[_Job[object]]) -> None:
        connection = self._transaction.connection
        try:
            connection.execute("begin immediate")
            for job in batch:
                job.run(self._transaction)
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise


def _give_up_if_lost(connection: apsw.Connection, error: Exception) -> None:
    """Raise where SQLite rolled back the whole transaction (https://sqlite.org/lang_transaction.html)."""
    if not connection.in_transaction:
        raise error


def _as_unavailable(error: BaseException) -> Unavailable:
    unavailable = Unavailable(reason=str(error))
    unavailable.__cause__ = error
    return unavailable
