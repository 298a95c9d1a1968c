"""The store itself, of either engine, looked at and changed behind the server's back.

SQLite through apsw, never the standard library: two SQLite libraries on one file in one process
break its locks (https://sqlite.org/howtocorrupt.html, section 2.2.1).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import apsw
import psycopg

Row = tuple[Any, ...]
Content = dict[str, list[Row]]

SQLITE = "sqlite:///"
ASIDE = ("commit_mark", "path_use")
"""The tables that say nothing about what is stored, but change beside it, or after a while."""


class Opened(Protocol):
    """A store that was opened beside the server that has it open."""

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement, whose values are marked by `?`, and return its rows."""

    def tables(self) -> list[str]:
        """Return the names of the tables, but for those ASIDE."""

    def replace(self, content: Content) -> None:
        """Put `content` in place of what is there."""

    def lock(self) -> None:
        """Have every write of others wait until this is closed."""


class OpenedSqlite:
    """A SQLite file."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        return self._connection.execute(sql, values).fetchall()

    def tables(self) -> list[str]:
        """Return the names of the tables, but for those ASIDE."""
        found = self.rows("select name from sqlite_master where type = 'table'")
        return [name for (name,) in found if name not in ASIDE]

    def replace(self, content: Content) -> None:
        """Put `content` in place of what is there."""
        with self._connection:
            for name in content:
                self.rows(f'delete from "{name}"')
            _fill(self, content)

    def lock(self) -> None:
        """Have every write of others wait."""
        self.rows("begin immediate")


class OpenedPostgres:
    """A PostgreSQL database."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        statement = sql if not values else sql.replace("?", "%s")
        cursor = self._connection.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def tables(self) -> list[str]:
        """Return the names of the tables, but for those ASIDE."""
        found = self.rows("select tablename from pg_tables where schemaname = current_schema()")
        return [name for (name,) in found if name not in ASIDE]

    def replace(self, content: Content) -> None:
        """Put `content` in place of what is there."""
        names = ", ".join(f'"{name}"' for name in content)
        self.rows(f"truncate {names}")
        # What refers to another table may come before it.
        self.rows("set local session_replication_role = replica")
        _fill(self, content)

    def lock(self) -> None:
        """Have every write of others wait."""
        self.rows("lock table account in exclusive mode")


@contextmanager
def opened(url: str) -> Iterator[Opened]:
    """Open the store at `url` beside the server that has it open."""
    if not url.startswith(SQLITE):
        with psycopg.connect(url) as connected:
            yield OpenedPostgres(connected)
        return
    path = url.removeprefix(SQLITE)
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(10_000)
    try:
        yield OpenedSqlite(connection)
    finally:
        connection.close()


def rows(url: str, sql: str) -> list[Row]:
    """Return the rows of one statement."""
    with opened(url) as store:
        return store.rows(sql)


def content(url: str) -> Content:
    """Return every row of every table, whatever tables there are."""
    with opened(url) as store:
        return {
            name: sorted(store.rows(f'select * from "{name}"'), key=repr) for name in store.tables()
        }


def restore(url: str, before: Content) -> None:
    """Put back what `content` returned, so that one failure is not the cause of the next."""
    with opened(url) as store:
        store.replace(before)


def bytes_of(url: str) -> bytes:
    """Return all that is stored: of SQLite every file as it is, of PostgreSQL every row."""
    if not url.startswith(SQLITE):
        with opened(url) as store:
            aside = [store.rows(f"select * from {name}") for name in ASIDE]
            return repr([content(url), aside]).encode()
    path = Path(url.removeprefix(SQLITE))
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def _fill(store: Opened, content: Content) -> None:
    for name, table in content.items():
        for row in table:
            marks = ", ".join("?" * len(row))
            store.rows(f'insert into "{name}" values ({marks})', row)
