"""Exports while the server runs: written to a file in threads of their own, then sent.

A slow client holds up nobody: what it waits for is on the disk, and no part of the database has to
stay as it was for it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from tempfile import TemporaryFile
from typing import BinaryIO

from ringfence.errors import Unavailable
from ringfence.store import Store

WRITING = 2
"""How many files are written at a time."""

WAITING = 16
"""How many may wait for that."""

Write = Callable[[Store, BinaryIO], None]
"""Writes what a store has to a file; it may begin the file anew."""


class Exporter:
    """Writes files of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writers = ThreadPoolExecutor(WRITING, thread_name_prefix="export-writer")
        self._room = WRITING + WAITING

    async def export(self, write: Write) -> BinaryIO:
        """Return a file that `write` wrote; whoever has it closes it.

        It has no name in any folder, so that nothing is left of it. Raises what `write` raises,
        and Unavailable of too many.
        """
        if self._room == 0:
            raise Unavailable(reason="too many files are being written")
        self._room -= 1
        try:
            work = partial(self._written, write)
            return await asyncio.get_running_loop().run_in_executor(self._writers, work)
        finally:
            self._room += 1

    def close(self) -> None:
        """Write no more files."""
        self._writers.shutdown(wait=False, cancel_futures=True)

    def _written(self, write: Write) -> BinaryIO:
        file = TemporaryFile()  # noqa: SIM115  it outlives this function
        try:
            write(self._store, file)
        except BaseException:
            file.close()
            raise
        return file
