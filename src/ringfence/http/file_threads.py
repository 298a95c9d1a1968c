"""Threads for work on whole files, which takes long: few at a time, and a bound on who waits."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from ringfence.core.child_processes import end_children
from ringfence.errors import TooManyFiles
from ringfence.model.accounts import Account

T = TypeVar("T")

THREADS = 2
"""How many files are worked on at a time."""

PLACES = 18
"""How many files there may be at a time, those included that are being sent."""

PLACES_OF_ONE = 6
"""How many of these one account may hold, so that it closes nobody out."""


class FileThreads:
    """Threads that are started as they are needed, and places for those who have a file."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="files")
        self._held = Counter[int]()

    @contextmanager
    def place(self, account: Account) -> Iterator[None]:
        """Hold a place, from before a file is sent until the work on it is done.

        Raises TooManyFiles where there is none: files that wait fill the disk.
        """
        owner = account.account_id
        if self._held.total() >= PLACES or self._held[owner] >= PLACES_OF_ONE:
            raise TooManyFiles
        self._held[owner] += 1
        try:
            yield
        finally:
            self._held[owner] -= 1
            if not self._held[owner]:
                del self._held[owner]

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, for whoever holds a place. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Begin no more work, and end the processes that some is done by."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        end_children()
