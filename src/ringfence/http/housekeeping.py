"""Clearing away, while the server runs, what nobody sees any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import structlog

from ringfence.core.housekeeping import tidy
from ringfence.errors import Unavailable
from ringfence.http.background import in_background
from ringfence.http.handover import Handover
from ringfence.store import Store

PAUSE_S = 10.0
"""How long it rests where there is nothing to do."""

BETWEEN_STEPS_S = 0.02
"""How long it lets others by, where there is more to do."""

_log = structlog.get_logger("ringfence.housekeeping")


@asynccontextmanager
async def keeping_house(
    store: Store, handover: Handover, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Keep house for as long as the context lasts; a step under way at its end is finished."""
    async with in_background(_keep_house(store, handover, clock)):
        yield


async def _keep_house(store: Store, handover: Handover, clock: Callable[[], datetime]) -> None:
    while True:
        more = await _step(store, handover, clock)
        await asyncio.sleep(BETWEEN_STEPS_S if more else PAUSE_S)


async def _step(store: Store, handover: Handover, clock: Callable[[], datetime]) -> bool:
    try:
        return await handover.run(partial(tidy, store, at=clock()))
    except Unavailable:
        return False
    except Exception:  # noqa: BLE001  it goes on at the next turn
        _log.exception("housekeeping failed")
        return False
