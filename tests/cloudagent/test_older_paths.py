"""What the older paths say of their end, and who is counted as still using them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from ringfence.cloudagent.older_paths import Announcement, OlderPath, PathUses
from ringfence.config import Settings
from ringfence.core.path_uses import list_path_uses
from ringfence.errors import Unavailable
from ringfence.http.handover import Handover
from ringfence.model.accounts import Account, Caller
from ringfence.model.path_uses import PathUse
from ringfence.store import OpenStore
from ringfence.store.database import T
from tests.core.people import NOW, new_account

OLD = OlderPath("/old", {"GET": "/new"})
OTHER = OlderPath("/other", {})
SECOND = timedelta(seconds=1)


class Away:
    """A way to a store that cannot answer until it is `back`."""

    def __init__(self, store: OpenStore) -> None:
        self._handover = Handover(store, 10)
        self.back = False

    async def run(self, work: Callable[[], T]) -> T:
        """Do what a hand-over does, or fail as it may."""
        if not self.back:
            raise Unavailable(reason="away")
        return await self._handover.run(work)


def announced(method: str, **dates: str) -> dict[str, str]:
    """Return the headers that settings with these dates bring."""
    wanted: dict[str, Any] = {f"legacy_{name}_at": day for name, day in dates.items()}
    settings = Settings(**wanted)
    return dict(Announcement(settings, OLD).headers(method))


def counted(store: OpenStore, handover: object = None, flush_s: float = 0.0) -> PathUses:
    """Return a counter that stores what it counts at once."""
    return PathUses(store, cast("Handover", handover or Handover(store, 10)), flush_s)


def told(store: OpenStore, account: Account) -> list[tuple[str, int, datetime]]:
    """Return what the store knows of an account."""
    uses = list_path_uses(store)
    return [(u.path, u.requests, u.last_at) for u in uses if u.user_name == account.user_name]


def test_nothing_is_announced_unasked() -> None:
    """For any method."""
    assert announced("GET") == announced("PUT") == {}


def test_both_dates_and_the_successor_are_announced() -> None:
    """As their RFCs write them, at the beginning of the day in UTC."""
    assert announced("GET", deprecated="2026-07-01", sunset="2027-01-01") == {
        "deprecation": "@1782864000",
        "sunset": "Fri, 01 Jan 2027 00:00:00 GMT",
        "link": '</new>; rel="successor-version"',
    }
    assert list(announced("PUT", sunset="2027-01-01")) == ["sunset"]


def test_uses_are_added_up_in_the_store(store: OpenStore) -> None:
    """By account and path, with the moment of the last, across any number of flushes."""
    alice, bob = new_account(store), new_account(store)
    uses = counted(store)
    for n in range(3):
        uses.count(Caller(alice, 1), OLD, NOW + n * SECOND)
        uses.count(Caller(bob, 1), OTHER, NOW)
        asyncio.run(uses.flush())
    uses.count(Caller(alice, 2), OTHER, NOW)
    asyncio.run(uses.flush())
    asyncio.run(uses.flush())
    assert told(store, alice) == [("/old", 3, NOW + 2 * SECOND), ("/other", 1, NOW)]
    assert told(store, bob) == [("/other", 3, NOW)]
    assert list_path_uses(store)[0] == PathUse(alice.user_name, "/old", 3, NOW + 2 * SECOND)


def test_uses_are_stored_by_themselves(store: OpenStore) -> None:
    """After a while, by one task, however many requests there were."""
    alice = new_account(store)
    uses = counted(store, flush_s=0.01)

    async def use() -> int:
        before = len(asyncio.all_tasks())
        for _ in range(100):
            uses.count(Caller(alice, 1), OLD, NOW)
            uses.flush_later()
        made = len(asyncio.all_tasks()) - before
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        uses.flush_later()
        return made + len(asyncio.all_tasks()) - before

    assert asyncio.run(use()) == 1
    assert told(store, alice) == [("/old", 100, NOW)]


def test_no_use_is_lost_between_threads(store: OpenStore) -> None:
    """Requests run in many threads on PostgreSQL."""
    alice = new_account(store)
    uses = counted(store)

    def use(_: int) -> None:
        for _ in range(1000):
            uses.count(Caller(alice, 1), OLD, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    asyncio.run(uses.flush())
    assert told(store, alice) == [("/old", 8000, NOW)]


def test_uses_wait_for_a_store_that_is_away(store: OpenStore) -> None:
    """None is lost, and none counted twice."""
    alice = new_account(store)
    away = Away(store)
    uses = counted(store, away)
    for n in range(2):
        uses.count(Caller(alice, 1), OLD, NOW + n * SECOND)
        asyncio.run(uses.flush())
    away.back = True
    asyncio.run(uses.flush())
    asyncio.run(uses.flush())
    assert told(store, alice) == [("/old", 2, NOW + SECOND)]


@pytest.mark.parametrize("settings", [{}, {"deprecated": "2026-07-01"}])
def test_a_method_that_is_not_allowed_has_no_successor(settings: dict[str, str]) -> None:
    """The dates are the path's, the successor is the method's."""
    assert "link" not in announced("PUT", **settings)
