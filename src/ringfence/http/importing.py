"""Imports while the server runs: their steps, one after the other.

A step is a request among the others (`Handover`), so they go on between two of them. What a crash
left, or a command that was stopped, is taken up again: by whichever process comes by first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial

import structlog

from ringfence.core.imports.steps import left_imports, step_import
from ringfence.errors import ImportNotFound, Unavailable
from ringfence.http.background import in_background
from ringfence.http.handover import Handover
from ringfence.model.accounts import Account
from ringfence.store import Store

STEPS = 8
"""How many are made at a time: to hand over each by itself would cost as much as some rows do."""

LOOK_EVERY_S = 10.0
"""How often it is asked for imports that were left."""

RETRY_S = 1.0
"""How long it rests while the store cannot answer."""

_log = structlog.get_logger("ringfence.imports")


class Importer:
    """Makes the steps of imports while it is `running`."""

    def __init__(self, store: Store, handover: Handover, clock: Callable[[], datetime]) -> None:
        self._store, self._handover, self._clock = store, handover, clock
        self._under_way: dict[str, Account] = {}
        self._failing: set[str] = set()
        self._wake = asyncio.Event()

    def go_on(self, account: Account, import_id: str) -> None:
        """Make the steps of an import from now on."""
        self._under_way[import_id] = account
        self._wake.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make steps for as long as the context lasts; one under way at its end is finished."""
        async with in_background(self._run()):
            yield

    async def _run(self) -> None:
        while True:
            if not self._under_way:
                await self._look()
            for import_id, account in list(self._under_way.items()):
                await self._step(import_id, account)
            if not self._under_way:
                await self._rest()

    async def _rest(self) -> None:
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)

    async def _look(self) -> None:
        """Take up what was left."""
        try:
            left = await self._handover.run(partial(left_imports, self._store, self._clock(), 16))
        except Unavailable:
            return
        except Exception:  # noqa: BLE001  it looks again at the next turn
            _log.exception("looking for imports that were left failed")
            return
        self._under_way |= {import_id: account for account, import_id in left}

    async def _step(self, import_id: str, account: Account) -> None:
        # Taken out before: whoever asks for more during what is the last step puts it in again.
        del self._under_way[import_id]
        if await self._goes_on(import_id, account):
            self._under_way[import_id] = account

    async def _goes_on(self, import_id: str, account: Account) -> bool:
        try:
            goes_on = await self._handover.run(partial(self._make_steps, import_id, account))
        except Unavailable as error:
            self._tell(import_id, error)
            await asyncio.sleep(RETRY_S)
            return True
        except ImportNotFound:
            goes_on = False
        except Exception:  # noqa: BLE001  it is taken up again later, and told of again
            _log.exception("a step of an import failed", import_id=import_id)
            goes_on = False
        self._failing.discard(import_id)
        return goes_on

    def _tell(self, import_id: str, error: Unavailable) -> None:
        """Log the first of a row of failures: a store that is away would fill the log."""
        if import_id not in self._failing:
            self._failing.add(import_id)
            _log.warning(
                "a step of an import cannot be made now, and is tried again",
                import_id=import_id,
                reason=str(error),
            )

    def _make_steps(self, import_id: str, account: Account) -> bool:
        """Make some steps, one write each, and return whether there are more to make."""
        return all(
            step_import(self._store, account, import_id, self._clock()).is_under_way
            for _ in range(STEPS)
        )
