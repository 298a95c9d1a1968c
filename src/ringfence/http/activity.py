"""What became of calls, from the event loop into the store: calls never wait for it.

A call puts a row down, by its account, and that is all that it costs. The rows go into the store
beside the calls, many in a transaction: those of one account fall on the same pages of the
database. After each transaction the store rests for three times as long as that took: calls come
first, and where very many call, rows gather, and each costs less. It does not rest where nobody
called meanwhile, or where half of what may wait does. A store that is away keeps them waiting;
where too many wait, what comes is dropped and counted.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from ringfence.core.activity import store_screenings
from ringfence.errors import Unavailable
from ringfence.http.handover import Handover
from ringfence.http.metrics import Metrics
from ringfence.model.calls import Screened
from ringfence.store import Store

MAX_QUEUED = 40_000
"""How many rows wait at most: some 30 MB, and two seconds of 20,000 calls a second."""

BATCH = 2_000
"""How many rows go in one transaction."""

REST = 3
"""How many times as long as a batch took the store rests after it."""

PAUSE_S = 0.25
"""How long a row waits for company."""

GIVE_UP_S = 5.0
"""How long the end of the server waits for a store that is away."""

TELL_EVERY = timedelta(minutes=1)
"""How often it is told that rows were dropped."""

_log = structlog.get_logger("ringfence.activity")


Rest = Callable[[float], Awaitable[None]]


async def _do_not_rest(_seconds: float) -> None:
    """Go on at once."""


class Activity:
    """Takes what became of calls, and stores it while it is `running`."""

    def __init__(self, store: Store, handover: Handover, clock: Callable[[], datetime]) -> None:
        self._store, self._handover, self._clock = store, handover, clock
        self._queued = 0
        self._rows: dict[int, list[Screened]] = {}
        # What is being stored: the same rows again until it is known that they are.
        self._batch: list[Screened] = []
        self._dropped = self._told_dropped = 0
        self._told_at: datetime | None = None
        self._away = False
        self._draining = asyncio.Lock()
        self._count: Callable[[Counter[str], float], None] = _count_nothing

    @property
    def queued(self) -> int:
        """How many rows wait to be stored."""
        return self._queued

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
        if self._queued >= MAX_QUEUED:
            self._drop(1)
            return
        self._queued += 1
        rows = self._rows.get(screened.account_id)
        if rows is None:
            self._rows[screened.account_id] = [screened]
        else:
            rows.append(screened)

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

    async def drain(self, rest: Rest = _do_not_rest) -> None:
        """Store everything that waits now. Where the store cannot take it, it goes on waiting.

        After each batch `rest` is told for how many seconds, if there were calls meanwhile and not
        too many rows wait.
        """
        now = asyncio.get_running_loop().time
        async with self._draining:
            left = self._queued
            while left > 0:
                self._batch = self._batch or self._take(min(left, BATCH))
                started, waited = now(), self._queued
                if not await self._is_done(self._batch):
                    return
                came = self._queued - waited
                left -= len(self._batch)
                self._queued -= len(self._batch)
                self._batch = []
                if came and self._queued < MAX_QUEUED // 2:
                    await rest(REST * (now() - started))

    def _take(self, most: int) -> list[Screened]:
        """Return up to so many rows, account by account in the order in which those called."""
        batch: list[Screened] = []
        while self._rows and len(batch) < most:
            account_id = next(iter(self._rows))
            rows = self._rows.pop(account_id)
            room = most - len(batch)
            batch += rows[:room]
            if len(rows) > room:
                self._rows[account_id] = rows[room:]
        return batch

    async def _run(self, stopping: asyncio.Event) -> None:
        async def rest(seconds: float) -> None:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), seconds)

        while not stopping.is_set():
            await self.drain(rest)
            await rest(PAUSE_S)

    async def _store_the_rest(self) -> None:
        tries_end = asyncio.get_running_loop().time() + GIVE_UP_S
        await self.drain()
        while self._queued and asyncio.get_running_loop().time() < tries_end:
            await asyncio.sleep(PAUSE_S)
            await self.drain()
        if self._queued:
            _log.error("screenings were not stored", rows=self._queued)

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
