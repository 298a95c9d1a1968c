"""HTTP/1.1 on one connection: uvicorn's, with bounds, and kind to clients that it would fail."""

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ringfence.http.answers import write_json

_UPGRADE = re.compile(rb"\r\nupgrade:[^\r]*", re.IGNORECASE)
_CHUNK_FRAMING = 8
"""How many bytes a chunk of one byte may cost to frame, generously (RFC 9112, 7.1)."""


class _HeadTooLargeError(Exception):
    """The request line with its headers is larger than it may be."""


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request whose head or trailers are too large, before it holds them in memory.

    httptools has no such bound of its own: it would gather a URL or a header of any length.
    """

    max_head_bytes: int
    _head_bytes = 0
    _framing_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Take what the client sent; refuse it once it is too much."""
        if self._in_head:
            self._head_bytes += len(data)
            data = _without_upgrade(data)
        else:
            self._framing_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.max_head_bytes:
            self._refuse_head()
        if self._framing_bytes > self.max_head_bytes:
            self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio asks for a bool
        """Let a client that has sent a whole request, and will send no more, have its answer."""
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
            raise _HeadTooLargeError
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on, and let its own framing come with it."""
        self._framing_bytes -= len(body) * _CHUNK_FRAMING
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Be ready for the head of the next request."""
        self._in_head = True
        self._head_bytes = self._framing_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be parsed, which includes a head refused above."""
        if self.headers is not None and self._head_bytes > self.max_head_bytes:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        limit = f"a request line with its headers has up to {self.max_head_bytes} bytes"
        body = write_json({"status": "error", "message": limit})
        head = (
            "HTTP/1.1 431 Request Header Fields Too Large\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        if not self.transport.is_closing():
            self.transport.write(head.encode() + body)
            self.transport.close()


def _without_upgrade(data: bytes) -> bytes:
    """Return `data` without an offer to upgrade, which Java's client makes with every request.

    It may be declined by ignoring it (RFC 9110, 7.8), but httptools would ignore the body instead.
    """
    if b"pgrade:" not in data and b"PGRADE:" not in data:
        return data
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head) + end + rest
