"""Rows by the million: read in chunks when they are due, and put in as they come."""

from collections.abc import Iterator, Sequence

import pytest

from ringfence.store import Clash
from ringfence.store.database import STREAM_ROWS, Row
from ringfence.store.sqlite.store import SqliteStore
from tests.store.together import kept, put

READ_ALL = "select n from scratch order by n"


def chunks(rows: int) -> Iterator[Sequence[Row]]:
    """Yield the numbers up to `rows`, in chunks."""
    for start in range(0, rows, STREAM_ROWS):
        yield [(n, "") for n in range(start, min(start + STREAM_ROWS, rows))]


def fill(store: SqliteStore, rows: int) -> int:
    """Load the numbers up to `rows` and return how many the store says it took."""
    return store.write(lambda tx: tx.load("scratch", ["n", "t"], chunks(rows)))


@pytest.mark.parametrize(
    "rows", [0, 1, STREAM_ROWS - 1, STREAM_ROWS, STREAM_ROWS + 1, 3 * STREAM_ROWS]
)
def test_what_is_loaded_is_streamed(scratch: SqliteStore, rows: int) -> None:
    """Every row once, in order, in chunks that are full up to the last, and none is empty."""
    assert fill(scratch, rows) == rows
    seen = scratch.read(lambda tx: list(tx.stream(READ_ALL)))
    assert [n for chunk in seen for (n,) in chunk] == list(range(rows))
    assert all(len(chunk) == STREAM_ROWS for chunk in seen[:-1])
    assert all(seen)


def test_a_stream_takes_values(scratch: SqliteStore) -> None:
    """As every other statement does."""
    fill(scratch, 10)
    assert scratch.read(lambda tx: list(tx.stream(f"{READ_ALL} limit ?", (1,)))) == [[(0,)]]


def test_a_stream_shows_one_state(scratch: SqliteStore) -> None:
    """What others commit between two chunks is not in it."""
    fill(scratch, 2 * STREAM_ROWS)

    def write_between(tx: object) -> int:
        seen = 0
        for chunk in tx.stream(READ_ALL):  # type: ignore[attr-defined]
            seen += len(chunk)
            scratch.write(put(10 * STREAM_ROWS + seen))
        return seen

    assert scratch.read(write_between) == 2 * STREAM_ROWS
    assert len(kept(scratch)) == 2 * STREAM_ROWS + 2


def test_a_stream_that_is_left_holds_nothing(scratch: SqliteStore) -> None:
    """The next read and the next write work as ever."""
    fill(scratch, 2 * STREAM_ROWS)
    first = scratch.read(lambda tx: next(tx.stream(READ_ALL)))
    assert len(first) == STREAM_ROWS
    scratch.write(lambda tx: tx.run("delete from scratch"))
    assert kept(scratch) == []


def test_loading_a_taken_key_is_a_clash(scratch: SqliteStore) -> None:
    """And nothing is kept."""
    with pytest.raises(Clash):
        scratch.write(lambda tx: tx.load("scratch", ["n"], [[(1,)], [(2,)], [(1,)]]))
    assert kept(scratch) == []
