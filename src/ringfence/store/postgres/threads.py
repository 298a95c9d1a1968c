"""The threads that requests run in, each of which waits for the server for one of them."""

import logging
import threading
from collections.abc import Sequence
from queue import SimpleQueue

from ringfence.errors import Unavailable
from ringfence.store.database import Job
from ringfence.store.postgres.patience import Patience

_log = logging.getLogger(__name__)


class Threads:
    """Up to `count` threads, started with the first jobs; what `perform` takes is always told."""

    def __init__(self, count: int, patience: Patience) -> None:
        self._count = count
        self._patience = patience
        self._queue: SimpleQueue[tuple[Job, float] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unsettled = 0
        self._changing = threading.Lock()
        self._closed = False

    @property
    def unsettled(self) -> int:
        """How many jobs were handed in and not told yet."""
        return self._unsettled

    def perform(self, jobs: Sequence[Job]) -> None:
        """Have each of `jobs` run in a thread. Raises Unavailable, and then runs none."""
        deadline = self._patience.new_deadline()
        with self._changing:
            if self._closed:
                raise Unavailable(reason="it is closing")
            self._start()
            self._unsettled += len(jobs)
            for job in jobs:
                self._queue.put((job, deadline))

    def close(self) -> None:
        """Finish what was handed in, then end the threads. May be called twice."""
        with self._changing:
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        """Start the threads that are missing: all, or those that the machine refused before."""
        while len(self._threads) < self._count:
            name = f"store-{len(self._threads)}"
            thread = threading.Thread(target=self._serve, name=name, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                if not self._threads:
                    raise Unavailable(reason=str(error)) from error
                return
            self._threads.append(thread)

    def _serve(self) -> None:
        while (taken := self._queue.get()) is not None:
            self._run(*taken)

    def _run(self, job: Job, deadline: float) -> None:
        result, error = None, None
        with self._patience.until(deadline):
            try:
                result = job.work()
            except BaseException as raised:  # noqa: BLE001  it is raised again where somebody waits
                error = raised
        with self._changing:
            self._unsettled -= 1
        try:
            job.deliver(result, error)
        except Exception:  # noqa: BLE001  one who cannot be told must not silence the others
            _log.exception("nobody could be told what came of a job")
