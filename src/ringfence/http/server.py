"""The HTTP server: uvicorn, with bounds, any number of addresses and a clean way to stop."""

import asyncio
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from ringfence.config import Settings
from ringfence.http.metrics import Metrics
from ringfence.http.protocol import BoundedProtocol

BACKLOG = 2048
REFRESH_TICKS = 20
"""How often what changes by itself is looked at, in ticks of uvicorn's 0.1 s."""


@dataclass(frozen=True, slots=True)
class Served:
    """An application and the socket that it is served on."""

    app: ASGIApp
    listener: socket.socket


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port`. Raises OSError where that is refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def run_server(
    served: Sequence[Served],
    settings: Settings,
    metrics: Metrics,
    on_started: Callable[[], None],
) -> None:
    """Serve until SIGTERM or SIGINT, then let the requests under way finish.

    The first of `served` is the main one, which is told when the server starts and stops. Each
    address has bounds of its own. `on_started` is called once requests are answered.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    server = _Server(served, settings, metrics, on_started)
    server.run(sockets=[each.listener for each in served])


def _stop(_number: int, _frame: FrameType | None) -> None:
    """End the process well: it has not begun yet, or has drained.

    While it serves, uvicorn takes the signal, drains, and then raises it again.
    """
    raise SystemExit(0)


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
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
    def __init__(
        self,
        served: Sequence[Served],
        settings: Settings,
        metrics: Metrics,
        on_started: Callable[[], None],
    ) -> None:
        super().__init__(_config(served[0].app, settings))
        self._served = served
        self._settings = settings
        self._metrics = metrics
        self._on_started = on_started
        connections = self.server_state.connections
        metrics.follow("connections", "Open connections.", lambda: len(connections))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Begin to answer on every address; uvicorn itself knows of one kind only."""
        await super().startup(sockets=[])
        for each in self._served:
            self.servers.append(await self._open(each))
        self._on_started()

    async def _open(self, served: Served) -> asyncio.Server:
        config = _config(served.app, self._settings)
        config.load()
        protocol = _bounded_protocol(self._settings)
        make = partial(protocol, config, self.server_state, self.lifespan.state)
        loop = asyncio.get_running_loop()
        return await loop.create_server(make, sock=served.listener, backlog=BACKLOG)

    async def on_tick(self, counter: int) -> bool:
        if counter % REFRESH_TICKS == 0:
            self._metrics.refresh()
        return await super().on_tick(counter)


def _bounded_protocol(settings: Settings) -> type[BoundedProtocol]:
    """Return the protocol of one address."""
    names = ("max_head_bytes", "max_connections", "request_timeout_s")
    bounds = {name: getattr(settings, name) for name in names}
    return type("Protocol", (BoundedProtocol,), {**bounds, "neighbours": set()})
