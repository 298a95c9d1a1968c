"""Threads for requests that compute for long, so that the writer thread goes on meanwhile.

Few compute at a time, for they share one interpreter lock with everybody else. One that waits for
the writer does not compute: it lets another in meanwhile, so that writes which wait for a lock of
the file hold up nobody who reads.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ringfence.errors import Unavailable
from ringfence.store.database import Job

THREADS = 64
"""How many requests are under way at most, those that wait for the writer included."""

COMPUTING = 4
"""How many compute at a time."""

_log = logging.getLogger(__name__)


class AsideThreads:
    """Threads that are started as they are needed; what `perform` takes is always told."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="store-aside")
        self._turns = threading.Semaphore(COMPUTING)
        self._here = threading.local()

    def perform(self, jobs: Sequence[Job]) -> None:
        """Have each of `jobs` run in a thread. What comes too late is told that it is."""
        for job in jobs:
            try:
                self._pool.submit(self._run, job)
            except RuntimeError as error:
                job.deliver(None, Unavailable(reason=f"it is closing: {error}"))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let another compute while the caller waits, if the caller is one of these threads."""
        if not getattr(self._here, "computes", False):
            yield
            return
        self._turns.release()
        try:
            yield
        finally:
            self._turns.acquire()

    def close(self) -> None:
        """Finish what was handed in, then end the threads. May be called twice."""
        self._pool.shutdown()

    def _run(self, job: Job) -> None:
        result, error = None, None
        with self._turns:
            self._here.computes = True
            try:
                result = job.work()
            except BaseException as raised:  # noqa: BLE001  it is raised again where somebody waits
                error = raised
            self._here.computes = False
        try:
            job.deliver(result, error)
        except Exception:  # noqa: BLE001  one who cannot be told must not silence the others
            _log.exception("nobody could be told what came of a job")
