"""A client that costs little: kept-alive connections, one request under way on each."""

import asyncio
import re
from collections.abc import Iterator
from functools import partial
from time import perf_counter
from typing import cast

import uvloop

CLIENTS = 16
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class _Client(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is whole."""

    def __init__(
        self, requests: Iterator[bytes], expected: bytes, done: "asyncio.Future[int]"
    ) -> None:
        self._requests = requests
        self._expected = expected
        self._done = done
        self._answer = b""
        self._count = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._send_next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._is_whole():
            return
        if self._expected not in self._answer:
            self._done.set_exception(AssertionError(self._answer.decode()))
            self._transport.close()
            return
        self._count += 1
        self._answer = b""
        self._send_next()

    def _is_whole(self) -> bool:
        """Tell whether head and body are there; the length is what `_LENGTH` finds in the head."""
        head, blank, body = self._answer.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        return bool(blank) and found is not None and len(body) == int(found[1])

    def _send_next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._done.set_result(self._count)
        else:
            self._transport.write(request)


def requests_per_s(port: int, requests: list[bytes], expected: bytes) -> float:
    """Send `requests` over 16 connections; return how many were answered a second.

    Raises AssertionError for an answer that does not contain `expected`.
    """
    return uvloop.run(_run(port, requests, expected))


async def _run(port: int, requests: list[bytes], expected: bytes) -> float:
    loop = asyncio.get_running_loop()
    queue = iter(requests)
    done = [loop.create_future() for _ in range(CLIENTS)]
    started = perf_counter()
    for future in done:
        client = partial(_Client, queue, expected, future)
        await loop.create_connection(client, "127.0.0.1", port)
    await asyncio.gather(*done)
    return len(requests) / (perf_counter() - started)
