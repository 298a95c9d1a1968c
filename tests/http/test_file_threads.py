"""Work on whole files: few at a time, and a bound on who waits."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

import pytest

from ringfence.errors import Unavailable
from ringfence.http.file_threads import THREADS, WAITING, FileThreads

PATIENCE_S = 10
T = TypeVar("T")


async def do(threads: FileThreads, work: Callable[[], T]) -> T:
    """Work as those do who come with a file."""
    with threads.place():
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
        waiting = [asyncio.ensure_future(do(threads, work)) for _ in range(THREADS + WAITING)]
        async with asyncio.timeout(PATIENCE_S):
            while len(begun) < THREADS:  # noqa: ASYNC110  what is waited for are threads
                await asyncio.sleep(0.01)
        with pytest.raises(Unavailable):
            await do(threads, work)
        assert len(begun) == THREADS
        go.set()
        assert len(await asyncio.gather(*waiting)) == THREADS + WAITING
        await do(threads, work)

    asyncio.run(crowd())
    threads.close()


def test_what_goes_wrong_comes_out_and_leaves_room() -> None:
    """However often it does."""
    threads = FileThreads()

    def fail() -> None:
        raise ValueError("of its own")

    async def all_fail() -> None:
        for _ in range(THREADS + WAITING + 1):
            with pytest.raises(ValueError, match="of its own"):
                await do(threads, fail)

    asyncio.run(all_fail())
    threads.close()
