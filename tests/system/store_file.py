"""The SQLite file itself, read behind the server's back.

Through apsw, never the standard library: two SQLite libraries on one file in one process break
its locks (https://sqlite.org/howtocorrupt.html, section 2.2.1).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

Row = tuple[Any, ...]


@contextmanager
def opened(database: Path) -> Iterator[apsw.Connection]:
    """Open the file beside the server that has it open."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(10_000)
    try:
        yield connection
    finally:
        connection.close()


def rows(database: Path, sql: str) -> list[Row]:
    """Return the rows of one statement."""
    with opened(database) as connection:
        return connection.execute(sql).fetchall()


def content(database: Path) -> dict[str, list[Row]]:
    """Return every row of every table, whatever tables there are."""
    with opened(database) as connection:
        names = connection.execute("select name from sqlite_master where type = 'table'")
        return {
            str(name): sorted(connection.execute(f'select * from "{name}"').fetchall(), key=repr)
            for (name,) in names.fetchall()
        }


def restore(database: Path, before: dict[str, list[Row]]) -> None:
    """Put back what `content` returned, so that one failure is not the cause of the next."""
    with opened(database) as connection, connection:
        for name, table in before.items():
            connection.execute(f'delete from "{name}"')
            for row in table:
                marks = ", ".join("?" * len(row))
                connection.execute(f'insert into "{name}" values ({marks})', row)
