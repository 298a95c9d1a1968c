"""A transaction that the server gave up, or that lost its connection, is done again, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import psycopg
import pytest

from ringfence.store import Transaction
from ringfence.store.postgres.connection import PostgresTransaction
from ringfence.store.postgres.store import PostgresStore
from tests.store.postgres.administration import Administrator, opened, session_of
from tests.store.together import PATIENCE_S, kept, perform_together, put
from tests.system.server_process import wait_until

RAISE = "do $$ begin raise exception 'for once' using errcode = '{state}'; end $$"


def spoilt_once(spoil: Callable[[PostgresTransaction], object]) -> Callable[..., int]:
    """Return work that puts two rows and returns its attempts; `spoil` comes between at first."""
    attempts = count(1)

    def work(tx: PostgresTransaction) -> int:
        attempt = next(attempts)
        put(1)(tx)
        if attempt == 1:
            spoil(tx)
        put(2)(tx)
        return attempt

    return work


@pytest.mark.parametrize("state", ["40001", "40P01", "57P01", "08006", "25006"])
def test_a_transaction_that_was_given_up_is_done_again(scratch: PostgresStore, state: str) -> None:
    """All of it, on what is there then."""
    assert scratch.write(spoilt_once(lambda tx: tx.run(RAISE.format(state=state)))) == 2
    assert kept(scratch) == [1, 2]


@pytest.mark.parametrize("state", ["40001", "57P01"])
def test_a_read_that_was_given_up_is_done_again(scratch: PostgresStore, state: str) -> None:
    """Of one statement or of several."""
    for statements in (1, 2):
        attempts = count(1)

        def work(tx: Transaction, attempts: "count[int]" = attempts, n: int = statements) -> int:
            attempt = next(attempts)
            for _ in range(n - 1):
                tx.one("select 1")
            if attempt <= n:
                tx.run(RAISE.format(state=state))
            return attempt

        assert scratch.read(work) > 1


def test_a_session_thrown_out_between_statements_costs_one_attempt(
    scratch: PostgresStore, admin: Administrator
) -> None:
    """As when an administrator restarts the server."""
    assert scratch.write(spoilt_once(lambda tx: admin.throw_out(session_of(tx)))) == 2
    assert kept(scratch) == [1, 2]


def test_a_connection_lost_before_the_commit_costs_one_attempt(scratch: PostgresStore) -> None:
    """The server never heard of the commit, so that the work is done again, and kept once."""
    attempts = count(1)

    def work(tx: PostgresTransaction) -> int:
        put(1)(tx)
        attempt = next(attempts)
        if attempt == 1:
            tx.connection.close()
        return attempt

    assert scratch.write(work) == 2
    assert kept(scratch) == [1]


def test_work_that_failed_is_not_done_again(scratch: PostgresStore) -> None:
    """Its mistake would be the same."""
    attempts = count(1)

    def work(tx: Transaction) -> None:
        next(attempts)
        tx.run("select no_such_column from scratch")

    with pytest.raises(psycopg.errors.UndefinedColumn):
        scratch.write(work)
    assert next(attempts) == 2


def test_two_that_wait_for_each_other_both_end_well(scratch: PostgresStore) -> None:
    """The server gives one of them up, which then finds the way free."""
    scratch.write(lambda tx: [put(1)(tx), put(2)(tx)])
    # Only the first attempts meet: the second one of the loser finds nobody to meet.
    met, attempts = Barrier(2), count(1)

    def touch(first: int, second: int) -> None:
        def work(tx: Transaction) -> None:
            tx.run("update scratch set t = t || 'x' where n = ?", (first,))
            if next(attempts) <= 2:
                met.wait(PATIENCE_S)
            tx.run("update scratch set t = t || 'x' where n = ?", (second,))

        scratch.write(work)

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(touch, 1, 2), pool.submit(touch, 2, 1)]:
            each.result()
    assert next(attempts) == 4
    assert scratch.read(lambda tx: tx.all("select t from scratch")) == [("xx",), ("xx",)]


@pytest.mark.parametrize("how", ["read", "write", "perform"])
def test_idle_sessions_that_were_thrown_out_are_not_noticed(
    scratch: PostgresStore, admin: Administrator, how: str
) -> None:
    """All of them at once: the next request of each kind succeeds."""
    perform_together(scratch, [lambda: scratch.read(session_of)] * 10)
    for pid in admin.sessions():
        admin.throw_out(pid)
    if how == "read":
        assert kept(scratch) == []
    elif how == "write":
        assert scratch.write(put(1)) == 1
    else:
        works = [lambda n=n: scratch.write(put(n)) for n in range(30)]
        assert perform_together(scratch, works) == list(range(30))


def test_a_server_that_closes_idle_sessions_is_not_noticed(
    database_url: str, admin: Administrator
) -> None:
    """Some administrators have it do so; a pool keeps sessions all the same."""
    url = f"{database_url}?options=-c%20idle_session_timeout%3D100"
    with opened(url) as store:
        for _ in range(3):
            store.read(session_of)
            wait_until(lambda: not admin.sessions(), "the server closes the idle session")
            store.write(lambda tx: tx.run("delete from login"))
            wait_until(lambda: not admin.sessions(), "the server closes the idle session")
