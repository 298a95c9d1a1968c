"""Whom the app believes about its clients: the proxies that were named, and nobody else."""

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from ringfence.config import read_networks
from ringfence.http.proxies import behind_proxies, read_address

PROXY = "10.0.0.1"
TRUSTED = "10.0.0.0/8, 2001:db8::/32,192.0.2.7"


def seen(peer: str, *headers: tuple[str, str], trusted: str = TRUSTED) -> tuple[Any, str]:
    """Return the client and the scheme that an app sees behind the proxies."""
    scopes: list[Scope] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        scopes.append(scope)

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "scheme": "http", "client": (peer, 5000), "headers": raw}
    asyncio.run(behind_proxies(app, read_networks(trusted))(scope, None, None))  # type: ignore[arg-type]
    return scopes[0]["client"][0], scopes[0]["scheme"]


def told(*values: str) -> str:
    """Return the client that the app sees when the proxy sends these X-Forwarded-For."""
    client, _ = seen(PROXY, *(("x-forwarded-for", value) for value in values))
    return str(client)


def test_a_trusted_proxy_is_believed() -> None:
    """Address and scheme are the client's."""
    headers = (("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https"))
    assert seen(PROXY, *headers) == ("203.0.113.9", "https")


@pytest.mark.parametrize(("peer", "trusted"), [("203.0.113.1", TRUSTED), (PROXY, "")])
def test_nobody_else_is_believed(peer: str, trusted: str) -> None:
    """Anyone can write a header."""
    headers = (("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "https"))
    assert seen(peer, *headers, trusted=trusted) == (peer, "http")


@pytest.mark.parametrize(
    ("values", "client"),
    [
        (["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (["198.51.100.1, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        (["198.51.100.1", "203.0.113.9 , 10.1.2.3"], "203.0.113.9"),
        (["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        (["203.0.113.9:4711"], "203.0.113.9"),
        (["2001:DB9::1"], "2001:db9::1"),
        (["[2001:db9::1]:4711"], "2001:db9::1"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
    ],
)
def test_the_client_is_the_nearest_that_is_no_proxy(values: list[str], client: str) -> None:
    """What stands left of it was written by the client, who may write anything."""
    assert told(*values) == client


@pytest.mark.parametrize(
    "value", ["", "unknown", "_hidden", "1.2.3.4.5", "a b", "[", "[]:1", "\xff", "evil\x1b[2J", ","]
)
def test_what_is_no_address_is_not_believed(value: str) -> None:
    """The client is the last that is known by an address; nothing else reaches the log."""
    assert told(value) == PROXY
    assert told(f"203.0.113.9, {value}, 10.1.2.3") == "10.1.2.3"


def test_a_long_chain_of_nothing_is_not_believed() -> None:
    """However much of it there is."""
    assert told("x," * 10_000) == PROXY


def test_a_proxy_is_known_in_either_family() -> None:
    """A socket for both families shows an IPv4 peer in IPv6."""
    forwarded = ("x-forwarded-for", "203.0.113.9")
    assert seen("::ffff:10.0.0.1", forwarded)[0] == "203.0.113.9"
    assert seen("2001:db8:1::1", forwarded)[0] == "203.0.113.9"
    assert seen("192.0.2.7", forwarded)[0] == "203.0.113.9"
    assert seen("192.0.2.8", forwarded)[0] == "192.0.2.8"


@pytest.mark.parametrize("scheme", ["", "ftp", "https evil", "wss"])
def test_a_scheme_that_is_none_of_ours_is_not_believed(scheme: str) -> None:
    """It stays what the connection has."""
    assert seen(PROXY, ("x-forwarded-proto", scheme)) == (PROXY, "http")


def test_the_scheme_is_the_nearest_proxy_s() -> None:
    """Like the address."""
    assert seen(PROXY, ("x-forwarded-proto", "http, HTTPS"))[1] == "https"


def test_a_zone_is_no_part_of_an_address() -> None:
    """A link-local peer comes with one, and a client may write anything there."""
    assert str(read_address("fe80::1%eth0")) == str(read_address("fe80::1%\x1b[2J")) == "fe80::1"


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example", "10.0.0.1/8", "*"])
def test_a_setting_that_is_no_network_is_refused(text: str) -> None:
    """With the part that is wrong."""
    with pytest.raises(ValueError, match=text.replace("*", r"\*")):
        read_networks(f"192.0.2.1, {text}")
