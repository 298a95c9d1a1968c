"""A server with a fast path, and its clients.

The application says `ordinary`, the answerer `fast`, so each answer tells which way it came.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from ringfence.http.fast_path import Answer, Asked, FastPath, Headers
from ringfence.http.fast_protocol import FastProtocol

PATIENCE_S = 10
KEY = "Authorization: Bearer k"
HOST = "Host: x"


class Answerer:
    """Answers `fast` and the query; does not read those with `odd`, has no answer to `lost`."""

    start = b"GET /ask?"

    def __init__(self) -> None:
        self.together: list[int] = []

    def credential(self, headers: Headers) -> bytes | None:
        """Return the header that is a key."""
        return dict(headers).get(b"authorization")

    def read(self, query: bytes) -> bytes | None:
        """Return the query itself."""
        return None if b"odd" in query else query

    def answer_all(self, asked: Sequence[Asked[bytes]]) -> Sequence[Answer | None]:
        """Return an answer for each."""
        self.together.append(len(asked))
        return [
            None if b"lost" in each.question else Answer(b"way: fast", b"fast " + each.question)
            for each in asked
        ]


async def ordinary(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `ordinary` and the query, with the body that was sent."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    if b"slow" in scope["query_string"]:
        await asyncio.sleep(0.05)
    told = b"ordinary " + scope["query_string"] + body
    headers = [(b"content-length", b"%d" % len(told)), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": told})


class Served:
    """A server of both ways, and its address."""

    def __init__(self, keep_alive_s: int) -> None:
        self.answerer = Answerer()
        self.state = ServerState()
        self._clients: list[Client] = []
        self.state.default_headers = [(b"date", b"today")]
        self._config = uvicorn.Config(
            ordinary, log_config=None, timeout_keep_alive=keep_alive_s, ws="none"
        )
        self._config.load()

    async def open(self) -> asyncio.Server:
        """Begin to listen."""
        bounds = {"max_head_bytes": 1000, "max_connections": 100, "request_timeout_s": 2.0}
        path = FastPath(self.answerer, self.state)
        own: dict[str, Any] = {**bounds, "neighbours": set(), "fast_path": path}
        protocol = type("Protocol", (FastProtocol,), own)
        make = partial(protocol, self._config, self.state, {})
        server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        return server

    async def client(self) -> "Client":
        """Connect."""
        self._clients.append(Client(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self._clients[-1]

    @property
    def connections(self) -> list[FastProtocol]:
        """Return the open connections, as the server has them."""
        return [each for each in self.state.connections if isinstance(each, FastProtocol)]

    async def close(self) -> None:
        """Hang up on everybody."""
        for client in self._clients:
            client.writer.close()
            with suppress(ConnectionError):
                await client.writer.wait_closed()
        while self.state.connections:  # noqa: ASYNC110  uvicorn's set tells nobody
            await asyncio.sleep(0.001)


class Client:
    """A connection to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heads: list[bytes] = []

    def send(self, data: bytes) -> None:
        """Send bytes as one piece."""
        self.writer.write(data)

    async def told(self) -> bytes:
        """Return the body of the next answer."""
        self.heads.append(await self.reader.readuntil(b"\r\n\r\n"))
        [length] = re.findall(rb"content-length: (\d+)", self.heads[-1])
        return await self.reader.readexactly(int(length))

    async def asks(self, data: bytes) -> bytes:
        """Send a request, and return what is told."""
        self.send(data)
        return await self.told()


def get(query: str, *headers: str, line: str = "GET /ask?{} HTTP/1.1") -> bytes:
    """Return a request."""
    return "\r\n".join([line.format(query), *(headers or (HOST, KEY)), "", ""]).encode()


Visit = Callable[[Served], Awaitable[None]]
Serve = Callable[..., None]
