"""What an administrator does to a database beside the store, and stores opened for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import psycopg

from ringfence.store import Transaction, open_store
from ringfence.store.postgres.store import PostgresStore

OURS = "datname = current_database() and application_name = 'ringfence'"


class Administrator:
    """A connection of its own, on which every statement is committed at once."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        """Hang up."""
        self._connection.close()

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        cursor = self._connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def sessions(self) -> list[int]:
        """Return the process of every session that Ringfence has in this database."""
        return [pid for (pid,) in self.run(f"select pid from pg_stat_activity where {OURS}")]

    def throw_out(self, pid: int) -> None:
        """End a session, and see that it has ended."""
        [[done]] = self.run(f"select pg_terminate_backend({pid}, 10000)")
        assert done

    @contextmanager
    def holding(self, lock: str) -> Iterator[None]:
        """Hold what the statement `lock` locks."""
        self.run("begin")
        self.run(lock)
        try:
            yield
        finally:
            self.run("rollback")


def session_of(tx: Transaction) -> int:
    """Return the process that serves this transaction."""
    row = tx.one("select pg_backend_pid()")
    assert row is not None
    return int(row[0])


@contextmanager
def opened(url: str, *, timeout_s: float = 2.0, connections: int = 10) -> Iterator[PostgresStore]:
    """Open the store at `url`, which is made if need be."""
    store = open_store(
        url, create=True, postgres_timeout_s=timeout_s, postgres_connections=connections
    )
    assert isinstance(store, PostgresStore)
    try:
        yield store
    finally:
        store.close()
