"""The log beside the file is written back, and begins anew, whoever reads and whoever writes."""

import logging
from threading import Event

import apsw
import pytest

from ringfence.store.sqlite import log
from ringfence.store.sqlite.nearby import SqliteNearby
from ringfence.store.sqlite.store import SqliteStore
from tests.store.sqlite.test_nearby import LIGHT, PAGE, is_held, seconds_pass, seen
from tests.store.together import PATIENCE_S, kept, open_sqlite, put, wait_for

LONG, MOST = 50, 80


@pytest.fixture(autouse=True)
def _is_soon_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LONG_PAGES", LONG)
    monkeypatch.setattr(log, "MOST_PAGES", MOST)


@pytest.fixture
def nearby(scratch: SqliteStore) -> SqliteNearby:
    """Return a reader that holds a state, beside a log that was written back."""
    scratch._writer.tidy_log()  # noqa: SLF001
    settle(scratch)
    nearby = scratch.nearby()
    assert seen(nearby) == []
    assert is_held(nearby)
    return nearby


class Counting:
    """A connection that counts how often the log is written back, and fails at it on demand."""

    def __init__(self, store: SqliteStore) -> None:
        self._connection = store._writer.log._connection  # noqa: SLF001
        self.count = 0
        self.fails: apsw.Error | None = None
        store._writer.log._connection = self  # type: ignore[assignment]  # noqa: SLF001

    def wal_checkpoint(self) -> tuple[int, int]:
        """Write it back, or fail."""
        self.count += 1
        if self.fails is not None:
            raise self.fails
        return self._connection.wal_checkpoint()


def pages_of(store: SqliteStore) -> int:
    """Return how many pages the log has; the file does not shrink when it begins anew."""
    connection = apsw.Connection(str(store.file))
    connection.execute("select * from scratch limit 1").fetchall()  # it knows of no log before
    pages, written_back = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
    connection.close()
    return pages if written_back < pages else 0


def fill(store: SqliteStore, *, pages: int = LONG) -> None:
    """Make the log so long, with what decides nothing."""
    for n in range(pages):
        if pages_of(store) < pages:
            store.write(put(LIGHT + n, PAGE), decides=False)


def settle(store: SqliteStore) -> None:
    """Wait until the writer has done what it was asked to."""
    store.write(lambda _: None)
    store.write(lambda _: None)


@pytest.mark.parametrize("turn", ["none", "short", "long"])
def test_it_does_not_grow_beside_a_state_that_is_held(
    scratch: SqliteStore, nearby: SqliteNearby, turn: str
) -> None:
    """However many call, however long their turns are, and however much is stored."""
    lengths: list[int] = []
    for n in range(500):
        lasts = turn == "long" and n % 2 == 0  # through a commit, and what comes after it
        if lasts:
            nearby.begin()
        scratch.write(put(LIGHT + n, PAGE), decides=False)
        if lasts:
            settle(scratch)
            nearby.end()
        elif turn == "short":
            seen(nearby)
        elif n % 20 == 0:
            nearby.let_go()
        lengths.append(pages_of(scratch))
    assert max(lengths) < 2 * MOST


def test_it_is_written_back_at_once_when_the_reader_lets_go(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """Whoever held a state from before sees that the log is long, and tells the writer."""
    fill(scratch)
    assert seen(nearby) == []
    assert not is_held(nearby)
    wait_for(lambda: pages_of(scratch) == 0)
    assert seen(nearby) != []
    assert is_held(nearby)


def test_a_state_from_before_it_was_written_back_is_not_held(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """The log could not begin anew: the next commit would make it longer yet."""
    scratch.write(put(LIGHT), decides=False)
    seconds_pass(nearby, 2, reading=False)
    nearby.begin()
    scratch._writer.tidy_log()  # noqa: SLF001  as if this turn began beside it
    settle(scratch)
    nearby.end()
    assert not is_held(nearby)
    seen(nearby)
    assert is_held(nearby)


def test_it_is_asked_for_once_while_somebody_else_is_in_the_way(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """A long reader ends when it ends; the reader and the writer do not chase each other."""
    reader = apsw.Connection(str(scratch.file))
    reader.execute("begin; select * from scratch").fetchall()
    fill(scratch)
    counting = Counting(scratch)
    for _ in range(50):
        seen(nearby)
        settle(scratch)
    assert counting.count == 1
    reader.close()


def test_what_another_process_makes_long_is_written_back(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """It commits now and then, each time beside a state that is held since."""
    other = open_sqlite(scratch.url)
    for n in range(300):
        other.write(put(n, PAGE))
        seen(nearby)
        if n % 10 == 0:
            seconds_pass(nearby, 1, reading=True)
            assert n in seen(nearby)
            settle(scratch)
        assert pages_of(scratch) < 2 * MOST
    other.close()


def test_what_cannot_be_written_back_yet_is_after_the_next_commit(scratch: SqliteStore) -> None:
    """A long reader is in the way; what was committed stays so."""
    reader = apsw.Connection(str(scratch.file))
    reader.execute("begin; select * from scratch").fetchall()
    for n in range(MOST):
        scratch.write(put(n, PAGE))
    assert kept(scratch) == list(range(MOST))
    assert pages_of(scratch) > MOST
    reader.close()
    scratch.write(put(MOST))
    wait_for(lambda: pages_of(scratch) < MOST)


def test_a_failure_to_write_it_back_is_told_once(
    scratch: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no failure of the write before it, which is durable; it is tried again each time."""
    counting = Counting(scratch)
    counting.fails = apsw.IOError("disk I/O error")
    with caplog.at_level(logging.WARNING):
        for n in range(2 * MOST):
            scratch.write(put(n, PAGE))
        settle(scratch)
    assert len(kept(scratch)) == 2 * MOST
    assert counting.count > 1
    assert [each.getMessage() for each in caplog.records] == [
        "the log beside the file cannot be written back: disk I/O error"
    ]
    counting.fails = None
    scratch.write(put(2 * MOST))
    wait_for(lambda: pages_of(scratch) == 0)


def test_that_another_process_writes_it_back_is_no_failure(
    scratch: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Only one can at a time."""
    counting = Counting(scratch)
    counting.fails = apsw.BusyError("database is locked")
    fill(scratch, pages=MOST)
    settle(scratch)
    assert counting.count > 0
    assert caplog.records == []


def test_it_is_not_written_back_without_need(scratch: SqliteStore) -> None:
    """Once it was asked for, it is not asked for again."""
    counting = Counting(scratch)
    scratch._writer.tidy_log()  # noqa: SLF001
    for n in range(5):
        scratch.write(put(n))
    settle(scratch)
    assert counting.count == 1


def test_nobody_waits_for_it(scratch: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write is told as soon as it is durable."""
    go = Event()
    monkeypatch.setattr(log.Log, "tidy", lambda _: go.wait(PATIENCE_S))
    scratch.write(put(1))
    assert kept(scratch) == [1]
    go.set()


def test_a_store_that_closes_leaves_it_to_sqlite(scratch: SqliteStore) -> None:
    """Its last connection writes the log back, whatever was asked for."""
    fill(scratch)
    scratch._writer.close()  # noqa: SLF001
    scratch._writer.tidy_log()  # noqa: SLF001
    scratch.close()
    assert not scratch.file.with_name(f"{scratch.file.name}-wal").exists()
