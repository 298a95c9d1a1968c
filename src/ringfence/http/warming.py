"""Warming up: the store's file is read while the first calls are answered already."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from ringfence.core import warming as core_warming
from ringfence.store import OpenStore

_log = structlog.get_logger("ringfence.warming")


@asynccontextmanager
async def warming(store: OpenStore) -> AsyncIterator[None]:
    """Read a large store that is a file, in a process that ends with the context at the latest."""
    path = store.file
    if path is None or not core_warming.is_worth_warming(path):
        yield
        return
    command = (sys.executable, "-P", "-m", core_warming.__name__, str(path))
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    except OSError as error:
        _log.warning("the store cannot be read ahead", reason=error.strerror)
        yield
        return
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
