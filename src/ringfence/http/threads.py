"""The threads in which requests work on the store, and how many may wait for one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ringfence.errors import Unavailable

T = TypeVar("T")


class Workers:
    """A bounded pool with a bounded queue, so that a stalled store cannot fill the memory."""

    def __init__(self, threads: int, max_waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")
        self._room = threads + max_waiting

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns in a thread. Raises Unavailable where too many wait."""
        if self._room == 0:
            raise Unavailable(reason="too many requests are waiting")
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1

    def close(self) -> None:
        """Let the work that was accepted finish, then end the threads."""
        self._pool.shutdown()
