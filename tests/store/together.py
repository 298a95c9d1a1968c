"""Writes that come together, and faults put under them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event, Semaphore
from time import monotonic, sleep
from typing import Any

import apsw

from ringfence.store import OpenStore, Transaction, open_store
from ringfence.store.database import Job
from ringfence.store.sqlite.store import SqliteStore

Work = Callable[[Transaction], object]

PATIENCE_S = 10.0


class OwnError(Exception):
    """What the work of a test raises."""


def put(n: int, text: str = "") -> Work:
    """Return work that inserts the row `n` and returns `n`."""

    def work(tx: Transaction) -> int:
        tx.run("insert into scratch values (?, ?)", (n, text))
        return n

    return work


def put_and_raise(n: int, error: BaseException) -> Work:
    """Return work that inserts the row `n` and then raises `error`."""

    def work(tx: Transaction) -> None:
        tx.run("insert into scratch values (?, '')", (n,))
        raise error

    return work


def kept(store: OpenStore) -> list[int]:
    """Return the rows that are in the table."""
    return [row[0] for row in store.read(lambda tx: tx.all("select n from scratch order by n"))]


def write_together(store: SqliteStore, works: Sequence[Work]) -> list[object]:
    """Hand in `works`, in order, while the writer is held; return their results or errors."""
    with held_writer(store) as hand_in:
        waiting = [hand_in(work) for work in works]
    return [outcome(future) for future in waiting]


@contextmanager
def held_writer(store: SqliteStore) -> Iterator[Callable[[Work], "Future[object]"]]:
    """Hold the writer; yield what hands in one more write and returns once that is queued.

    The write that holds is a batch of its own, whose outcome does not matter.
    """
    is_held, go = Event(), Event()

    def hold(_: Transaction) -> None:
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
        holding.exception(PATIENCE_S)


def perform_together(store: OpenStore, works: Sequence[Callable[[], object]]) -> list[object]:
    """Perform `works` in one call; return what was delivered to each: a result or an error."""
    delivered: list[object] = [None] * len(works)
    all_told = Semaphore(0)

    def deliver(at: int, result: object, error: BaseException | None) -> None:
        delivered[at] = result if error is None else error
        all_told.release()

    store.perform([Job(work, partial(deliver, at)) for at, work in enumerate(works)])
    for _ in works:
        assert all_told.acquire(timeout=PATIENCE_S), "somebody was told nothing"
    return delivered


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


class Breaking:
    """A connection on which one statement fails, once."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.breaks: str | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever there is
        """Return what else a connection has."""
        return getattr(self._connection, name)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> apsw.Cursor:
        """Run a statement, or fail as a disk does."""
        if self.breaks is not None and self.breaks in sql:
            self.breaks = None
            raise apsw.IOError("disk I/O error")
        return self._connection.execute(sql, values)


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


def kept_at(url: str) -> list[int]:
    """Return the rows of a store that is closed."""
    store = open_store(url)
    try:
        return kept(store)
    finally:
        store.close()


def open_sqlite(url: str, busy_timeout_s: float = 5.0) -> SqliteStore:
    """Open the store at `url`, which is there."""
    store = open_store(url, busy_timeout_s=busy_timeout_s)
    assert isinstance(store, SqliteStore)
    return store
