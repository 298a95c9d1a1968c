"""One writer, and one commit for all who wait: what holds, whatever happens."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import apsw
import pytest

from ringfence.errors import Unavailable
from ringfence.store import Clash, Transaction
from ringfence.store.sqlite.connection import SqliteTransaction
from ringfence.store.sqlite.group_commit import MAX_BATCH
from ringfence.store.sqlite.store import SqliteStore
from tests.store.together import (
    Commits,
    OwnError,
    handed_in,
    held_writer,
    kept,
    kept_at,
    open_sqlite,
    outcome,
    put,
    put_and_raise,
    wait_for,
    write_together,
)

HOLDING = 1
"""The commit of the write that holds the writer."""


def test_a_raise_leaves_its_neighbours_alone(scratch: SqliteStore) -> None:
    """In one batch only the work that raised is rolled back."""
    error = OwnError("mine")
    works = [put(1), put_and_raise(2, error), put(3), put(2)]
    assert write_together(scratch, works) == [1, error, 3, 2]
    assert kept(scratch) == [1, 2, 3]


def test_a_clash_in_a_batch_is_that_works_own(scratch: SqliteStore) -> None:
    """The first of two equal rows stays, the second clashes, the rest go on."""
    first, second, third = write_together(scratch, [put(1), put(1), put(2)])
    assert (first, third) == (1, 2)
    assert isinstance(second, Clash)
    assert kept(scratch) == [1, 2]


def test_work_that_catches_its_clash_goes_on(scratch: SqliteStore) -> None:
    """A clash undoes one statement, not what the work did before and does after."""

    def work(tx: SqliteTransaction) -> None:
        put(1)(tx)
        with pytest.raises(Clash):
            put(1)(tx)
        put(2)(tx)

    scratch.write(work)
    assert kept(scratch) == [1, 2]


@pytest.mark.parametrize(("jobs", "commits"), [(1, 1), (50, 1), (MAX_BATCH, 1), (300, 2)])
def test_those_who_come_together_share_a_commit(
    scratch: SqliteStore, jobs: int, commits: int
) -> None:
    """One flush of the disk serves a whole batch."""
    counted = Commits(scratch)
    assert write_together(scratch, [put(n) for n in range(jobs)]) == list(range(jobs))
    assert counted.count == HOLDING + commits


def test_a_commit_that_fails_keeps_nothing_of_its_batch(scratch: SqliteStore) -> None:
    """Everyone in the batch learns it, also who had an error of their own; then it goes on."""
    commits = Commits(scratch)
    commits.refused = True
    results = write_together(scratch, [put(1), put_and_raise(2, OwnError("mine")), put(3)])
    assert [type(result) for result in results] == [Unavailable] * 3
    commits.refused = False
    assert kept(scratch) == []
    assert scratch.write(put(4)) == 4


def test_a_full_disk_keeps_nothing_of_the_batch(scratch: SqliteStore) -> None:
    """SQLite gives up the whole transaction then; later writes go on."""
    scratch.write(lambda tx: tx.run("pragma max_page_count = 60"))
    results = write_together(scratch, [put(1), put(2, "x" * 1_000_000), put(3)])
    assert [type(result) for result in results] == [Unavailable] * 3
    assert kept(scratch) == []
    assert scratch.write(put(4)) == 4


def test_a_full_disk_names_its_reason(scratch: SqliteStore) -> None:
    """The error keeps what SQLite said, for the log."""
    scratch.write(lambda tx: tx.run("pragma max_page_count = 60"))
    with pytest.raises(Unavailable, match="full") as raised:
        scratch.write(put(2, "x" * 1_000_000))
    assert isinstance(raised.value.__cause__, apsw.FullError)


def test_a_transaction_that_was_lost_is_lost_for_all(scratch: SqliteStore) -> None:
    """Work done before the loss is gone, and work after it is not run outside a transaction."""

    def lose(tx: Transaction) -> None:
        tx.run("rollback")
        raise OwnError("after the loss")

    results = write_together(scratch, [put(1), lose, put(2)])
    assert [type(result) for result in results] == [Unavailable] * 3
    assert kept(scratch) == []


def test_a_database_that_cannot_be_written_is_unavailable(scratch: SqliteStore) -> None:
    """A file system remounted read-only is no error of the work, so the work's door is told so."""
    scratch.write(lambda tx: tx.run("pragma query_only = on"))
    with pytest.raises(Unavailable):
        scratch.write(put(1))
    assert kept(scratch) == []


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_database_that_cannot_be_read_is_unavailable(
    scratch: SqliteStore, tmp_path: Path, verb: str
) -> None:
    """A file with broken pages is no error of the work, whichever way it met them."""
    for n in range(40):
        scratch.write(put(n, "x" * 10_000))
    scratch.close()
    break_pages(tmp_path / "ringfence.db")
    store = open_sqlite(f"sqlite:///{tmp_path / 'ringfence.db'}")
    run = store.read if verb == "read" else store.write
    with pytest.raises(Unavailable):
        run(lambda tx: tx.one("select sum(length(t)) from scratch"))
    store.close()


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), MemoryError()])
def test_the_writer_outlives_anything_that_work_raises(
    scratch: SqliteStore, error: BaseException
) -> None:
    """The caller gets an answer, and the next write is served."""
    with pytest.raises((Unavailable, MemoryError)):
        scratch.write(put_and_raise(1, error))
    assert scratch.write(put(2)) == 2
    assert kept(scratch) == [2]


def test_close_commits_what_was_handed_in(scratch: SqliteStore, database_url: str) -> None:
    """Writes that wait when the store closes are kept and answered; later ones are refused."""
    with ThreadPoolExecutor(1) as closer:
        with held_writer(scratch) as hand_in:
            waiting = [hand_in(put(n)) for n in range(20)]
            closing = closer.submit(scratch.close)
            wait_for(lambda: handed_in(scratch) == 21)
            with pytest.raises(Unavailable):
                scratch.write(put(99))
        closing.result()
    assert [outcome(future) for future in waiting] == list(range(20))
    assert kept_at(database_url) == list(range(20))


def test_parallel_writers_need_fewer_commits_than_writes(scratch: SqliteStore) -> None:
    """Without anybody holding the writer, those who come during a flush share the next."""
    commits = Commits(scratch)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: scratch.write(put(n)), range(1600)))
    assert kept(scratch) == list(range(1600))
    assert commits.count < 1600 / 2


def test_a_locked_database_is_unavailable_after_the_timeout(
    tmp_path: Path, scratch: SqliteStore
) -> None:
    """Another process holds the write lock: nothing is written; afterwards all is as before."""
    scratch.close()
    url = f"sqlite:///{tmp_path / 'ringfence.db'}"
    store = open_sqlite(url, busy_timeout_s=0.2)
    other = apsw.Connection(str(tmp_path / "ringfence.db"))
    other.execute("begin immediate")
    started = monotonic()
    with pytest.raises(Unavailable, match="locked"):
        store.write(put(1))
    assert 0.2 <= monotonic() - started < 5
    other.close()
    assert store.write(put(2)) == 2
    assert kept(store) == [2]
    store.close()


def test_a_lock_that_ends_in_time_is_waited_for(scratch: SqliteStore, tmp_path: Path) -> None:
    """Another process that writes for a moment delays a write and no more."""
    other = apsw.Connection(str(tmp_path / "ringfence.db"))
    other.execute("begin immediate")
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(scratch.write, put(1))
        wait_for(lambda: handed_in(scratch) == 0)
        assert not writing.done()
        other.execute("rollback")
        assert writing.result() == 1
    other.close()


def break_pages(path: Path) -> None:
    """Overwrite the second half of a database file, where the rows written last are."""
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + b"\xff" * (len(content) - half))


def test_stats_tell_how_busy_the_writer_is(scratch: SqliteStore) -> None:
    """What waits is counted until its outcome is known; a batch that wrote is a commit."""
    before = scratch.stats()
    with held_writer(scratch):
        held = scratch.stats()
    scratch.write(put(1))
    after = scratch.stats()
    assert (before["jobs_waiting"], held["jobs_waiting"], after["jobs_waiting"]) == (0, 1, 0)
    assert after["commits"] - before["commits"] == HOLDING + 1
    assert after["batches"] >= after["commits"]
