"""Threads for work on whole files, which takes long: few at a time, and a bound on who waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ringfence.errors import Unavailable

T = TypeVar("T")

THREADS = 2
"""How many files are worked on at a time."""

WAITING = 16
"""How many may wait for that."""


class FileThreads:
    """Threads that are started as they are needed."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="files")
        self._room = THREADS + WAITING

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. Raises what it does, and Unavailable where too many wait."""
        if self._room == 0:
            raise Unavailable(reason="too many files wait for their turn")
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1

    def close(self) -> None:
        """Begin no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)
