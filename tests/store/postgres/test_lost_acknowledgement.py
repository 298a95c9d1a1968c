"""The word that a commit was done is lost: it was done, or it was not, and is done once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

import psycopg
import pytest

from ringfence.errors import Unavailable
from ringfence.store import Transaction
from ringfence.store.postgres import commit_marks
from ringfence.store.postgres.commit_marks import FORGOTTEN_AFTER, RENAMED_AFTER_S
from ringfence.store.postgres.connection import PostgresTransaction
from ringfence.store.postgres.store import PostgresStore
from tests.store.postgres.administration import Administrator, opened
from tests.store.together import kept, perform_together, put

LOST = psycopg.OperationalError("server closed the connection unexpectedly")
COMMIT = PostgresTransaction.commit


@contextmanager
def commits_lost(losses: int, *, done: bool) -> Iterator[None]:
    """Lose the connection at the next commits, after they were done or before."""
    serial = count(1)

    def commit(tx: PostgresTransaction) -> None:
        if next(serial) > losses:
            COMMIT(tx)
            return
        if done:
            COMMIT(tx)
        tx.connection.close()
        raise LOST

    with patch.object(PostgresTransaction, "commit", commit):
        yield


def counted(n: int) -> tuple[Callable[[Transaction], int], Callable[[], int]]:
    """Return work that puts the row `n`, and what tells how often it was run."""
    attempts = count()

    def work(tx: Transaction) -> int:
        put(n)(tx)
        next(attempts)
        return n

    return work, lambda: next(attempts)


@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_commit_that_was_done_is_not_done_again(scratch: PostgresStore, before: int) -> None:
    """Be it the first of its thread or a later one: the result is given, the row is there once."""
    for n in range(before):
        scratch.write(put(n))
    work, runs = counted(10)
    with commits_lost(1, done=True):
        assert scratch.write(work) == 10
    assert runs() == 1
    assert kept(scratch) == [*range(before), 10]
    assert scratch.write(put(11)) == 11


@pytest.mark.parametrize("losses", [1, 3])
@pytest.mark.parametrize("before", [0, 2])
def test_a_commit_that_was_not_done_is_done_again(
    scratch: PostgresStore, before: int, losses: int
) -> None:
    """However often it is lost, in the end it is there once."""
    for n in range(before):
        scratch.write(put(n))
    work, runs = counted(10)
    with commits_lost(losses, done=False):
        assert scratch.write(work) == 10
    assert runs() == losses + 1
    assert kept(scratch) == [*range(before), 10]
    assert scratch.write(put(11)) == 11


def test_a_write_without_rows_of_its_own_is_done_once_too(scratch: PostgresStore) -> None:
    """What is counted up would show a second time."""
    scratch.write(put(0))
    with commits_lost(1, done=True):
        scratch.write(lambda tx: tx.run("update scratch set t = t || 'x'"))
    assert scratch.read(lambda tx: tx.all("select t from scratch")) == [("x",)]


def test_every_request_of_many_is_done_once(scratch: PostgresStore) -> None:
    """Commits of many threads are lost, some done and some not."""
    serial = count()

    def commit(tx: PostgresTransaction) -> None:
        turn = next(serial) % 4
        if turn != 1:
            COMMIT(tx)
        if turn < 2:
            tx.connection.close()
            raise LOST

    with patch.object(PostgresTransaction, "commit", commit):
        works = [lambda n=n: scratch.write(put(n)) for n in range(40)]
        assert perform_together(scratch, works) == list(range(40))
    assert kept(scratch) == list(range(40))


@pytest.mark.parametrize("done", [True, False])
def test_a_commit_of_which_nobody_will_know_spoils_nothing_later(
    scratch: PostgresStore, database_url: str, *, done: bool
) -> None:
    """It is told as unavailable; later writes of the thread are neither lost nor taken for it."""
    with opened(database_url, timeout_s=1.0) as impatient:
        impatient.write(put(1))

        def commit(tx: PostgresTransaction) -> None:
            if done:
                COMMIT(tx)
            tx.connection.close()
            raise LOST

        def begin(*_: object) -> bool:
            raise LOST

        with (
            patch.object(PostgresTransaction, "commit", commit),
            patch.object(commit_marks.Write, "begin", failing_second(begin)),
            pytest.raises(Unavailable),
        ):
            impatient.write(put(2))
        assert impatient.write(put(3)) == 3
        assert impatient.write(put(4)) == 4
    assert kept(scratch) == ([1, 2, 3, 4] if done else [1, 3, 4])


def failing_second(fail: Callable[..., bool]) -> Callable[..., bool]:
    """Return a `begin` that is itself at first and fails from then on."""
    serial, begin = count(), commit_marks.Write.begin

    def first_only(write: commit_marks.Write[object], tx: Transaction) -> bool:
        return begin(write, tx) if next(serial) == 0 else fail()

    return first_only


def test_a_mark_that_is_gone_does_not_hold_its_thread_up(
    scratch: PostgresStore, admin: Administrator
) -> None:
    """A failover may lose it, with what was not acknowledged; or somebody restores a backup."""
    scratch.write(put(1))
    admin.run("delete from commit_mark")
    assert scratch.write(put(2)) == 2
    admin.run("update commit_mark set number = 7")
    assert scratch.write(put(3)) == 3
    assert kept(scratch) == [1, 2, 3]


def test_old_marks_are_forgotten_at_the_next_start(
    scratch: PostgresStore, database_url: str, admin: Administrator
) -> None:
    """Only those that no thread can come back to."""
    scratch.write(put(1))
    old = int(FORGOTTEN_AFTER.total_seconds() * 1000) + 60_000
    admin.run(f"insert into commit_mark select 'old', 5, marked_at - {old} from commit_mark")
    with opened(database_url):
        assert marks(admin).isdisjoint({"old"})
    assert marks(admin)
    assert FORGOTTEN_AFTER.total_seconds() / 2 > RENAMED_AFTER_S


def test_a_thread_that_was_idle_for_long_takes_a_new_name(
    scratch: PostgresStore, admin: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row may be forgotten; it must not be taken for a commit that was lost."""
    admin.run("delete from commit_mark")
    now = [1000.0]
    monkeypatch.setattr(commit_marks, "monotonic", lambda: now[0])
    scratch.write(put(1))
    now[0] += RENAMED_AFTER_S - 1
    scratch.write(put(2))
    first = marks(admin)
    now[0] += RENAMED_AFTER_S + 1
    scratch.write(put(3))
    assert len(first) == 1
    assert len(marks(admin)) == 2


def marks(admin: Administrator) -> set[str]:
    """Return the names of all who left a mark."""
    return {name for (name,) in admin.run("select writer from commit_mark")}
