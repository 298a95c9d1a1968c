"""Whole requests in the writer's thread: told once all they wrote is durable, not before."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic

import apsw
import pytest

from ringfence.errors import Unavailable
from ringfence.store import Clash, Transaction
from ringfence.store.database import Job
from ringfence.store.sqlite.store import SqliteStore
from tests.store.together import (
    Commits,
    OwnError,
    kept,
    kept_at,
    perform_together,
    put,
    put_and_raise,
)


def writing(store: SqliteStore, n: int) -> Callable[[], object]:
    """Return the work of a request that writes the row `n`."""
    return lambda: store.write(put(n))


def rows_on_disk(path: Path) -> int:
    """Return how many rows another process sees."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    [(count,)] = connection.execute("select count(*) from scratch").fetchall()
    connection.close()
    assert isinstance(count, int)
    return count


def lose(tx: Transaction) -> None:
    """Give up the whole transaction, as SQLite does when the disk is full, and raise."""
    tx.run("rollback")
    raise OwnError("after the loss")


def test_the_works_of_a_batch_are_done_in_order(scratch: SqliteStore) -> None:
    """A result, what it read, or the very error that it raised."""
    error = OwnError("mine")
    works = [
        writing(scratch, 1),
        lambda: scratch.write(put_and_raise(2, error)),
        lambda: kept(scratch),
        writing(scratch, 1),
        writing(scratch, 3),
    ]
    first, second, third, fourth, fifth = perform_together(scratch, works)
    assert (first, third, fifth) == (1, [], 3)
    assert second is error
    assert isinstance(fourth, Clash)
    assert kept(scratch) == [1, 3]


def test_a_batch_has_one_commit(scratch: SqliteStore) -> None:
    """Requests that only read need none."""
    commits = Commits(scratch)
    perform_together(scratch, [writing(scratch, n) for n in range(100)])
    assert commits.count == 1
    perform_together(scratch, [lambda: kept(scratch)] * 10)
    assert commits.count == 1


def test_nobody_is_told_before_all_is_on_the_disk(scratch: SqliteStore, tmp_path: Path) -> None:
    """Nor does anybody else see a write before it can no longer be lost."""
    path = tmp_path / "ringfence.db"
    seen: list[int] = []
    told = Event()

    def work() -> None:
        scratch.write(put(1))
        scratch.write(put(2))
        seen.append(rows_on_disk(path))

    def deliver(_: object, __: BaseException | None) -> None:
        seen.append(rows_on_disk(path))
        told.set()

    scratch.perform([Job(work, deliver)])
    assert told.wait(10)
    assert seen == [0, 2]


def test_requests_of_one_batch_read_one_state(scratch: SqliteStore, tmp_path: Path) -> None:
    """What another process writes meanwhile is for the next batch to see."""
    other = apsw.Connection(str(tmp_path / "ringfence.db"))
    insert = "insert into scratch values (1, '')"
    works = [lambda: kept(scratch), lambda: other.execute(insert).fetchall(), lambda: kept(scratch)]
    assert perform_together(scratch, works) == [[], [], []]
    assert perform_together(scratch, [lambda: kept(scratch)]) == [[1]]
    other.close()


def test_a_commit_that_fails_is_told_to_all(scratch: SqliteStore) -> None:
    """Nothing of the batch is kept, and the next one goes through."""
    commits = Commits(scratch)
    commits.refused = True
    delivered = perform_together(scratch, [writing(scratch, n) for n in range(3)])
    assert [type(each) for each in delivered] == [Unavailable] * 3
    commits.refused = False
    assert kept(scratch) == []
    assert perform_together(scratch, [writing(scratch, 4)]) == [4]


def test_a_transaction_that_was_lost_unnoticed_is_lost_for_all(scratch: SqliteStore) -> None:
    """Also where a request swallowed the error: what comes after must not be kept alone."""

    def swallow() -> None:
        with suppress(OwnError):
            scratch.write(lose)

    works = [writing(scratch, 1), swallow, writing(scratch, 2)]
    delivered = perform_together(scratch, works)
    assert [type(each) for each in delivered] == [Unavailable] * 3
    assert kept(scratch) == []
    assert perform_together(scratch, [writing(scratch, 3)]) == [3]


def test_behind_a_lock_writers_wait_once_and_readers_not_in_vain(
    scratch: SqliteStore, tmp_path: Path
) -> None:
    """Another process that does not let go fails the writes of a batch together."""
    scratch.write(lambda tx: tx.connection.set_busy_timeout(200))
    other = apsw.Connection(str(tmp_path / "ringfence.db"))
    other.execute("begin immediate")
    started = monotonic()
    works = [*(writing(scratch, n) for n in range(20)), lambda: kept(scratch)]
    *writers, reader = perform_together(scratch, works)
    assert 0.2 <= monotonic() - started < 2
    assert [type(each) for each in writers] == [Unavailable] * 20
    assert reader == []
    other.close()
    assert perform_together(scratch, works[:1]) == [0]


def test_close_finishes_what_was_handed_in(scratch: SqliteStore, database_url: str) -> None:
    """Everybody is told, and what was told is kept; later jobs are refused."""
    told: list[int] = []
    jobs = [Job(writing(scratch, n), lambda result, _: told.append(result)) for n in range(50)]
    scratch.perform(jobs)
    scratch.close()
    assert told == list(range(50))
    with pytest.raises(Unavailable):
        scratch.perform(jobs)
    assert kept_at(database_url) == told
