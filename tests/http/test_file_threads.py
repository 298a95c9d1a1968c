"""Work on whole files: few at a time, and places for so many more."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event
from typing import TypeVar

import pytest

from ringfence.errors import TooManyFiles
from ringfence.http.file_threads import PLACES, PLACES_OF_ONE, THREADS, FileThreads
from ringfence.model.accounts import Account

PATIENCE_S = 10
T = TypeVar("T")


def account(n: int) -> Account:
    """Return an account."""
    return Account(n, f"user{n}", "IN", "Asia/Kolkata", 500, 0)


async def do(threads: FileThreads, work: Callable[[], T]) -> T:
    """Work as those do who come with a file."""
    with threads.place(account(1)):
        return await threads.run(work)


def test_few_files_are_worked_on_at_a_time() -> None:
    """Some more may wait; whoever comes then is told to come again."""
    go, begun = Event(), list[int]()
    threads = FileThreads()

    def work() -> int:
        begun.append(1)
        assert go.wait(PATIENCE_S)
        return len(begun)

    async def crowd() -> None:
        waiting = [asyncio.ensure_future(do(threads, work)) for _ in range(PLACES_OF_ONE)]
        async with asyncio.timeout(PATIENCE_S):
            while len(begun) < THREADS:  # noqa: ASYNC110  what is waited for are threads
                await asyncio.sleep(0.01)
        with pytest.raises(TooManyFiles):
            await do(threads, work)
        assert len(begun) == THREADS
        go.set()
        assert len(await asyncio.gather(*waiting)) == PLACES_OF_ONE
        await do(threads, work)

    asyncio.run(crowd())
    threads.close()


def test_one_account_closes_nobody_out() -> None:
    """However many files it sends, others have places; together they have so many."""
    threads = FileThreads()
    with ExitStack() as held:
        for n in range(PLACES):
            held.enter_context(threads.place(account(n % 4)))
        with pytest.raises(TooManyFiles):
            held.enter_context(threads.place(account(9)))
    with ExitStack() as held:
        for _ in range(PLACES_OF_ONE):
            held.enter_context(threads.place(account(1)))
        with pytest.raises(TooManyFiles):
            held.enter_context(threads.place(account(1)))
        held.enter_context(threads.place(account(2)))


def test_what_goes_wrong_comes_out_and_leaves_room() -> None:
    """However often it does."""
    threads = FileThreads()

    def fail() -> None:
        raise ValueError("of its own")

    async def all_fail() -> None:
        for _ in range(PLACES + 1):
            with pytest.raises(ValueError, match="of its own"):
                await do(threads, fail)

    asyncio.run(all_fail())
    threads.close()
