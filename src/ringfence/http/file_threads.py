"""Threads for work on whole files, which takes long: few at a time, and a bound on who waits."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from ringfence.errors import Unavailable

T = TypeVar("T")

THREADS = 2
"""How many files are worked on at a time."""

WAITING = 16
"""How many may wait for that."""


class FileThreads:
    """Threads that are started as they are needed, and places for those who have a file."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="files")
        self._places = THREADS + WAITING

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place, from before a file is sent until the work on it is done.

        Raises Unavailable where there is none: files that wait fill the disk.
        """
        if self._places == 0:
            raise Unavailable(reason="too many files wait for their turn")
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, for whoever holds a place. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Begin no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)
