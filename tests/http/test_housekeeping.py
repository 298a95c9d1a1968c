"""What nobody sees any more is cleared away while the server runs, whatever comes in between."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
import structlog
from starlette.types import ASGIApp, Message

from ringfence.app import create_app
from ringfence.config import Settings
from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.core.housekeeping import tidy
from ringfence.errors import Unavailable
from ringfence.http import housekeeping
from ringfence.http.handover import Handover
from ringfence.http.housekeeping import keeping_house
from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import NumbersDraft
from ringfence.model.changes import Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.store import OpenStore
from tests.conftest import Clock
from tests.core.people import new_account
from tests.store.contents import contents

PATIENCE_S = 30.0


class Troubled:
    """A way to the store that fails in each of some ways first, and tells when work was done."""

    def __init__(self, store: OpenStore, *errors: Exception) -> None:
        self._handover = Handover(store, 10)
        self._errors = list(errors)
        self.rested = asyncio.Event()

    async def run(self, work: Callable[[], bool]) -> bool:
        """Do what a hand-over does, once there is no error left."""
        if self._errors:
            raise self._errors.pop(0)
        more = await self._handover.run(work)
        if not more:
            self.rested.set()
        return more


def delete_groups(store: OpenStore, account: Account, clock: Clock, *sizes: int) -> None:
    """Make groups of so many numbers each, and delete them."""
    origin = Origin("test", None, clock.now)
    for place, size in enumerate(sizes):
        made = make_block_group(store, account, GroupSettings(f"Group{place}"), origin)
        numbers = [f"+9198{place}{number:07}" for number in range(size)]
        group_id = made.block_group_id
        add_blocked_numbers(store, account, group_id, NumbersDraft(numbers), origin)
        delete_block_group(store, account, group_id, origin)


def keep(store: OpenStore, clock: Clock, *errors: Exception) -> None:
    """Keep house until there is nothing to do."""

    async def run() -> None:
        way = Troubled(store, *errors)
        async with keeping_house(store, cast("Handover", way), clock):
            async with asyncio.timeout(PATIENCE_S):
                await way.rested.wait()

    asyncio.run(run())


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rest for a moment only."""
    monkeypatch.setattr(housekeeping, "PAUSE_S", 0.001)
    monkeypatch.setattr(housekeeping, "BETWEEN_STEPS_S", 0.0)


def test_deleted_groups_are_cleared_away(store: OpenStore, clock: Clock) -> None:
    """With all their numbers, in as many steps as it takes; the record of changes stays."""
    account = new_account(store)
    delete_groups(store, account, clock, 6_000, 1, 3)
    before = contents(store)
    assert len(before["blocked_number"]) == 6_004
    keep(store, clock)
    after = contents(store)
    assert after["blocked_number"] == after["block_group"] == []
    assert after["change"] == before["change"]


def test_what_is_left_alone(store: OpenStore, clock: Clock) -> None:
    """Groups that are there, and their numbers, also those that have expired."""
    account = new_account(store)
    origin = Origin("test", None, clock.now)
    made = make_block_group(store, account, GroupSettings("Stays"), origin)
    soon = NumbersDraft(["+919812300001"], clock.now + timedelta(seconds=1))
    add_blocked_numbers(store, account, made.block_group_id, soon, origin)
    clock.now += timedelta(days=400)
    before = contents(store)
    keep(store, clock)
    assert contents(store) == before


@pytest.mark.parametrize(
    "error", [Unavailable(reason="away"), RuntimeError("unexpected"), OSError(28, "disk full")]
)
def test_it_goes_on_after_trouble(store: OpenStore, clock: Clock, error: Exception) -> None:
    """A store that cannot answer is asked again; what is no such trouble is logged."""
    delete_groups(store, new_account(store), clock, 2)
    with structlog.testing.capture_logs() as lines:
        keep(store, clock, error, error)
    assert contents(store)["block_group"] == []
    expected = 0 if isinstance(error, Unavailable) else 2
    assert [line["event"] for line in lines] == ["housekeeping failed"] * expected


def test_it_rests_where_there_is_nothing_to_do(store: OpenStore, clock: Clock) -> None:
    """And ends with the server, at once."""
    new_account(store)
    before = contents(store)
    keep(store, clock)
    assert not tidy(store, at=clock.now)
    assert contents(store) == before


def test_a_step_under_way_is_finished(store: OpenStore, clock: Clock) -> None:
    """The server's end does not tear it."""
    delete_groups(store, new_account(store), clock, 10)

    async def run() -> None:
        begun = asyncio.Event()
        way = Troubled(store)
        finish = way.run

        async def begin(work: Callable[[], bool]) -> bool:
            begun.set()
            return await finish(work)

        way.run = begin  # type: ignore[method-assign]
        async with keeping_house(store, cast("Handover", way), clock):
            await begun.wait()

    asyncio.run(run())
    found = contents(store)
    assert (len(found["block_group"]), len(found["blocked_number"])) in {(0, 0), (1, 10)}


def test_a_server_keeps_house(
    store: OpenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its start to its end, beside requests."""
    delete_groups(store, new_account(store), clock, 3)
    rested = asyncio.Event()

    def tidy_and_tell(store: OpenStore, *, at: datetime) -> bool:
        more = tidy(store, at=at)
        if not more:
            loop.call_soon_threadsafe(rested.set)
        return more

    monkeypatch.setattr(housekeeping, "tidy", tidy_and_tell)
    settings: dict[str, Any] = {}
    app = create_app(store, Settings(**settings), clock)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(serve_until(app, rested))
    loop.close()
    assert contents(store)["block_group"] == contents(store)["blocked_number"] == []


async def serve_until(app: ASGIApp, event: asyncio.Event) -> None:
    """Start an application, wait for an event, and stop it, as a server does."""
    told: list[str] = []
    begun = False

    async def receive() -> Message:
        nonlocal begun
        if not begun:
            begun = True
            return {"type": "lifespan.startup"}
        async with asyncio.timeout(PATIENCE_S):
            await event.wait()
        return {"type": "lifespan.shutdown"}

    async def send(message: Message) -> None:
        told.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
