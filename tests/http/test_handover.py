"""From the event loop to the store's threads, with a bound on how many may wait."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from threading import Event, get_ident
from typing import TypeVar

import pytest

from ringfence.errors import Unavailable
from ringfence.http.handover import Handover
from ringfence.store import OpenStore, Transaction
from ringfence.store.sqlite.connection import SqliteTransaction

T = TypeVar("T")
PATIENCE_S = 10.0


def run(awaitable: Awaitable[T]) -> T:
    """Run `awaitable` in a loop of its own, and not for ever."""

    async def bounded() -> T:
        return await asyncio.wait_for(awaitable, PATIENCE_S)

    return asyncio.run(bounded())


def fail() -> None:
    """Raise what no other work raises."""
    raise KeyError("mine")


def test_work_is_done_in_another_thread(store: OpenStore) -> None:
    """Its result comes back to the loop, which turns meanwhile."""
    handover = Handover(store, 3)
    started, go = Event(), Event()

    def work() -> int:
        started.set()
        assert go.wait(PATIENCE_S)
        return get_ident()

    async def go_on() -> int:
        working = asyncio.ensure_future(handover.run(work))
        assert await asyncio.to_thread(started.wait, PATIENCE_S)
        go.set()
        return await working

    assert run(go_on()) != get_ident()


def test_what_work_raises_comes_out(store: OpenStore) -> None:
    """And whoever comes next is served."""
    handover = Handover(store, 1)

    async def go_on() -> str:
        for _ in range(5):
            with pytest.raises(KeyError, match="mine"):
                await handover.run(fail)
        return await handover.run(lambda: "served")

    assert run(go_on()) == "served"


def test_what_work_wrote_is_there_when_it_returns(store: OpenStore) -> None:
    """Any thread sees it then."""
    handover = Handover(store, 1)
    made = "create table scratch (n integer)"
    run(handover.run(lambda: store.write(lambda tx: tx.run(made))))
    assert store.read(lambda tx: tx.all("select n from scratch")) == []


def test_too_many_who_wait_are_refused_at_once(store: OpenStore) -> None:
    """Those who got in are answered all the same; then there is room again."""
    handover = Handover(store, 3)
    go = Event()

    async def go_on() -> list[bool]:
        waiting = [asyncio.ensure_future(handover.run(lambda: go.wait(PATIENCE_S))) for _ in "123"]
        await asyncio.sleep(0.01)
        for _ in range(2):
            with pytest.raises(Unavailable, match="too many"):
                await handover.run(lambda: True)
        go.set()
        return [*await asyncio.gather(*waiting), await handover.run(lambda: True)]

    assert run(go_on()) == [True] * 4


def test_a_closed_store_is_unavailable(store: OpenStore) -> None:
    """Requests that come while the process ends get an answer."""
    handover = Handover(store, 1)
    store.close()
    for _ in range(3):
        with pytest.raises(Unavailable):
            run(handover.run(lambda: True))


@pytest.mark.parametrize("engine", ["sqlite"])
def test_those_who_come_in_one_turn_of_the_loop_share_a_commit(store: OpenStore) -> None:
    """Each gets their own result."""
    handover = Handover(store, 100)
    store.write(lambda tx: tx.run("create table scratch (n integer)"))
    commits: list[int] = []
    store.write(lambda tx: count_commits(tx, commits))
    commits.clear()

    def write(n: int) -> int:
        return store.write(lambda tx: n * tx.run("insert into scratch values (?)", (n,)))

    async def go_on() -> list[int]:
        return await asyncio.gather(*(handover.run(partial(write, n)) for n in range(100)))

    assert run(go_on()) == list(range(100))
    assert len(commits) == 1


def count_commits(tx: Transaction, commits: list[int]) -> None:
    """Let every commit of the store from now on add to `commits`."""

    def on_commit() -> bool:
        commits.append(1)
        return False

    assert isinstance(tx, SqliteTransaction)
    tx.connection.set_commit_hook(on_commit)


def test_one_who_gives_up_does_not_disturb_the_others(store: OpenStore) -> None:
    """Their room is given back, and the work they left is finished."""
    handover = Handover(store, 2)
    go = Event()

    async def go_on() -> str:
        leaving = asyncio.ensure_future(handover.run(lambda: go.wait(PATIENCE_S)))
        staying = asyncio.ensure_future(handover.run(lambda: "answered"))
        await asyncio.sleep(0.01)
        leaving.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        return await staying

    assert run(go_on()) == "answered"


def test_a_loop_that_ended_does_not_silence_the_next(store: OpenStore) -> None:
    """Work that was left when its loop closed is delivered to nobody; then others are served."""
    handover = Handover(store, 2)
    go, left = Event(), Event()

    def leave() -> None:
        left.set()
        go.wait(PATIENCE_S)

    async def give_up() -> None:
        leaving = asyncio.ensure_future(handover.run(leave))
        assert await asyncio.to_thread(left.wait, PATIENCE_S)
        leaving.cancel()

    run(give_up())
    go.set()
    store.write(lambda _: None)
    assert run(handover.run(lambda: "served")) == "served"
