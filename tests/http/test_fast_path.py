"""The fast path gives the answers of the ordinary way, in their order, and takes nobody else's.

The application says `ordinary`, the answerer `fast`, so each answer tells which way it came.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
import uvicorn
import uvloop
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


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def serve(request: pytest.FixtureRequest) -> Serve:
    """Return what serves while somebody visits, on either event loop."""

    def run(visit: Visit, keep_alive_s: int = 5) -> None:
        async def visited() -> None:
            served = Served(keep_alive_s)
            server = await served.open()
            async with asyncio.timeout(PATIENCE_S):
                await visit(served)
                await served.close()
            server.close()
            await server.wait_closed()

        request.param(visited())

    return run


def test_what_was_asked_before_is_answered_fast(serve: Serve) -> None:
    """From the second time on, whatever the query, on any connection; with a head like others."""

    async def visit(served: Served) -> None:
        client = await served.client()
        assert await client.asks(get("a=1")) == b"ordinary a=1"
        assert await client.asks(get("a=2")) == b"fast a=2"
        other = await served.client()
        assert await other.asks(get("a=3")) == b"fast a=3"
        assert await other.asks(get("a=4")) == b"fast a=4"
        assert client.heads[1].split(b"\r\n") == [
            *(b"HTTP/1.1 200 OK", b"date: today", b"content-type: application/json"),
            *(b"way: fast", b"content-length: 8", b"", b""),
        ]

    serve(visit)


def test_answers_have_the_date_of_now(serve: Serve) -> None:
    """Which the server makes anew every second."""

    async def visit(served: Served) -> None:
        client = await served.client()
        await client.asks(get("a"))
        await client.asks(get("b"))
        served.state.default_headers = [(b"date", b"tomorrow")]
        await client.asks(get("c"))
        assert b"\r\ndate: today\r\n" in client.heads[1]
        assert b"\r\ndate: tomorrow\r\n" in client.heads[2]

    serve(visit)


@pytest.mark.parametrize(
    "request_",
    [
        get("a", HOST),
        get("a", HOST, KEY, "Expect: 100-continue"),
        get("a", HOST, KEY, "Content-Length: 0"),
        get("a", HOST, KEY, "Content-Length: 3") + b"abc",
        get("a", HOST, KEY, "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        get("a", line="GET /ask?{} HTTP/1.1\r\nX: y\r\nX: z HTTP/1.1"),
        get("odd"),
        get("a", line="HEAD /ask?{} HTTP/1.1"),
        get("a", line="GET /else?{} HTTP/1.1"),
        get("a", line="GET /ask?{}" + "a" * 900 + " HTTP/1.1"),
        get("a") + get("b"),
    ],
)
def test_what_is_not_plain_goes_the_ordinary_way(serve: Serve, request_: bytes) -> None:
    """However often it is asked; and plain requests behind it are none the worse."""

    async def visit(served: Served) -> None:
        client = await served.client()
        for _ in range(3):
            client.send(request_)
        await asyncio.sleep(0.05)
        for _ in range(3):
            client.send(request_)
        client.writer.write_eof()
        received = await client.reader.read()
        assert b"fast" not in received

    serve(visit)


@pytest.mark.parametrize("last", ["HTTP/1.0", "HTTP/1.1"])
def test_who_wants_no_more_is_hung_up_on(serve: Serve, last: str) -> None:
    """As HTTP/1.0 does by itself, and `Connection: close` by saying so."""

    async def visit(served: Served) -> None:
        for _ in range(3):
            client = await served.client()
            asked = get("a", HOST, KEY, "Connection: close", line="GET /ask?{} " + last)
            assert await client.asks(asked) == b"ordinary a"
            assert await client.reader.read() == b""

    serve(visit)


@pytest.mark.parametrize(
    "piece",
    [
        b"\r\nPOST /ask HTTP/1.1\r\nAuthorization: Bearer k\r\nX: ",
        b"M-SEARCH /ask HTTP/1.1\r\nAuthorization: Bearer k\r\nX: ",
        b"\r\nGET /ask?z HTTP/1.1\r\nAuthorization: Bearer k\r\nHost: ",
        b"G",
        b"GET /ask?z HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n",
    ],
)
def test_what_only_looks_like_a_request_is_none(serve: Serve, piece: bytes) -> None:
    """A part of another one that is cut there: it is neither answered nor remembered."""

    async def visit(served: Served) -> None:
        friend = await served.client()
        await friend.asks(get("a"))
        for request_ in (get("b"), get("b", HOST)):
            client = await served.client()
            client.send(piece)
            await asyncio.sleep(0.05)
            client.send(request_)
            client.writer.write_eof()
            assert b"fast" not in await client.reader.read()
        assert await friend.asks(get("c", HOST)) == b"ordinary c"

    serve(visit)


def test_an_empty_line_between_requests_is_nothing(serve: Serve) -> None:
    """As some clients send one (RFC 9112, 2.2)."""

    async def visit(served: Served) -> None:
        client = await served.client()
        await client.asks(get("a"))
        client.send(b"\r\n")
        await asyncio.sleep(0.05)
        assert await client.asks(get("b")) == b"fast b"

    serve(visit)


@pytest.mark.parametrize("end", ["", " HTTP/2.0", " HTTP/0.9", " HTTP/1.0"])
def test_of_another_version_nothing_is_remembered(serve: Serve, end: str) -> None:
    """However much a header looks like the end of the request line: the key is before it."""

    async def visit(served: Served) -> None:
        headers = ("Connection: keep-alive", KEY, "X: HTTP/1.1", HOST)
        client = await served.client()
        client.send(get("a", *headers, line="GET /ask?{}" + end))
        await asyncio.sleep(0.05)
        friend = await served.client()
        assert await friend.asks(get("b", HOST)) == b"ordinary b"
        assert await friend.asks(get("c", HOST)) == b"ordinary c"

    serve(visit)


def test_who_cannot_be_answered_is_hung_up_on(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others of the same turn have their answers."""
    answer = FastProtocol.answer

    def fail(self: FastProtocol, told: bytes) -> None:
        if b"fast b" in told:
            raise ValueError("unexpected")
        answer(self, told)

    monkeypatch.setattr(FastProtocol, "answer", fail)

    async def visit(served: Served) -> None:
        clients = [await served.client() for _ in range(3)]
        await clients[0].asks(get("first"))
        for client, query in zip(clients, "abc", strict=True):
            client.send(get(query))
        assert [await clients[each].told() for each in (0, 2)] == [b"fast a", b"fast c"]
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await clients[1].told()

    serve(visit)


def test_a_request_in_two_pieces_goes_the_ordinary_way(serve: Serve) -> None:
    """And the next one, whole again, does not."""

    async def visit(served: Served) -> None:
        client = await served.client()
        assert await client.asks(get("a")) == b"ordinary a"
        client.send(get("b")[:20])
        await asyncio.sleep(0.05)
        assert await client.asks(get("b")[20:]) == b"ordinary b"
        assert await client.asks(get("c")) == b"fast c"

    serve(visit)


def test_what_has_no_answer_is_answered_the_ordinary_way(serve: Serve) -> None:
    """Alone and between others."""

    async def visit(served: Served) -> None:
        clients = [await served.client() for _ in range(4)]
        await clients[0].asks(get("a"))
        for client, query in zip(clients, ("a", "lost", "b", "lost"), strict=True):
            client.send(get(query))
        told = [await each.told() for each in clients]
        assert told == [b"fast a", b"ordinary lost", b"fast b", b"ordinary lost"]
        assert await clients[1].asks(get("c")) == b"fast c"

    serve(visit)


def test_who_asks_at_once_is_answered_at_once(serve: Serve) -> None:
    """All requests of a turn of the loop are given to the answerer together."""

    async def visit(served: Served) -> None:
        clients = [await served.client() for _ in range(20)]
        await clients[0].asks(get("a"))
        for client in clients:
            client.send(get("b"))
        assert [await each.told() for each in clients] == [b"fast b"] * 20
        assert max(served.answerer.together) > 1
        assert sum(served.answerer.together) == 20

    serve(visit)


@pytest.mark.parametrize("queries", [["a", "b"], ["slow", "a"], ["a", "slow", "b"], ["lost", "a"]])
def test_answers_come_in_the_order_of_the_requests(serve: Serve, queries: list[str]) -> None:
    """Of a client that does not wait for one before it asks the next, in one piece or several."""

    async def visit(served: Served) -> None:
        client = await served.client()
        await client.asks(get("first"))
        for pause in (0, 0.002, 0.01):
            for query in queries * 5:
                client.send(get(query))
                await asyncio.sleep(pause)
            told = [await client.told() for _ in queries * 5]
            assert [each.split(b" ")[1].decode() for each in told] == queries * 5

    serve(visit)


def test_more_right_behind_it_waits_for_the_answer(serve: Serve) -> None:
    """Two pieces that are received in one turn of the loop."""

    async def visit(served: Served) -> None:
        client = await served.client()
        await client.asks(get("first"))
        connection = served.connections[0]
        for query in ("a", "lost", "b", "c"):
            connection.data_received(get(query))
        told = [await client.told() for _ in range(4)]
        assert told == [b"fast a", b"ordinary lost", b"ordinary b", b"ordinary c"]
        assert await client.asks(get("d")) == b"fast d"

    serve(visit)


@pytest.mark.parametrize("query", ["a", "lost"])
def test_who_will_send_no_more_has_the_answer(serve: Serve, query: str) -> None:
    """And then the line is closed."""

    async def visit(served: Served) -> None:
        client = await served.client()
        await client.asks(get("first"))
        client.send(get(query))
        client.writer.write_eof()
        assert (await client.told()).endswith(query.encode())
        assert await client.reader.read() == b""

    serve(visit)


def test_who_has_gone_is_not_answered(serve: Serve) -> None:
    """And the others are."""

    async def visit(served: Served) -> None:
        stays, goes = await served.client(), await served.client()
        await stays.asks(get("first"))
        gone = next(each for each in served.connections if each.cycle is None)
        for query in ("a", "lost"):
            gone.data_received(get(query))
            gone.transport.abort()
            assert await stays.asks(get("b")) == b"fast b"
        goes.writer.close()

    serve(visit)


def test_a_server_that_ends_answers_what_waits(serve: Serve) -> None:
    """Then it hangs up."""

    async def visit(served: Served) -> None:
        client = await served.client()
        await client.asks(get("first"))
        [connection] = served.connections
        connection.data_received(get("a"))
        connection.shutdown()
        assert await client.told() == b"fast a"
        assert await client.reader.read() == b""

    serve(visit)


def test_who_is_silent_is_hung_up_on_and_who_asks_is_not(serve: Serve) -> None:
    """One timer does for many answers, and it counts from the last."""

    async def visit(served: Served) -> None:
        silent, busy = await served.client(), await served.client()
        loop = asyncio.get_running_loop()
        await busy.asks(get("first"))
        assert await silent.asks(get("a")) == b"fast a"
        started = loop.time()
        while loop.time() - started < 1.7:
            assert await busy.asks(get("b")) == b"fast b"
            await asyncio.sleep(0.1)
        assert await asyncio.wait_for(silent.reader.read(), 0.1) == b""
        assert await busy.asks(get("c")) == b"fast c"
        last = loop.time()
        assert await busy.reader.read() == b""
        assert 0.9 < loop.time() - last < 1.9

    serve(visit, keep_alive_s=1)


def test_who_asks_first_of_all_is_not_out_of_time_later(serve: Serve) -> None:
    """The time for a first request ends with it, on the fast path too."""

    async def visit(served: Served) -> None:
        await (await served.client()).asks(get("first"))
        client = await served.client()
        await asyncio.sleep(1.5)
        assert await client.asks(get("a")) == b"fast a"
        await asyncio.sleep(1)
        assert await client.asks(get("b")) == b"fast b"

    serve(visit)


def test_who_reads_no_answers_is_not_asked_for_more(serve: Serve) -> None:
    """Where the answers are not read, requests take the ordinary way, which waits."""

    async def visit(served: Served) -> None:
        client = await served.client()
        await client.asks(get("first"))
        [connection] = served.connections
        connection.pause_writing()
        client.send(get("a"))
        await asyncio.sleep(0.05)
        connection.resume_writing()
        assert await client.told() == b"ordinary a"
        assert await client.asks(get("b")) == b"fast b"

    serve(visit)


def test_no_more_heads_are_remembered_than_said(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sends another head each time pushes out others, and nothing else."""
    monkeypatch.setattr("ringfence.http.fast_path.MAX_HEADS", 3)

    async def visit(served: Served) -> None:
        client = await served.client()
        for serial in range(10):
            asked = get("a", HOST, KEY, f"X-Serial: {serial}")
            assert await client.asks(asked) == b"ordinary a"
        assert await client.asks(asked) == b"fast a"
        assert len(served.connections[0].fast_path._credentials) <= 3  # noqa: SLF001

    serve(visit)
