"""The state that the event loop's reader holds between two turns, let go every second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from ringfence.errors import Unavailable
from ringfence.http.background import in_background
from ringfence.store.database import Nearby

EVERY_S = 1.0
"""How often it is looked at: a log may grow for twice as long beside a state nobody reads."""

_log = structlog.get_logger("ringfence.letting_go")


@asynccontextmanager
async def letting_go(nearby: Nearby | None) -> AsyncIterator[None]:
    """Have `nearby`, if there is one, let go again and again for as long as the context lasts."""
    if nearby is None:
        yield
        return
    async with in_background(_let_go(nearby)):
        yield


async def _let_go(nearby: Nearby) -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            nearby.let_go()
        except Unavailable:  # whoever reads next is told
            pass
        except Exception:  # noqa: BLE001  it goes on a second later
            _log.exception("letting go failed")
