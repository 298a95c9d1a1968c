"""The HTTP server: uvicorn, with bounds, any number of addresses and a clean way to stop."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from types import FrameType
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp

from ringfence.config import Settings
from ringfence.http.certificates import Certificate
from ringfence.http.fast_path import Answerer, FastPath
from ringfence.http.fast_protocol import FastProtocol
from ringfence.http.handshakes import Handshakes
from ringfence.http.metrics import Metrics
from ringfence.http.protocol import BoundedProtocol

BACKLOG = 2048
_BOUNDS = ("max_head_bytes", "max_connections", "request_timeout_s")
REFRESH_TICKS = 20
"""How often what changes by itself is looked at, in ticks of uvicorn's 0.1 s."""

_log = structlog.get_logger("ringfence.server")


@dataclass(frozen=True, slots=True)
class Served:
    """An application, the socket that it is served on, and the certificate if that speaks TLS.

    `answerer` has quick answers to some of its requests.
    """

    app: ASGIApp
    listener: socket.socket
    certificate: Certificate | None = None
    answerer: Answerer[Any] | None = None


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
    address has bounds of its own. `on_started` is called once requests are answered. SIGHUP loads
    the certificates anew.
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
        interface="asgi3",
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
        self._handshakes: list[Handshakes] = []
        self._certificates = [each.certificate for each in served if each.certificate]
        connections = self.server_state.connections
        metrics.follow("connections", "Open connections.", lambda: len(connections))
        for certificate in self._certificates:
            meaning = "When the certificate in use expires, in seconds since 1970."
            name = "tls_certificate_expires_seconds"
            metrics.follow(name, meaning, certificate.expires_s, "livemin")

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Begin to answer on every address; uvicorn itself knows of one kind only."""
        await super().startup(sockets=[])
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload)
        for each in self._served:
            await self._open(each)
        _collect_garbage_seldom()
        self._on_started()

    async def _open(self, served: Served) -> None:
        config = _config(served.app, self._settings)
        config.load()
        protocol = self._protocol(served.answerer)
        make = partial(protocol, config, self.server_state, self.lifespan.state)
        if served.certificate is not None:
            handshakes = Handshakes(served.certificate, self._settings, make, protocol.neighbours)
            handshakes.open(served.listener)
            self._handshakes.append(handshakes)
            return
        loop = asyncio.get_running_loop()
        self.servers.append(await loop.create_server(make, sock=served.listener, backlog=BACKLOG))

    def _protocol(self, answerer: Answerer[Any] | None) -> type[BoundedProtocol]:
        """Return the protocol of one address."""
        bounds = {name: getattr(self._settings, name) for name in _BOUNDS}
        own: dict[str, object] = {**bounds, "neighbours": set()}
        if answerer is None:
            return type("Protocol", (BoundedProtocol,), own)
        own["fast_path"] = FastPath(answerer, self.server_state)
        return type("Protocol", (FastProtocol,), own)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for handshakes in self._handshakes:
            handshakes.close()
        await super().shutdown(sockets)

    def _reload(self) -> None:
        for certificate in self._certificates:
            certificate.renew()
        if not self._certificates:
            _log.info("SIGHUP: there is no certificate to load anew")

    async def on_tick(self, counter: int) -> bool:
        if counter % REFRESH_TICKS == 0:
            for certificate in self._certificates:
                certificate.renew_if_changed()
            self._metrics.refresh()
        return await super().on_tick(counter)


def _collect_garbage_seldom() -> None:
    """Leave what is here for good alone, and look for garbage among more at a time.

    Rows that wait for the store are many, and none of them garbage: looking through them again and
    again took a tenth of the time (docs/performance.md; https://docs.python.org/3/library/gc.html).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
