"""What the tests of copies share: stores with something in them, and targets that misbehave."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from ringfence.store import OpenStore, Store, Transaction, open_store
from ringfence.store.database import Row, T
from ringfence.store.sqlite.connection import SqliteTransaction
from tests.store.people import furnish

Load = Callable[[SqliteTransaction, str, Sequence[str], Iterable[Sequence[Row]]], int]


def unheard(_done: int, _total: int) -> None:
    """Take no notice of a copy's progress."""


@contextmanager
def opened(path: Path) -> Iterator[OpenStore]:
    """Open the store at `path`, made if need be, and close it afterwards."""
    store = open_store(f"sqlite:///{path}", create=True)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def furnished(path: Path) -> Iterator[OpenStore]:
    """Open a store with two accounts, each with one of everything."""
    with opened(path) as store:
        for name in ("alice", "bob"):
            furnish(store, name)
        yield store


class _AgainError(Exception):
    """What a database says that wants a transaction to be tried again."""


class Retrying:
    """A store that gives up each write when it is done, and does it again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        """Be the store in everything else."""
        return getattr(self._store, name)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` twice; only the second time is kept."""

        def give_up(tx: Transaction) -> None:
            work(tx)
            raise _AgainError

        with suppress(_AgainError):
            self._store.write(give_up)
        return self._store.write(work)


def retrying(store: Store) -> Store:
    """Return `store` as one that does every write twice."""
    return cast("Store", Retrying(store))


def losing_a_row(load: Load) -> Load:
    """Return a `load` that loses the last row of every chunk."""
    return lambda tx, table, columns, chunks: load(
        tx, table, columns, (chunk[:-1] for chunk in chunks)
    )


def doubling_a_chunk(load: Load) -> Load:
    """Return a `load` that puts every chunk in twice."""
    return lambda tx, table, columns, chunks: load(
        tx, table, columns, (chunk for each in chunks for chunk in (each, each))
    )
