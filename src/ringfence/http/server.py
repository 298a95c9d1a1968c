"""The HTTP server: uvicorn, with a bound on the head of a request and a clean way to stop."""

import signal
import socket
from collections.abc import Callable
from math import ceil
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from ringfence.config import Settings
from ringfence.http.protocol import BoundedProtocol

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
        signal.signal(number, _stop)
    _Server(_config(app, settings), on_started).run(sockets=[listener])


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End the process well: it has not begun yet, or has drained.

    While it serves, uvicorn takes the signal, drains, and then raises it again.
    """
    raise SystemExit(0)


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_bounded_protocol(settings),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # Which proxy to believe, and how far, is said in proxies.py.
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=max(1, ceil(settings.drain_timeout_s)),
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_started()


def _bounded_protocol(settings: Settings) -> type[BoundedProtocol]:
    bounds = ("max_head_bytes", "max_connections", "request_timeout_s")
    return type("Protocol", (BoundedProtocol,), {name: getattr(settings, name) for name in bounds})
