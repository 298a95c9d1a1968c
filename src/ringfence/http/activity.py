"""What became of calls, from the event loop into the store: calls never wait for it.

A call puts a row into a queue, and that is all that it costs. The queue is emptied into the store
beside the calls, many rows a transaction, for that is what makes them cheap. A store that is away
keeps the rows waiting; where the queue is full, what comes is dropped and counted.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

import structlog

from ringfence.core.activity import store_screenings
from ringfence.errors import Unavailable
from ringfence.http.handover import Handover
from ringfence.http.metrics import Metrics
from ringfence.model.calls import Screened
from ringfence.store import Store

MAX_QUEUED = 10_000
"""How many rows wait at most: some megabytes, and half a second of 20,000 calls a second."""

BATCH = 2_000
"""How many rows go in one transaction: those of one account share a page of the database."""

PAUSE_S = 0.25
"""How long a row waits for company."""

GIVE_UP_S = 5.0
"""How long the end of the server waits for a store that is away."""

TELL_EVERY = timedelta(minutes=1)
"""How often it is told that rows were dropped."""

_log = structlog.get_logger("ringfence.activity")


class Activity:
    """Takes what became of calls, and stores it while it is `running`."""

    def __init__(self, store: Store, handover: Handover, clock: Callable[[], datetime]) -> None:
        self._store, self._handover, self._clock = store, handover, clock
        self._queue: deque[Screened] = deque()
        self._dropped = self._told_dropped = 0
        self._told_at: datetime | None = None
        self._away = False
        self._draining = asyncio.Lock()
        self._count: Callable[[Counter[str], float], None] = _count_nothing

    @property
    def queued(self) -> int:
        """How many rows wait to be stored."""
        return len(self._queue)

    @property
    def dropped(self) -> int:
        """How many rows were dropped since the start."""
        return self._dropped

    def tell(self, metrics: Metrics) -> None:
        """Let the figures follow what happens here."""
        metrics.follow("activity_queued", "Screenings that wait to be stored.", lambda: self.queued)
        dropped = "Screenings that were not stored, for too many waited."
        metrics.follow("activity_dropped", dropped, lambda: self.dropped)
        self._count = metrics.count_screenings

    def record(self, screened: Screened) -> None:
        """Keep what became of a call. Called on the event loop; never waits and never raises."""
        if len(self._queue) < MAX_QUEUED:
            self._queue.append(screened)
        else:
            self._drop(1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Store what is recorded for as long as the context lasts, and at its end what is left."""
        stopping = asyncio.Event()
        task = asyncio.create_task(self._run(stopping))
        try:
            yield
        finally:
            stopping.set()
            await task
            await self._store_the_rest()

    async def drain(self) -> None:
        """Store everything that waits now. Where the store cannot take it, it goes on waiting."""
        async with self._draining:
            left = len(self._queue)
            while left > 0:
                batch = list(islice(self._queue, min(left, BATCH)))
                if not await self._is_done(batch):
                    return
                for _ in batch:
                    self._queue.popleft()
                left -= len(batch)

    async def _run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PAUSE_S)

    async def _store_the_rest(self) -> None:
        tries_end = asyncio.get_running_loop().time() + GIVE_UP_S
        await self.drain()
        while self._queue and asyncio.get_running_loop().time() < tries_end:
            await asyncio.sleep(PAUSE_S)
            await self.drain()
        if self._queue:
            _log.error("screenings were not stored", rows=len(self._queue))

    async def _is_done(self, batch: Sequence[Screened]) -> bool:
        """Store a batch; return False where it has to be tried again."""
        try:
            await self._handover.run(partial(store_screenings, self._store, batch))
        except Unavailable as error:
            if not self._away:
                self._away = True
                _log.warning("screenings cannot be stored now, and wait", reason=str(error))
            return False
        except Exception:  # noqa: BLE001  others come behind these, which would fail again
            _log.exception("screenings could not be stored", rows=len(batch))
            self._dropped += len(batch)
            return True
        self._away = False
        self._count(
            Counter(each.disposition.value for each in batch),
            sum(each.latency_us for each in batch) / 1_000_000,
        )
        return True

    def _drop(self, rows: int) -> None:
        self._dropped += rows
        now = self._clock()
        if self._told_at is not None and now - self._told_at < TELL_EVERY:
            return
        rows, self._told_dropped = self._dropped - self._told_dropped, self._dropped
        self._told_at = now
        _log.warning("screenings are dropped, for too many wait", rows=rows)


def _count_nothing(_screenings: Counter[str], _seconds: float) -> None:
    """Count for nobody."""
