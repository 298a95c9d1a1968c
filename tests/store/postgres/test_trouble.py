"""A server that is slow, locked, full, away: unavailable in time, nothing kept, then it goes on."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic

import pytest

from ringfence.errors import Unavailable
from ringfence.store import Transaction
from ringfence.store.postgres.connection import PostgresTransaction
from ringfence.store.postgres.store import PostgresStore
from tests.postgres.fresh import EMPTY
from tests.postgres.server import PostgresServer
from tests.store.postgres.administration import Administrator, opened, session_of
from tests.store.together import PATIENCE_S, kept, perform_together, put
from tests.system.server_process import wait_until

TIMEOUT_S = 0.8
SLACK_S = 1.5
"""What a busy machine may add to a timeout."""


@pytest.fixture
def hasty(scratch: PostgresStore, database_url: str) -> Iterator[PostgresStore]:
    """Return a second store on the same database, which soon gives up."""
    assert kept(scratch) == []
    with opened(database_url, timeout_s=TIMEOUT_S, connections=3) as store:
        yield store


@contextmanager
def unavailable_in_time(match: str | None = None) -> Iterator[None]:
    """Check that what is done inside is refused, when its time is up at the latest."""
    started = monotonic()
    with pytest.raises(Unavailable, match=match):
        yield
    assert monotonic() - started < TIMEOUT_S + SLACK_S


def put_and_run(sql: str) -> Callable[[Transaction], object]:
    """Return work that puts the row 1 and then runs a statement."""
    return lambda tx: [put(1)(tx), tx.run(sql)]


def test_a_statement_that_takes_too_long_is_given_up(hasty: PostgresStore) -> None:
    """By the server itself, so that it does not compute for nobody."""
    with unavailable_in_time("statement timeout"):
        hasty.write(put_and_run("select pg_sleep(30)"))
    with unavailable_in_time("statement timeout"):
        hasty.read(lambda tx: tx.one("select pg_sleep(30)"))
    with unavailable_in_time("statement timeout"):
        hasty.read(lambda tx: [tx.one("select 1"), tx.one("select pg_sleep(30)")])
    assert kept(hasty) == []
    assert hasty.write(put(2)) == 2


def test_a_lock_that_is_held_too_long_is_not_waited_for(
    hasty: PostgresStore, admin: Administrator
) -> None:
    """Nothing is kept of the write, neither then nor when the lock is free."""
    with admin.holding("lock table login in access exclusive mode"):
        with unavailable_in_time():
            hasty.write(put_and_run("insert into login values ('a', 1)"))
        with unavailable_in_time():
            hasty.read(lambda tx: tx.all("select * from login"))
        assert hasty.write(put(2)) == 2
    assert kept(hasty) == [2]
    assert hasty.read(lambda tx: tx.all("select * from login")) == []


def test_a_lock_that_is_soon_free_is_waited_for(
    scratch: PostgresStore, admin: Administrator
) -> None:
    """A backup or another service that holds something for a moment fails nobody."""
    with ThreadPoolExecutor(1) as pool:
        with admin.holding("lock table scratch in access exclusive mode"):
            writing = pool.submit(scratch.write, put(1))
        assert writing.result() == 1


def test_more_requests_than_connections_wait_their_turn(hasty: PostgresStore) -> None:
    """As long as their time allows; the rest is refused in time, and all goes on."""
    go, busy = Event(), [Event() for _ in range(3)]

    def hold(held: Event) -> None:
        def work(tx: Transaction) -> None:
            for _ in range(2):
                tx.one("select 1")
            held.set()
            assert go.wait(PATIENCE_S)

        hasty.read(work)

    with ThreadPoolExecutor(3) as pool:
        holding = [pool.submit(hold, each) for each in busy]
        assert all(each.wait(PATIENCE_S) for each in busy)
        with unavailable_in_time("no connection"):
            hasty.write(put(1))
        go.set()
        for each in holding:
            each.exception(PATIENCE_S)
    assert hasty.write(put(2)) == 2
    assert kept(hasty) == [2]


def test_a_backlog_is_refused_without_costing_connections(
    hasty: PostgresStore, admin: Administrator
) -> None:
    """Requests whose time is up fail at once, before their turn or at the lock they wait for."""
    perform_together(hasty, [lambda: kept(hasty)] * 3)
    slow = [lambda: hasty.read(lambda tx: tx.one("select pg_sleep(0.3)"))] * 3
    late = [lambda: hasty.write(put(1))] * 100
    with admin.holding("lock table commit_mark in access exclusive mode"):
        started = monotonic()
        told = perform_together(hasty, [*slow, *late])
    assert monotonic() - started < TIMEOUT_S + SLACK_S
    assert {type(each) for each in told[3:]} == {Unavailable}
    refused = ("too long for its turn", "others were changing the same for too long")
    assert sum(any(why in str(each) for why in refused) for each in told) >= 90
    assert kept(hasty) == []


def test_a_process_that_was_stopped_within_a_transaction_hears_unavailable(
    hasty: PostgresStore, admin: Administrator
) -> None:
    """The server ended its transaction meanwhile, and let go of what it held."""

    def stall(tx: PostgresTransaction) -> None:
        put(1)(tx)
        mine = session_of(tx)
        wait_until(lambda: mine not in admin.sessions(), "the server ends the transaction")
        put(2)(tx)

    with pytest.raises(Unavailable):
        hasty.write(stall)
    assert kept(hasty) == []
    assert hasty.write(put(3)) == 3


@pytest.fixture
def away(own_server: PostgresServer) -> Iterator[PostgresStore]:
    """Return a store on a server that may be stopped, with the table `scratch`."""
    own_server.execute(EMPTY)
    with opened(own_server.url(), timeout_s=TIMEOUT_S) as store:
        store.write(lambda tx: tx.run("create table scratch (n integer primary key, t text)"))
        yield store


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_is_started_again_is_used_again(
    away: PostgresStore, own_server: PostgresServer, how: str
) -> None:
    """While it is away every request hears so in time."""
    perform_together(away, [lambda: kept(away)] * 10)
    away.write(put(1))
    own_server.stop() if how == "stop" else own_server.kill()
    for _ in range(2):
        with unavailable_in_time():
            away.write(put(2))
        with unavailable_in_time():
            kept(away)
    own_server.start()
    written = until_available(lambda: away.write(put(3)))
    assert (written, kept(away)[-1]) == (3, 3)


def test_a_quick_restart_is_not_noticed(own_server: PostgresServer) -> None:
    """A request that comes while the server is away is served when it is back."""
    own_server.execute(EMPTY)
    with opened(own_server.url(), timeout_s=PATIENCE_S) as store, ThreadPoolExecutor(8) as pool:
        store.write(lambda tx: tx.run("create table scratch (n integer primary key, t text)"))
        own_server.stop()
        writing = [pool.submit(store.write, put(n)) for n in range(8)]
        own_server.start()
        assert [each.result() for each in writing] == list(range(8))
        assert kept(store) == list(range(8))


def test_a_frozen_server_is_given_up_in_time(
    away: PostgresStore, own_server: PostgresServer
) -> None:
    """It takes what it is sent and never answers; thawed, it is used again."""
    perform_together(away, [lambda: kept(away)] * 10)
    own_server.freeze()
    try:
        started = monotonic()
        told = perform_together(away, [lambda: kept(away)] * 30)
        assert {type(each) for each in told} == {Unavailable}
        assert monotonic() - started < TIMEOUT_S + SLACK_S
    finally:
        own_server.thaw()
    assert until_available(lambda: away.write(put(1))) == 1


def until_available(work: Callable[[], object]) -> object:
    """Return what `work` returns, as soon as the database is there for it."""
    until = monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except Unavailable:
            assert monotonic() < until, "the store does not go on"
