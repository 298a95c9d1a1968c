"""Reading a body within bounded memory."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.http.bodies import BodyTooLargeError, ClientGoneError, read_body


class Client:
    """Sends a body in chunks; then, if `goes`, hangs up."""

    def __init__(self, *chunks: bytes, goes: bool = False) -> None:
        self.sent = 0
        self._messages = self._talk(chunks, goes=goes)

    def _talk(self, chunks: tuple[bytes, ...], *, goes: bool) -> Iterator[dict[str, Any]]:
        last = len(chunks) - 1
        for at, chunk in enumerate(chunks):
            self.sent += 1
            yield {"type": "http.request", "body": chunk, "more_body": goes or at < last}
        yield {"type": "http.disconnect"}

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        return next(self._messages)


def read(client: Client, max_bytes: int) -> bytes:
    """Return the body that `client` sends."""
    return asyncio.run(read_body(client.receive, max_bytes))


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=5), st.integers(0, 20))
def test_a_body_is_read_whole_or_refused(chunks: list[bytes], limit: int) -> None:
    """However it comes in pieces, its length alone decides."""
    body = b"".join(chunks)
    if len(body) <= limit:
        assert read(Client(*chunks), limit) == body
    else:
        with pytest.raises(BodyTooLargeError):
            read(Client(*chunks), limit)


def test_a_body_that_is_too_large_is_not_read_on() -> None:
    """A client that sends without end fills no memory."""
    client = Client(*[b"12345"] * 1000)
    with pytest.raises(BodyTooLargeError):
        read(client, 12)
    assert client.sent == 3


@pytest.mark.parametrize("chunks", [(), (b"half",)])
def test_a_client_that_goes_away_is_told_from_one_that_finished(chunks: tuple[bytes, ...]) -> None:
    """Half a body is no body."""
    with pytest.raises(ClientGoneError):
        read(Client(*chunks, goes=True), 100)


def test_a_message_may_leave_out_what_is_usual() -> None:
    """ASGI lets `body` and `more_body` be absent: an empty body, and the last piece."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    assert asyncio.run(read_body(receive, 0)) == b""
