"""From the event loop to the store's threads and back, with a bound on how many may wait.

Every hand-over between threads is paid for with a switch of the interpreter lock. So requests
that arrive in the same turn of the loop are handed over together at its end, and answers that are
ready together come back in one wake-up; and the loop lets the store finish computing, for at most
two milliseconds, before it goes on. No timer is involved: a lone request goes at once. What that
gains is told in docs/performance.md.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from ringfence.errors import Unavailable
from ringfence.store import OpenStore
from ringfence.store.database import Job

T = TypeVar("T")

GIVE_WAY_S = 0.002
"""How long the loop stands still at most, while the store computes for other requests."""


class Handover:
    """Runs requests where the store wants them; a stalled store cannot fill the memory.

    `aside` is for a door whose requests may compute for long. Where `gives_way` is false the loop
    goes on at once: that is for work that nobody waits for.
    """

    def __init__(
        self, store: OpenStore, max_waiting: int, *, aside: bool = False, gives_way: bool = True
    ) -> None:
        self._give_way = store.give_way if gives_way else _go_on
        self._perform = store.perform_aside if aside else store.perform
        self._most = self._room = max_waiting
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handed_in: list[Job] = []
        self._settled: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._waking = False

    @property
    def waiting(self) -> int:
        """How many requests wait now."""
        return self._most - self._room

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, once all it wrote is durable.

        Raises what `work` raises, and Unavailable where too many wait already.
        """
        if self._room == 0:
            raise Unavailable(reason="too many requests are waiting")
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._begin(loop)
        outcome: asyncio.Future[T] = loop.create_future()
        if not self._handed_in:
            loop.call_soon(self._hand_over)
        self._handed_in.append(Job(work, partial(self._deliver, outcome)))
        self._room -= 1
        try:
            return await outcome
        finally:
            self._room += 1

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Forget a loop that ended, with whoever waited on it."""
        self._loop = loop
        self._handed_in, self._settled, self._waking = [], deque(), False

    def _hand_over(self) -> None:
        jobs, self._handed_in = self._handed_in, []
        try:
            self._perform(jobs)
        except Exception as error:  # noqa: BLE001  each of those who wait must hear of it
            for job in jobs:
                job.deliver(None, error)
        self._give_way(GIVE_WAY_S)

    def _deliver(
        self, outcome: asyncio.Future[Any], result: object, error: BaseException | None
    ) -> None:
        """Put the outcome down, in the store's thread, and wake the loop once for many."""
        loop = outcome.get_loop()
        if loop is not self._loop:
            return
        self._settled.append((outcome, result, error))
        if self._waking:
            return
        self._waking = True
        with suppress(RuntimeError):  # the loop was closed meanwhile, so nobody waits
            loop.call_soon_threadsafe(self._settle_all)

    def _settle_all(self) -> None:
        self._give_way(GIVE_WAY_S)
        self._waking = False  # first: what is put down from here on wakes the loop again
        while self._settled:
            _settle(*self._settled.popleft())


def _settle(outcome: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if outcome.done():  # whoever waited was cancelled meanwhile
        return
    if error is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(result)


def _go_on(_timeout_s: float) -> None:
    """Wait for nobody."""
