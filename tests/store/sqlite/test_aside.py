"""Requests that take long: few compute at a time, and who waits for the writer holds up nobody."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Event

import apsw
import pytest

from ringfence.errors import Unavailable
from ringfence.store.database import Job
from ringfence.store.sqlite.aside import COMPUTING
from ringfence.store.sqlite.store import SqliteStore
from tests.store.together import put

DEADLINE_S = 30


def hand_in(store: SqliteStore, work: Callable[[], object]) -> Future[object]:
    """Have work done aside; return what becomes of it."""
    told: Future[object] = Future()

    def deliver(result: object, error: BaseException | None) -> None:
        if error is None:
            told.set_result(result)
        else:
            told.set_exception(error)

    store.perform_aside([Job(work, deliver)])
    return told


def test_writes_that_wait_for_a_lock_hold_up_no_reader(
    scratch: SqliteStore, database_url: str
) -> None:
    """However many there are; when the lock is gone, they are done."""
    other = apsw.Connection(database_url.removeprefix("sqlite:///"))
    other.execute("begin immediate")
    writes = [hand_in(scratch, partial(scratch.write, put(n))) for n in range(4 * COMPUTING)]
    count = "select count(*) from scratch"
    read = hand_in(scratch, lambda: scratch.read(lambda tx: tx.one(count)))
    assert read.result(DEADLINE_S) == (0,)
    assert not any(each.done() for each in writes)
    other.execute("rollback")
    other.close()
    for each in writes:
        each.result(DEADLINE_S)
    assert scratch.read(lambda tx: tx.one(count)) == (4 * COMPUTING,)


def test_few_compute_at_a_time(scratch: SqliteStore) -> None:
    """The next begins when one has ended."""
    may_end, begun = Event(), [Event() for _ in range(COMPUTING + 1)]

    def compute(n: int) -> None:
        begun[n].set()
        assert may_end.wait(DEADLINE_S)

    told = [hand_in(scratch, partial(compute, n)) for n in range(COMPUTING + 1)]
    for event in begun[:COMPUTING]:
        assert event.wait(DEADLINE_S)
    assert sum(event.is_set() for event in begun) == COMPUTING
    may_end.set()
    for future in told:
        future.result(DEADLINE_S)


def test_closing_finishes_what_was_handed_in(scratch: SqliteStore) -> None:
    """And tells whoever comes later that it is too late."""
    told = [hand_in(scratch, partial(scratch.write, put(n))) for n in range(20)]
    scratch.close()
    assert all(each.done() and each.exception() is None for each in told)
    with pytest.raises(Unavailable):
        hand_in(scratch, lambda: None).result(DEADLINE_S)
