"""What every store promises (see `ringfence.store.database`), on each of them."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Event, get_ident
from typing import TypeVar

import pytest

from ringfence.errors import Unavailable
from ringfence.store import Clash, OpenStore, Transaction, open_store
from ringfence.store.database import Job, Row
from tests.store.together import (
    PATIENCE_S,
    OwnError,
    kept,
    kept_at,
    outcome,
    perform_together,
    put,
    put_and_raise,
)

T = TypeVar("T")


def in_another_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns in a thread that never used the store before."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_a_read_returns_what_its_work_returned(scratch: OpenStore) -> None:
    """A write that returned is seen by the next read, in any thread."""
    scratch.write(put(1))
    assert kept(scratch) == in_another_thread(lambda: kept(scratch)) == [1]
    scratch.write(put(2))
    assert kept(scratch) == in_another_thread(lambda: kept(scratch)) == [1, 2]


def test_a_read_sees_one_state(scratch: OpenStore) -> None:
    """What others write meanwhile is not in it, however late it looks."""
    scratch.write(put(1))
    count = "select count(*) from scratch"

    def look(tx: Transaction) -> list[Row | None]:
        before = [tx.one(count), tx.one(count)]
        scratch.write(put(2))
        return [*before, tx.one(count)]

    assert scratch.read(look) == [(1,)] * 3
    assert kept(scratch) == [1, 2]


@pytest.mark.parametrize("reads_first", [False, True])
def test_a_read_changes_nothing(scratch: OpenStore, *, reads_first: bool) -> None:
    """Work that writes where it may only read is refused."""

    def look_and_put(tx: Transaction) -> object:
        if reads_first:
            tx.one("select count(*) from scratch")
        return put(1)(tx)

    with pytest.raises(Unavailable):
        scratch.read(look_and_put)
    assert kept(scratch) == []


def test_a_read_raises_what_its_work_raised(scratch: OpenStore) -> None:
    """The error is the very one, and the next read works."""
    error = ValueError("mine")

    def fail(_: object) -> None:
        raise error

    with pytest.raises(ValueError, match="mine") as raised:
        scratch.read(fail)
    assert raised.value is error
    assert kept(scratch) == []


@pytest.mark.parametrize("where", ["same thread", "another thread"])
def test_a_read_after_close_is_unavailable(scratch: OpenStore, where: str) -> None:
    """A closed store has let go of its file; nothing opens it again behind its back."""
    assert kept(scratch) == []
    scratch.close()
    with pytest.raises(Unavailable):
        kept(scratch) if where == "same thread" else in_another_thread(lambda: kept(scratch))


def test_a_process_that_just_ends_loses_nothing(database_url: str) -> None:
    """One that ends without closing leaves every write that returned."""
    open_store(database_url, create=True).close()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        written = pool.submit(write_and_leave_open, database_url).result()
    assert written == 10
    assert kept_at(database_url) == list(range(10))


def write_and_leave_open(url: str) -> int:
    """Write ten rows and return without closing; the process then ends."""
    store: OpenStore = open_store(url)
    store.write(lambda tx: tx.run("create table scratch (n integer)"))
    for n in range(10):
        store.write(lambda tx, n=n: tx.run("insert into scratch values (?)", (n,)))  # type: ignore[misc]
    return 10


def test_a_write_returns_what_its_work_returned(scratch: OpenStore) -> None:
    """When it returns, the row is there."""
    assert scratch.write(put(1)) == 1
    assert kept(scratch) == [1]


def test_a_write_raises_what_its_work_raised(scratch: OpenStore) -> None:
    """The error is the very one, and nothing of the work is kept."""
    error = OwnError("mine")
    with pytest.raises(OwnError) as raised:
        scratch.write(put_and_raise(1, error))
    assert raised.value is error
    assert kept(scratch) == []


def test_a_write_after_close_is_unavailable(scratch: OpenStore) -> None:
    """In any thread, also one that was given the place of the writer's; closing twice is fine."""
    scratch.close()
    scratch.close()
    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(scratch.write, put(n)) for n in range(64)]
    assert {type(outcome(future)) for future in writing} == {Unavailable}
    with pytest.raises(Unavailable):
        scratch.write(put(1))


def test_what_was_answered_while_closing_is_what_is_kept(
    scratch: OpenStore, database_url: str
) -> None:
    """Of writes that race the close, exactly those that returned are there afterwards."""
    under_way = Event()

    def hammer(first: int) -> list[int]:
        answered: list[int] = []
        try:
            for n in range(first, first + 100_000):
                scratch.write(put(n))
                answered.append(n)
                under_way.set()
        except Unavailable:
            return answered
        raise AssertionError("the store never closed")

    with ThreadPoolExecutor(8) as pool:
        hammering = [pool.submit(hammer, n * 100_000) for n in range(8)]
        assert under_way.wait(10)
        scratch.close()
    answered = [n for each in hammering for n in each.result()]
    assert kept_at(database_url) == sorted(answered)


def test_each_of_many_callers_gets_their_own_result(scratch: OpenStore) -> None:
    """16 threads write 200 times each, every fifth time in vain; the rest is there."""

    def write_200(thread: int) -> bool:
        mine = range(thread * 200, thread * 200 + 200)
        return all(own_result(scratch, n) for n in mine)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(write_200, range(16)))
    assert kept(scratch) == [n for n in range(3200) if n % 5]


def own_result(store: OpenStore, n: int) -> bool:
    """Write `n`, or raise in every fifth write; tell whether the result is this write's own."""
    if n % 5:
        return store.write(put(n)) == n
    error = OwnError(n)
    with pytest.raises(OwnError) as raised:
        store.write(put_and_raise(n, error))
    return raised.value is error


@pytest.mark.parametrize("error", [OwnError("mine"), SystemExit(1)])
def test_a_request_reads_nothing_older_than_itself(
    scratch: OpenStore, error: BaseException
) -> None:
    """Whatever became of the batch before."""

    def read_and_raise() -> None:
        kept(scratch)
        raise error

    for n in range(3):
        perform_together(scratch, [lambda: kept(scratch), read_and_raise])
        scratch.write(put(n))
        assert perform_together(scratch, [lambda: kept(scratch)]) == [list(range(n + 1))]


def test_it_returns_at_once_and_works_in_another_thread(scratch: OpenStore) -> None:
    """The caller's thread goes on, whatever the work waits for."""
    go = Event()
    told: list[object] = []
    done = Event()

    def deliver(result: object, _: BaseException | None) -> None:
        told.append(result)
        done.set()

    scratch.perform([Job(lambda: go.wait(10) and get_ident(), deliver)])
    assert told == []
    go.set()
    assert done.wait(10)
    assert told != [get_ident()]


def test_each_is_told_what_came_of_its_own_work(scratch: OpenStore) -> None:
    """A result, what it read, or the very error that it raised."""
    scratch.write(put(0))
    error = OwnError("mine")
    works: list[Callable[[], object]] = [
        lambda: scratch.write(put(1)),
        lambda: scratch.write(put_and_raise(2, error)),
        lambda: scratch.read(lambda tx: tx.all("select n from scratch where n = 0")),
        lambda: scratch.write(put(0)),
        lambda: scratch.write(put(3)),
    ]
    first, second, third, fourth, fifth = perform_together(scratch, works)
    assert (first, third, fifth) == (1, [(0,)], 3)
    assert second is error
    assert isinstance(fourth, Clash)
    assert kept(scratch) == [0, 1, 3]


def test_whoever_is_told_can_see_what_was_written(scratch: OpenStore) -> None:
    """At the moment of the word, in any thread, each of many finds both its writes."""
    seen: list[bool] = []
    done = Event()

    def work(n: int) -> object:
        scratch.write(put(2 * n))
        return scratch.write(put(2 * n + 1))

    def look(mine: set[int]) -> None:
        seen.append(mine <= set(in_another_thread(lambda: kept(scratch))))
        if len(seen) == 20:
            done.set()

    scratch.perform(
        [
            Job(lambda n=n: work(n), lambda _, __, n=n: look({2 * n, 2 * n + 1}))  # type: ignore[misc]
            for n in range(20)
        ]
    )
    assert done.wait(PATIENCE_S)
    assert all(seen)


def test_close_finishes_what_was_handed_in(scratch: OpenStore, database_url: str) -> None:
    """Everybody is told, and what was told is kept; later jobs are refused."""
    told: list[int] = []
    jobs = [
        Job(lambda n=n: scratch.write(put(n)), lambda result, _: told.append(result))  # type: ignore[misc]
        for n in range(50)
    ]
    scratch.perform(jobs)
    scratch.close()
    assert sorted(told) == list(range(50))
    with pytest.raises(Unavailable):
        scratch.perform(jobs)
    assert kept_at(database_url) == sorted(told)


def test_a_failed_statement_spoils_all_of_its_write(scratch: OpenStore) -> None:
    """Nothing of a write that ends in a clash is kept, neither before nor after it."""
    scratch.write(put(1))
    with pytest.raises(Clash):
        scratch.write(lambda tx: [put(5)(tx), put(1)(tx), put(6)(tx)])
    with pytest.raises(Clash):
        scratch.write(
            lambda tx: tx.run_many("insert into scratch values (?, '')", [(7,), (1,), (8,)])
        )
    assert kept(scratch) == [1]


@pytest.mark.parametrize(
    "statement",
    ["insert into skill values (99, 1, 'of nobody', 'x', 0)", "insert into login values (null, 1)"],
)
def test_only_a_taken_key_is_a_clash(scratch: OpenStore, statement: str) -> None:
    """Another rule of a table that was broken is a mistake of ours, and told as it is."""
    with pytest.raises(Exception, match="constraint") as raised:
        scratch.write(lambda tx: tx.run(statement))
    assert not isinstance(raised.value, Clash | Unavailable)


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), MemoryError()])
def test_the_store_outlives_anything_that_work_raises(
    scratch: OpenStore, error: BaseException
) -> None:
    """Whoever waits gets an answer, nothing is kept, and the next write is served."""
    [told] = perform_together(scratch, [lambda: scratch.write(put_and_raise(1, error))])
    assert isinstance(told, BaseException)
    assert perform_together(scratch, [lambda: scratch.write(put(2))]) == [2]
    assert kept(scratch) == [2]
