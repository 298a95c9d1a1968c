"""HTTP/1.1 on one connection: uvicorn's, with bounds, and kind to clients that it would fail."""

import asyncio
import re
from http import HTTPStatus

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ringfence.http.answers import write_json

# Java's client offers to upgrade with every request. The offer may be declined by ignoring it
# (RFC 9110, 7.8), but httptools would ignore the body instead.
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r]*", re.IGNORECASE)
_HEAD_START = re.compile(rb"[A-Z]+ ")
_CHUNK_FRAMING = 8
"""How many bytes a chunk of one byte may cost to frame, generously (RFC 9112, 7.1)."""


_PART = 64 * 1024
"""How many bytes of a body earn their sender the time for a request once more."""


class _HeadTooLargeError(Exception):
    """The request line with its headers is larger than it may be."""


class BoundedProtocol(HttpToolsProtocol):
    """Bounds what one client costs: the size of head and trailers, the time, the connections.

    httptools has no such bounds of its own: it would gather a URL or a header of any length.
    `neighbours` are the open connections of the same address, which are counted together.
    """

    max_head_bytes: int
    max_connections: int
    request_timeout_s: float
    neighbours: "set[BoundedProtocol]"
    _held = b""
    _framing_bytes = 0
    _part_bytes = 0
    _in_head = True
    _too_large = False
    _timeout: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new client, unless there are too many."""
        super().connection_made(transport)
        self.neighbours.add(self)
        if len(self.neighbours) > self.max_connections:
            self._refuse(503, f"there are {self.max_connections} connections already")
        else:
            self._start_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._stop_timeout()
        self.neighbours.discard(self)
        super().connection_lost(exc)
        # uvicorn tells only the newest request; the one being answered may have others behind it.
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, one head and what follows it at a time."""
        self._unset_keepalive_if_required()
        if self._timeout is None:
            self._start_timeout()
        while data and not self.transport.is_closing():
            part, data = self._next_part(data)
            if part:
                super().data_received(part)
            if self._framing_bytes > self.max_head_bytes:
                self.transport.close()

    def _next_part(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what the parser may have now, and the rest: a head goes to it whole."""
        if not self._in_head:
            self._framing_bytes += len(data)
            return data, b""
        held, self._held = self._held + data, b""
        head, end, rest = held.partition(b"\r\n\r\n")
        if end:
            return _UPGRADE.sub(b"", head) + end, rest
        if not _HEAD_START.match(held):
            self._framing_bytes += len(held)
            return held, b""
        self._held = held
        if len(held) > self.max_head_bytes:
            self._refuse_head()
        return b"", b""

    def _start_timeout(self) -> None:
        self._part_bytes = 0
        self._timeout = self.loop.call_later(self.request_timeout_s, self._time_out)

    def _stop_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _time_out(self) -> None:
        self._refuse(
            408,
            f"a request, or each 64 KiB of it, is sent within {self.request_timeout_s:g} seconds",
        )

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio asks for a bool
        """Let a client that has sent a whole request, and will send no more, have its answer.

        Under TLS it cannot: there, the event loop lets nobody speak who is not spoken to.
        """
        if self.scheme == "https":
            return False
        cycle = self.cycle
        waiting = cycle is not None and not (cycle.more_body or cycle.response_complete)
        if waiting:
            self.cycle.keep_alive = False
        return waiting

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; a trailer is no header, so nobody can be let in by one (RFC 9110, 6.5)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on with a head that is whole, unless it is too large."""
        headers = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) + headers > self.max_head_bytes:
            self._too_large = True
            raise _HeadTooLargeError
        self._in_head = False
        self._framing_bytes = 0
        super().on_headers_complete()
        if self._timeout is None:  # a head that came with the request before it
            self._start_timeout()

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on, and let its own framing come with it."""
        self._framing_bytes = max(0, self._framing_bytes - len(body) * _CHUNK_FRAMING)
        self._part_bytes += len(body)
        if self._part_bytes >= _PART and not self.cycle.response_complete:
            self._stop_timeout()
            self._start_timeout()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Be ready for the head of the next request."""
        self._stop_timeout()
        self._in_head = True
        self._framing_bytes = 0
        super().on_message_complete()
        if self.cycle.response_complete:  # answered early; uvicorn's idle timer is gone by now
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """Go on with the next request; read no further while any wait that are here already.

        uvicorn reads on after each answer, so who sends faster than they are answered, or reads no
        answers at all, would have all of it gathered here.
        """
        super().on_response_complete()
        if self.pipeline and not self.transport.is_closing():
            self.flow.pause_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be parsed, which includes a head refused above."""
        if self._too_large:
            self._refuse_head()
        else:
            self._refuse(400, msg)

    def _refuse_head(self) -> None:
        limit = f"a request line with its headers has up to {self.max_head_bytes} bytes"
        self._refuse(431, limit)

    def _refuse(self, status: int, message: str) -> None:
        """Answer without the application, unless an answer is under way, and hang up."""
        body = write_json({"status": "error", "message": message})
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        if self.transport.is_closing():
            return
        if self._is_answerable():
            self.transport.write(head.encode() + body)
        self.transport.close()

    def _is_answerable(self) -> bool:
        """Whether an answer now would be the answer to the request that is coming in."""
        if self.cycle is None:
            return True
        if self.pipeline:
            return False
        return self.cycle.response_complete if self._in_head else not self.cycle.response_started
