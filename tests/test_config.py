"""Settings that are more than a number or a word."""

import pytest

from ringfence.config import read_listen_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", None),
        ("127.0.0.1:9090", ("127.0.0.1", 9090)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_an_address_has_a_host_and_a_port(text: str, address: tuple[str, int] | None) -> None:
    """Or there is none."""
    assert read_listen_address(text) == address


@pytest.mark.parametrize("text", ["9090", "host", "host:", ":1", "host:65536", "::1:9090", "a b:1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """The rule shows how one is written."""
    with pytest.raises(ValueError, match="127\\.0\\.0\\.1:9090"):
        read_listen_address(text)
