"""Writes that come together, and faults put under them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import monotonic, sleep

from ringfence.store.sqlite import SqliteStore, SqliteTransaction

Work = Callable[[SqliteTransaction], object]

PATIENCE_S = 10.0


def put(n: int, text: str = "") -> Work:
    """Return work that inserts the row `n` and returns `n`."""

    def work(tx: SqliteTransaction) -> int:
        tx.run("insert into scratch values (?, ?)", (n, text))
        return n

    return work


def put_and_raise(n: int, error: BaseException) -> Work:
    """Return work that inserts the row `n` and then raises `error`."""

    def work(tx: SqliteTransaction) -> None:
        tx.run("insert into scratch values (?, '')", (n,))
        raise error

    return work


def kept(store: SqliteStore) -> list[int]:
    """Return the rows that are in the table."""
    return [row[0] for row in store.read(lambda tx: tx.all("select n from scratch order by n"))]


def write_together(store: SqliteStore, works: Sequence[Work]) -> list[object]:
    """Hand in `works`, in order, while the writer is held; return their results or errors."""
    with held_writer(store) as hand_in:
        waiting = [hand_in(work) for work in works]
    return [outcome(future) for future in waiting]


@contextmanager
def held_writer(store: SqliteStore) -> Iterator[Callable[[Work], "Future[object]"]]:
    """Hold the writer; yield what hands in one more write and returns once that is queued."""
    is_held, go = Event(), Event()

    def hold(_: SqliteTransaction) -> None:
        is_held.set()
        assert go.wait(PATIENCE_S), "nobody let the writer go"

    with ThreadPoolExecutor(400) as pool:
        holding = pool.submit(store.write, hold)
        assert is_held.wait(PATIENCE_S)

        def hand_in(work: Work) -> "Future[object]":
            before = handed_in(store)
            future = pool.submit(store.write, work)
            wait_for(lambda: handed_in(store) > before)
            return future

        try:
            yield hand_in
        finally:
            go.set()
        holding.result()


def outcome(future: "Future[object]") -> object:
    """Return what came of a write: its result, or the error it raised."""
    return future.exception(PATIENCE_S) or future.result()


def handed_in(store: SqliteStore) -> int:
    """Return how many writes wait for the writer."""
    writer = store._writer  # noqa: SLF001  nothing public tells who waits
    assert writer is not None
    return writer._queue.qsize()  # noqa: SLF001


def wait_for(condition: Callable[[], bool]) -> None:
    """Return once `condition` holds."""
    until = monotonic() + PATIENCE_S
    while not condition():
        assert monotonic() < until, "waited in vain"
        sleep(0.0005)


class Commits:
    """Counts the commits of a store, and refuses them on demand."""

    def __init__(self, store: SqliteStore) -> None:
        self.count = 0
        self.refused = False
        store.write(lambda tx: tx.connection.set_commit_hook(self._on_commit))
        self.count = 0

    def _on_commit(self) -> bool:
        """Return whether SQLite is to make a rollback of this commit."""
        self.count += 1
        return self.refused
