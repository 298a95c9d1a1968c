"""What became of calls reaches the store beside them; a store that is away costs a call nothing."""

import asyncio
import inspect
import os
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from ringfence.core.activity import store_screenings
from ringfence.errors import Unavailable
from ringfence.http import activity
from ringfence.http.activity import Activity
from ringfence.http.handover import Handover
from ringfence.http.metrics import Metrics
from ringfence.model.accounts import Account
from ringfence.model.calls import Screened
from ringfence.store import OpenStore
from tests.conftest import Clock
from tests.core.people import new_account
from tests.core.screenings import blocked, groups_of, rows, screened

PATIENCE_S = 20.0


class Way:
    """A way to the store that fails in each of some ways first, and tells what went by."""

    def __init__(self, store: OpenStore, *errors: Exception) -> None:
        self._handover = Handover(store, 10, aside=True)
        self.errors = list(errors)

    async def run(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401  what work returns
        """Do what a hand-over does, once there is no error left."""
        if self.errors:
            raise self.errors.pop(0)
        return await self._handover.run(work)


@pytest.fixture
def alice(store: OpenStore) -> Account:
    """Return an account with a group."""
    account = new_account(store)
    groups_of(store, account, "One")
    return account


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rest for a moment only."""
    monkeypatch.setattr(activity, "PAUSE_S", 0.001)


def activity_of(store: OpenStore, clock: Clock, *errors: Exception) -> Activity:
    """Return what keeps what became of calls."""
    return Activity(store, cast("Handover", Way(store, *errors)), clock)


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` on an event loop."""

    async def in_time() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await work()

    asyncio.run(in_time())


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; whoever made it so told nobody."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.002)


def kept(store: OpenStore) -> int:
    """Return how many calls are stored."""
    return len(rows(store, "screening"))


def test_calls_are_stored_beside_them(store: OpenStore, clock: Clock, alice: Account) -> None:
    """While it runs, without being asked, and at its end what came last."""
    kept_by = activity_of(store, clock)

    async def work() -> None:
        async with kept_by.running():
            kept_by.record(screened(alice, 0))
            await until(lambda: kept(store) == 1)
            kept_by.record(screened(alice, 1))
        assert kept(store) == 2
        assert (kept_by.queued, kept_by.dropped) == (0, 0)

    run(work)


def test_to_record_is_to_put_into_a_queue(store: OpenStore, clock: Clock, alice: Account) -> None:
    """It needs no event loop, waits for nothing and asks nobody."""
    kept_by = activity_of(store, clock, *[Unavailable(reason="away")] * 3)
    assert not inspect.iscoroutinefunction(kept_by.record)
    for n in range(10):
        kept_by.record(screened(alice, n))
    assert (kept_by.queued, kept(store)) == (10, 0)


def test_many_go_in_one_transaction(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But no more than so many; what comes meanwhile waits for the next turn."""
    monkeypatch.setattr(activity, "BATCH", 4)
    kept_by = activity_of(store, clock)
    sizes: list[int] = []

    def counted(store: OpenStore, batch: list[Any]) -> None:
        sizes.append(len(batch))
        store_screenings(store, batch)

    monkeypatch.setattr(activity, "store_screenings", counted)
    for n in range(10):
        kept_by.record(screened(alice, n))
    run(kept_by.drain)
    assert sizes == [4, 4, 2]
    assert kept(store) == 10


@pytest.mark.parametrize(("most", "meanwhile", "rests"), [(100, 1, 5), (12, 1, 1), (100, 0, 0)])
def test_it_rests_while_others_call_unless_too_many_wait(
    store: OpenStore,
    clock: Clock,
    alice: Account,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    meanwhile: int,
    rests: int,
) -> None:
    """Five batches, and so many calls during each: of twelve places, the last leaves less taken."""
    monkeypatch.setattr(activity, "BATCH", 2)
    monkeypatch.setattr(activity, "MAX_QUEUED", most)
    kept_by = activity_of(store, clock)
    for n in range(10):
        kept_by.record(screened(alice, n))

    def called(store: OpenStore, batch: Sequence[Screened]) -> None:
        for n in range(meanwhile):
            kept_by.record(screened(alice, 100 + batch[0].screening_id % 1000 + n))
        store_screenings(store, batch)

    monkeypatch.setattr(activity, "store_screenings", called)
    rested: list[float] = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    run(lambda: kept_by.drain(rest))
    assert (len(rested), kept(store), kept_by.queued) == (rests, 10, 5 * meanwhile)


def test_rows_are_stored_account_by_account(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of one account fall on the same pages; one that has many takes more than one batch."""
    bob = new_account(store)
    monkeypatch.setattr(activity, "BATCH", 4)
    kept_by = activity_of(store, clock)
    batches: list[list[int]] = []

    def noted(store: OpenStore, batch: list[Any]) -> None:
        batches.append([each.account_id for each in batch])
        store_screenings(store, batch)

    monkeypatch.setattr(activity, "store_screenings", noted)
    for n in range(10):
        kept_by.record(screened(alice if n % 2 else bob, n))
    run(kept_by.drain)
    one, two = bob.account_id, alice.account_id
    assert batches == [[one] * 4, [two] * 4, [one, two]]
    assert kept(store) == 10


def test_a_store_that_is_away_keeps_them_waiting(
    store: OpenStore, clock: Clock, alice: Account
) -> None:
    """Until it is back; that it is away is told once."""
    away = Unavailable(reason="it is gone")
    kept_by = activity_of(store, clock, away, away, away)
    kept_by.record(screened(alice, 0))

    async def work() -> None:
        async with kept_by.running():
            await until(lambda: kept(store) == 1)

    with structlog.testing.capture_logs() as lines:
        run(work)
    assert [(line["log_level"], line["reason"]) for line in lines] == [
        ("warning", "the store cannot answer now: it is gone")
    ]


def test_what_is_stored_of_a_lost_answer_is_counted_once(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store took the rows and could not say so; they are sent again, with more behind them."""
    kept_by = activity_of(store, clock)
    lost = [True]

    def stored_and_lost(store: OpenStore, batch: list[Any]) -> None:
        store_screenings(store, batch)
        if lost and lost.pop():
            raise Unavailable(reason="the answer was lost")

    monkeypatch.setattr(activity, "store_screenings", stored_and_lost)
    kept_by.record(screened(alice, 0))
    run(kept_by.drain)
    kept_by.record(screened(alice, 1))
    run(kept_by.drain)
    assert kept(store) == 2
    assert [row[-1] for row in rows(store, "screening_count")] == [2]


def test_a_full_queue_drops_and_counts(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a store that answers nothing; the calls go on, and it is told once a minute."""
    monkeypatch.setattr(activity, "MAX_QUEUED", 5)
    frozen = threading.Event()
    handover = Handover(store, 10, aside=True)
    kept_by = Activity(store, handover, clock)

    def slow(store: OpenStore, batch: list[Any]) -> None:
        assert frozen.wait(PATIENCE_S)
        store_screenings(store, batch)

    monkeypatch.setattr(activity, "store_screenings", slow)

    async def work() -> None:
        async with kept_by.running():
            for minute in range(3):
                clock.now += timedelta(minutes=1)
                for n in range(5):
                    kept_by.record(screened(alice, minute * 5 + n))
                    await asyncio.sleep(0.002)
            assert (kept_by.queued, kept_by.dropped) == (5, 10)
            frozen.set()

    with structlog.testing.capture_logs() as lines:
        run(work)
    assert [line["rows"] for line in lines] == [1, 5]
    assert kept(store) == 5


def test_what_nobody_can_store_holds_nothing_up(
    store: OpenStore, clock: Clock, alice: Account
) -> None:
    """A batch that fails for another reason is dropped, counted, and told with its trace."""
    kept_by = activity_of(store, clock, ValueError("unexpected"))
    kept_by.record(screened(alice, 0))
    with structlog.testing.capture_logs() as lines:
        run(kept_by.drain)
    assert (kept_by.queued, kept_by.dropped) == (0, 1)
    assert [(line["log_level"], line["rows"]) for line in lines] == [("error", 1)]
    kept_by.record(screened(alice, 1))
    run(kept_by.drain)
    assert kept(store) == 1


def test_the_end_waits_for_the_store_for_a_while(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it says how many calls nobody will hear of."""
    monkeypatch.setattr(activity, "GIVE_UP_S", 0.01)
    kept_by = activity_of(store, clock, *[Unavailable(reason="away")] * 100_000)

    async def work() -> None:
        async with kept_by.running():
            kept_by.record(screened(alice, 0))

    with structlog.testing.capture_logs() as lines:
        run(work)
    assert [line["rows"] for line in lines if line["log_level"] == "error"] == [1]


def test_the_figures_follow(store: OpenStore, clock: Clock, alice: Account) -> None:
    """What waits, what was dropped, and of what was stored how many and how long."""
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    metrics = Metrics([])
    kept_by = activity_of(store, clock)
    kept_by.tell(metrics)
    for n in range(3):
        kept_by.record(screened(alice, n, latency_us=500_000))
    kept_by.record(blocked(alice, 3, latency_us=500_000))
    assert figures(metrics) == {"ringfence_activity_queued": 4, "ringfence_activity_dropped": 0}
    run(kept_by.drain)
    assert figures(metrics) == {
        "ringfence_activity_queued": 0,
        "ringfence_activity_dropped": 0,
        "ringfence_screening_seconds_total": 2.0,
        "pass": 3,
        "block": 1,
    }


def figures(metrics: Metrics) -> dict[str, float]:
    """Return the figures of activity that are not nothing, or are read now."""
    return {
        each.labels.get("disposition", each.name): each.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for each in family.samples
        if each.name.startswith("ringfence_activity")
        or (each.name.startswith("ringfence_screening") and each.value)
    }
