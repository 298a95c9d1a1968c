"""TLS connections until they are made: few at a time, and none for ever.

The event loop's own server would take any number of handshakes and give each a minute.
"""

import asyncio
import socket
from collections.abc import Callable, Sized

import structlog

from ringfence.config import Settings
from ringfence.http.certificates import Certificate

GOODBYE_S = 1.0
"""How long a client may take to agree to the end of its connection, which few do."""

TOLD_TO_WAIT = 32
"""How many more may shake hands where there are too many, so that some hear of that."""

_PAUSE_S = 1.0
_log = structlog.get_logger("ringfence.handshake")


class Handshakes:
    """Takes the connections of one address, and gives each that shook hands its protocol.

    Handshakes under way and `connections` are bounded together: both take descriptors, of which
    the rest of the process needs some too. Further clients are hung up on, for before its handshake
    nobody can be told why. `make` makes the protocol.
    """

    def __init__(
        self,
        certificate: Certificate,
        settings: Settings,
        make: Callable[[], asyncio.Protocol],
        connections: Sized,
    ) -> None:
        self._certificate = certificate
        self._timeout_s = settings.request_timeout_s
        self._most = settings.max_connections
        self._make = make
        self._connections = connections
        self._under_way: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    def open(self, listener: socket.socket) -> None:
        """Begin to take connections, in the running event loop."""
        listener.setblocking(False)  # noqa: FBT003  the standard library's own signature
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listener))

    def close(self) -> None:
        """Take no more, and hang up on those whose handshake is not over."""
        if self._accepting is not None:
            self._accepting.cancel()
        for handshake in self._under_way:
            handshake.cancel()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(listener)
            except OSError as error:  # there are no more file descriptors, as a rule
                _log.warning("a connection cannot be taken", reason=str(error))
                await asyncio.sleep(_PAUSE_S)
            else:
                self._begin(client)

    def _begin(self, client: socket.socket) -> None:
        taken = len(self._under_way) + len(self._connections)
        if taken >= self._most + TOLD_TO_WAIT:
            client.close()
            return
        task = asyncio.get_running_loop().create_task(self._shake_hands(client))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _shake_hands(self, client: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._make,
                client,
                ssl=self._certificate.context,
                ssl_handshake_timeout=self._timeout_s,
                ssl_shutdown_timeout=GOODBYE_S,
            )
        except OSError as error:  # which every failure of TLS is
            _log.debug("no handshake", reason=str(error))
