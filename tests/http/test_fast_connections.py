"""A connection with a fast path: answers in their order, and an end at the right time."""

import asyncio

import pytest

from tests.http.fast_server import Serve, Served, get


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
