"""One writer thread, and one commit for all who wait.

SQLite has one writer at a time, and a durable commit costs a flush of the disk. So everything
that writes goes to one thread: it takes all that are waiting, runs them one after the other, each
write in a savepoint of its own, and commits once. Alone, a write is committed at once; nobody
ever waits for company.

Whole requests come here too, not only their writes (`perform`). A request that waited in a thread
of its own, for a write in this one, cost 2.5 times the processor time: with the interpreter lock,
every switch between threads is paid for (docs/performance.md).

What holds, whatever happens:

- Nobody is told of success before the commit that holds their change has returned.
- A write that raises is rolled back to its savepoint; the others of the batch are not touched.
- Where the commit itself fails, or SQLite gave up the whole transaction (a full disk does that),
  everyone in the batch gets Unavailable and nothing of the batch is kept.
- The database is locked at the first write of a batch. While another process holds it, the batch
  waits, once, and what comes behind it; then its writes get Unavailable and the rest goes on.
- `close` finishes what was handed in before it; later jobs raise Unavailable.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic

import apsw

from ringfence.errors import RingfenceError, Unavailable
from ringfence.store.database import Job, T
from ringfence.store.sqlite.log import Log
from ringfence.store.sqlite.marks import change_mark

MAX_BATCH = 256

_log = logging.getLogger(__name__)


class _Outcome:
    """What came of one job, until the batch is settled."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self) -> BaseException | None:
        """Do the work and keep what comes of it; return the error, if there was one."""
        try:
            self._result = self._job.work()
        except Exception as error:  # noqa: BLE001  it is raised again where somebody waits
            self._error = error
        return self._error

    def fail(self, error: BaseException) -> None:
        """Replace whatever came of the work: it was not kept."""
        self._error = error

    def deliver(self) -> None:
        """Tell the one who waits."""
        try:
            self._job.deliver(self._result, self._error)
        except Exception:  # noqa: BLE001  one who cannot be told must not silence the others
            _log.exception("nobody could be told what came of a job")


class GroupCommit:
    """Owns the writing connection and the thread that uses it.

    `after_jobs` is called in that thread when the jobs of a batch have run, before the commit.
    `log` is the log of the file.
    """

    def __init__(self, connection: apsw.Connection, after_jobs: Callable[[], None]) -> None:
        self.log = Log(connection)
        self._connection = connection
        self._after_jobs = after_jobs
        self._queue: SimpleQueue[Sequence[Job] | None] = SimpleQueue()
        self._locked = self._decides = False
        self._refusal: RingfenceError | None = None
        self._computing = threading.Lock()
        self._closing = threading.Lock()
        self._closed = False
        self._handed_in = self._settled = self._batches = self._commits = 0
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    def perform(self, jobs: Sequence[Job]) -> None:
        """Run `jobs` in the writer thread; tell each once all it wrote is durable."""
        with self._closing:
            if self._closed:
                raise Unavailable(reason="it is closing")
            self._handed_in += len(jobs)
            self._queue.put(jobs)

    def write(self, work: Callable[[], T], *, decides: bool = True) -> T:
        """Run `work` in the writer thread; return its result once it is durable.

        Called by work that `perform` runs, it is part of that: it returns at once, and is durable
        when that is delivered. Where nothing of a batch `decides`, readers that hold a state go on
        doing so (nearby.py).
        """
        if self.is_current():
            return self._in_savepoint(work, decides=decides)
        waiter = _Waiter[T]()
        self.perform([Job(lambda: self._in_savepoint(work, decides=decides), waiter.deliver)])
        return waiter.wait()

    def tidy_log(self) -> None:
        """Have the log written back, for nobody is in the way of that now."""
        self.log.expect_tidying()
        with suppress(Unavailable):  # one that is closed leaves it to SQLite
            self.perform([])

    def is_current(self) -> bool:
        """Whether the caller is a job in the writer thread."""
        return threading.current_thread() is self._thread

    def give_way(self, timeout_s: float) -> None:
        """Wait while jobs are run, not while they are committed; at most `timeout_s`."""
        if self._computing.acquire(timeout=timeout_s):
            self._computing.release()

    def stats(self) -> Mapping[str, int]:
        """Return how many jobs wait for their outcome now; batches and commits so far."""
        return {
            "jobs_waiting": self._handed_in - self._settled,
            "batches": self._batches,
            "commits": self._commits,
        }

    def close(self) -> None:
        """Finish what was handed in, then end the thread. May be called twice."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        more = True
        while more:
            batch, more = self._take()
            self._settle(batch)

    def _take(self) -> tuple[list[_Outcome], bool]:
        """Wait for jobs, then take all that are there; False once there will be no more."""
        batch: list[_Outcome] = []
        jobs = self._queue.get()
        while jobs is not None:
            batch += map(_Outcome, jobs)
            if len(batch) >= MAX_BATCH:
                return batch, True
            try:
                jobs = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _settle(self, batch: list[_Outcome]) -> None:
        self._refusal = None
        try:
            self._run(batch)
        except BaseException as error:  # noqa: BLE001  the thread must outlive any failure
            _log.error("a batch of %d was not kept", len(batch), exc_info=error)
            for outcome in batch:
                outcome.fail(_as_unavailable(error))
        self._batches += bool(batch)
        self._settled += len(batch)
        for outcome in batch:
            outcome.deliver()
        self.log.tidy()

    def _run(self, batch: list[_Outcome]) -> None:
        try:
            with self._computing:
                self._run_jobs(batch)
            if self._locked:
                if self._decides:
                    change_mark(self._connection)
                self._connection.execute("commit")
                self._commits += 1
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise
        finally:
            self._locked = self._decides = False

    def _run_jobs(self, batch: list[_Outcome]) -> None:
        try:
            for outcome in batch:
                self._give_up_if_lost(outcome.run())
        finally:
            self._after_jobs()

    def _in_savepoint(self, work: Callable[[], T], *, decides: bool) -> T:
        self._lock()
        execute, changed = self._connection.execute, self._connection.total_changes
        before = changed()
        execute("savepoint job")
        try:
            result = work()
        except BaseException:
            if self._connection.in_transaction:
                execute("rollback to job")
                execute("release job")
            raise
        execute("release job")
        self._decides = self._decides or (decides and changed() != before)
        return result

    def _lock(self) -> None:
        """Begin the batch's transaction at its first write; wait for the lock only once."""
        if self._refusal is not None:
            raise self._refusal
        if self._locked:
            return
        self._computing.release()  # nobody has to give way to one who waits for a lock
        try:
            self._connection.execute("begin immediate")
        except apsw.Error as error:
            self._refusal = _as_unavailable(error)
            raise self._refusal from error
        finally:
            self._computing.acquire()
        self._locked = True

    def _give_up_if_lost(self, error: BaseException | None) -> None:
        """Raise where SQLite rolled back the whole transaction by itself.

        Some failures do that: https://sqlite.org/lang_transaction.html, section 3.
        """
        if self._locked and not self._connection.in_transaction:
            reason = f"the database gave up the transaction: {error}"
            raise Unavailable(reason=reason) from error


class _Waiter(Generic[T]):
    """Lets one thread wait for one job."""

    def __init__(self) -> None:
        self._result: T
        self._error: BaseException | None = None
        # A lock is the cheapest signal for one waiter: a Future costs several times as much.
        self._pending = threading.Lock()
        self._pending.acquire()

    def deliver(self, result: T, error: BaseException | None) -> None:
        self._result, self._error = result, error
        self._pending.release()

    def wait(self) -> T:
        self._pending.acquire()
        if self._error is not None:
            raise self._error
        return self._result


def _as_unavailable(error: BaseException) -> RingfenceError:
    if isinstance(error, RingfenceError):
        return error
    unavailable = Unavailable(reason=str(error))
    unavailable.__cause__ = error
    return unavailable
