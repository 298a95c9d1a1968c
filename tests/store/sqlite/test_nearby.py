"""A state that is held from one turn of the event loop to the next, and what ends that."""

from pathlib import Path

import apsw
import pytest

from ringfence.errors import Unavailable
from ringfence.store.sqlite.nearby import MOST_SECONDS, SqliteNearby
from ringfence.store.sqlite.store import SqliteStore
from tests.store.together import Breaking, open_sqlite, perform_together, put, put_and_raise

LIGHT = 1_000
"""From here on are the rows that decide nothing."""

PAGE = "x" * 4_000


@pytest.fixture
def nearby(scratch: SqliteStore) -> SqliteNearby:
    """Return a reader of a store with one row, which holds a state."""
    scratch.write(put(1))
    nearby = scratch.nearby()
    assert seen(nearby) == [1]
    return nearby


def seen(nearby: SqliteNearby) -> list[int]:
    """Return the rows that one turn reads."""
    nearby.begin()
    rows = nearby.transaction.all("select n from scratch order by n")
    nearby.end()
    return [n for (n,) in rows]


def is_held(nearby: SqliteNearby) -> bool:
    """Whether a state is held between two turns."""
    return nearby.transaction.connection.in_transaction


def seconds_pass(nearby: SqliteNearby, seconds: int, *, reading: bool) -> None:
    """Do what the event loop does every second."""
    for _ in range(seconds):
        if reading:
            seen(nearby)
        nearby.let_go()


def test_what_decides_nothing_is_not_waited_for(scratch: SqliteStore, nearby: SqliteNearby) -> None:
    """The state and its version are as they were until it is let go."""
    version = nearby.begin()
    nearby.end()
    scratch.write(put(LIGHT), decides=False)
    assert nearby.begin() == version
    nearby.end()
    assert seen(nearby) == [1]
    seconds_pass(nearby, MOST_SECONDS - 1, reading=True)
    assert seen(nearby) == [1]
    seconds_pass(nearby, 1, reading=True)
    assert seen(nearby) == [1, LIGHT]
    assert nearby.begin() != version


def test_what_decides_is_seen_by_the_next_turn(scratch: SqliteStore, nearby: SqliteNearby) -> None:
    """Also where what decides nothing came before it, or after it."""
    scratch.write(put(LIGHT), decides=False)
    scratch.write(put(2))
    assert seen(nearby) == [1, 2, LIGHT]
    nearby.let_go()
    assert seen(nearby) == [1, 2, LIGHT]
    assert is_held(nearby)
    scratch.write(put(3))
    scratch.write(put(LIGHT + 1), decides=False)
    assert seen(nearby) == [1, 2, 3, LIGHT, LIGHT + 1]


def test_what_another_process_writes_is_seen_by_the_next_turn(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """It has a writer of its own, which marks what decides as this one does."""
    other = open_sqlite(scratch.url)
    for n in range(2, 5):
        scratch.write(put(LIGHT + n), decides=False)
        other.write(put(n))
        scratch.write(put(LIGHT - n), decides=False)
        assert n in seen(nearby)
        nearby.let_go()
        assert n in seen(nearby)
        assert is_held(nearby)
    other.close()


def test_what_other_programs_write_is_seen_within_ten_seconds(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """Nothing marks it."""
    connection = apsw.Connection(str(scratch.file))
    connection.execute("insert into scratch values (2, '')")
    connection.close()
    assert seen(nearby) == [1]
    seconds_pass(nearby, MOST_SECONDS, reading=True)
    assert seen(nearby) == [1, 2]


def test_a_batch_decides_if_one_of_it_does(scratch: SqliteStore, nearby: SqliteNearby) -> None:
    """Both writes of a job are in one transaction, whichever comes first."""

    def both(first: int, *, decides: bool) -> None:
        scratch.write(put(first), decides=decides)
        scratch.write(put(first + 1), decides=not decides)

    perform_together(scratch, [lambda: both(2, decides=True)])
    assert seen(nearby) == [1, 2, 3]
    nearby.let_go()
    assert seen(nearby) == [1, 2, 3]
    perform_together(scratch, [lambda: both(4, decides=False)])
    assert seen(nearby) == [1, 2, 3, 4, 5]


def test_what_changes_nothing_decides_nothing(scratch: SqliteStore, nearby: SqliteNearby) -> None:
    """A write that was refused, or found that there was nothing to do."""
    with pytest.raises(ValueError, match="refused"):
        scratch.write(put_and_raise(2, ValueError("refused")))
    scratch.write(lambda tx: tx.run("update scratch set t = 'new' where n = 7"))
    scratch.write(put(LIGHT), decides=False)
    assert seen(nearby) == [1]


def test_after_a_change_nothing_is_held_for_a_moment(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """Who loads many numbers from another process writes the log back as if nobody called."""
    scratch.write(put(2))
    assert seen(nearby) == [1, 2]
    assert not is_held(nearby)
    nearby.let_go()
    assert seen(nearby) == [1, 2]
    assert is_held(nearby)


def test_a_state_that_nobody_reads_is_let_go(nearby: SqliteNearby) -> None:
    """Within two seconds; a log would grow beside it."""
    assert is_held(nearby)
    seconds_pass(nearby, 2, reading=False)
    assert not is_held(nearby)


def test_a_state_is_never_let_go_while_it_is_read(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """The turn goes on with it; after that it is not held."""
    nearby.begin()
    scratch.write(put(LIGHT), decides=False)
    seconds_pass(nearby, MOST_SECONDS, reading=False)
    assert nearby.transaction.all("select n from scratch") == [(1,)]
    nearby.end()
    assert not is_held(nearby)


@pytest.mark.parametrize("statement", ["data_version", "user_version"])
def test_what_could_not_be_asked_is_asked_again(
    scratch: SqliteStore, nearby: SqliteNearby, statement: str
) -> None:
    """A state is right only if that was found out, so what decides is seen as soon as can be."""
    breaking = Breaking(nearby._beside)  # noqa: SLF001  it is told from the other one only inside
    nearby._beside = breaking  # type: ignore[assignment]  # noqa: SLF001
    scratch.write(put(2))
    breaking.breaks = statement
    with pytest.raises(Unavailable):
        nearby.begin()
    assert seen(nearby) == [1, 2]


def test_a_state_that_a_failure_ended_is_not_held(
    scratch: SqliteStore, nearby: SqliteNearby
) -> None:
    """SQLite lets go of it by itself then; each statement would read another."""
    scratch.write(put(LIGHT), decides=False)
    nearby.transaction.connection.execute("rollback")
    nearby.begin()
    assert is_held(nearby)
    nearby.end()
    assert seen(nearby) == [1, LIGHT]


@pytest.mark.parametrize("mark", [0x7FFFFFFF, 0x7FFFFFFE, -1, -0x80000000])
def test_whatever_the_mark_is_another_follows(
    scratch: SqliteStore, nearby: SqliteNearby, mark: int
) -> None:
    """It begins anew where it cannot grow."""
    set_mark = f"pragma user_version = {mark}"
    scratch.write(lambda tx: tx.connection.execute(set_mark).fetchall())
    seconds_pass(nearby, MOST_SECONDS, reading=True)
    for n in range(2, 5):
        nearby.let_go()
        seen(nearby)
        assert is_held(nearby)
        scratch.write(put(n))
        assert n in seen(nearby)


def test_a_store_that_is_closed_is_unavailable(scratch: SqliteStore, nearby: SqliteNearby) -> None:
    """Whichever way it is met."""
    scratch.close()
    for use in (nearby.begin, lambda: seconds_pass(nearby, 2, reading=False)):
        with pytest.raises(Unavailable):
            use()


@pytest.mark.parametrize("mmap_bytes", [0, 1 << 20])
def test_the_reader_alone_maps_the_file(scratch: SqliteStore, mmap_bytes: int) -> None:
    """As much of it as is asked for; a disk that fails would else end whoever reads."""
    scratch.write(put(1))
    nearby = scratch.nearby(mmap_bytes)
    assert nearby.transaction.one("pragma mmap_size") == (mmap_bytes,)
    assert nearby._beside.execute("pragma mmap_size").get == 0  # noqa: SLF001
    assert scratch.read(lambda tx: tx.one("pragma mmap_size")) == (0,)
    assert scratch.write(lambda tx: tx.one("pragma mmap_size")) == (0,)


def test_the_event_loop_waits_for_no_lock(nearby: SqliteNearby) -> None:
    """Whoever is not answered at once takes a way that may wait."""
    assert nearby.transaction.one("pragma busy_timeout") == (0,)
    assert nearby._beside.execute("pragma busy_timeout").get == 0  # noqa: SLF001


def test_a_file_that_grows_beyond_what_is_mapped_is_read(
    scratch: SqliteStore, tmp_path: Path
) -> None:
    """Its first pages are in memory, the others are asked for."""
    nearby = scratch.nearby(64 * 1024)
    for n in range(200):
        scratch.write(put(n, PAGE))
    apsw.Connection(str(tmp_path / "ringfence.db")).wal_checkpoint()
    nearby.begin()
    lengths = nearby.transaction.one("select count(*), sum(length(t)) from scratch")
    nearby.end()
    assert lengths == (200, 200 * len(PAGE))
