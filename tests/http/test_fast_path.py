"""The fast path gives the answers of the ordinary way, and takes nobody else's requests."""

import asyncio

import pytest

from ringfence.http.fast_protocol import FastProtocol
from tests.http.fast_server import HOST, KEY, Serve, Served, get


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
