"""Who the client is when a proxy stands in front.

uvicorn's own way is not used: from a trusted proxy it believes any text to be an address, and it
does not know a trusted IPv4 proxy again that comes to a socket of both families (::ffff:10.0.0.1).
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from ringfence.config import Network

_Address = IPv4Address | IPv6Address
_SCHEMES = {"http", "https"}


def behind_proxies(app: ASGIApp, trusted: Sequence[Network]) -> ASGIApp:
    """Return `app` as it is told of its clients by the `trusted` proxies, and by nobody else."""
    return _BehindProxies(app, trusted) if trusted else app


class _BehindProxies:
    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            peer = read_address(scope["client"][0])
            if peer is not None and self._trusts(peer):
                self._believe(scope, peer)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope, peer: _Address) -> None:
        client = self._client(peer, list(_values(scope, b"x-forwarded-for")))
        if client != peer:
            scope["client"] = (str(client), 0)
        schemes = list(_values(scope, b"x-forwarded-proto"))
        if schemes and schemes[-1].lower() in _SCHEMES:
            scope["scheme"] = schemes[-1].lower()

    def _client(self, peer: _Address, forwarded: Sequence[str]) -> _Address:
        """Return the nearest address that is no proxy of ours; what lies beyond is hearsay.

        Where the way there is broken by something that is no address, it is the last proxy.
        """
        client = peer
        for text in reversed(forwarded):
            address = read_address(text)
            if address is None:
                return client
            client = address
            if not self._trusts(address):
                return client
        return client

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self._trusted)


def _values(scope: Scope, wanted: bytes) -> Iterator[str]:
    """Yield what stands between the commas of every header of this name, in order."""
    for name, value in scope["headers"]:
        if name == wanted:
            yield from (part.strip() for part in value.decode("latin-1").split(","))


def read_address(text: str) -> _Address | None:
    """Return the address in `text`, with or without a port, or None where there is none.

    An IPv4 address that is written in IPv6 is given as what it is. A zone is left out: it means
    nothing on another machine, and may be any text.
    """
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
