"""The HTTP server: uvicorn, with a bound on the head of a request and a clean way to stop."""

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ringfence.config import Settings
from ringfence.http.answers import write_json

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port`. Raises OSError where that is refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def run_server(
    app: ASGIApp, listener: socket.socket, settings: Settings, on_started: Callable[[], None]
) -> None:
    """Serve `app` until SIGTERM or SIGINT, then let the requests under way finish.

    `on_started` is called once requests are answered.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises a signal again once it has drained; a drained stop is a clean exit.
        signal.signal(number, _stopped)
    _Server(_config(app, settings), on_started).run(sockets=[listener])


def _stopped(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the server has stopped, and the process ends by itself."""


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_bounded_protocol(settings.max_head_bytes),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # The address in the log and in the delay of wrong keys is the peer's own.
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(settings.drain_timeout_s),
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_started()


class _HeadTooLargeError(Exception):
    """The request line with its headers is larger than it may be."""


class _BoundedProtocol(HttpToolsProtocol):
    """Refuses a request whose head is too large, before it is held in memory whole.

    httptools has no such bound of its own: it would gather a URL or a header of any length.
    """

    max_head_bytes: int
    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.max_head_bytes:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        headers = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) + headers > self.max_head_bytes:
            raise _HeadTooLargeError
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what uvicorn could not parse, which includes a head refused above."""
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


def _bounded_protocol(max_head_bytes: int) -> type[_BoundedProtocol]:
    return type("BoundedProtocol", (_BoundedProtocol,), {"max_head_bytes": max_head_bytes})
