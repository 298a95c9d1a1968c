"""Threads for requests that compute for long, so that the writer thread goes on meanwhile."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ringfence.errors import Unavailable
from ringfence.store.database import Job

THREADS = 4
"""How many there are: each has a connection of its own to read with, and its cache."""

_log = logging.getLogger(__name__)


class AsideThreads:
    """A few threads, started as they are needed; what `perform` takes is always told."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="store-aside")

    def perform(self, jobs: Sequence[Job]) -> None:
        """Have each of `jobs` run in a thread. What comes too late is told that it is."""
        for job in jobs:
            try:
                self._pool.submit(_run, job)
            except RuntimeError as error:
                job.deliver(None, Unavailable(reason=f"it is closing: {error}"))

    def close(self) -> None:
        """Finish what was handed in, then end the threads. May be called twice."""
        self._pool.shutdown()


def _run(job: Job) -> None:
    result, error = None, None
    try:
        result = job.work()
    except BaseException as raised:  # noqa: BLE001  it is raised again where somebody waits
        error = raised
    try:
        job.deliver(result, error)
    except Exception:  # noqa: BLE001  one who cannot be told must not silence the others
        _log.exception("nobody could be told what came of a job")
