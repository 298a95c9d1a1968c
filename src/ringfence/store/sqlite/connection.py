"""One connection to SQLite, and what SQLite writes differently."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import ClassVar

import apsw

from ringfence.store import schema
from ringfence.store.database import STREAM_ROWS, Clash, Row, Value

_UNIQUE = {apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY}
DIALECT = schema.Dialect(
    begin_exclusively="begin immediate",
    tables="select name from sqlite_master where type = 'table'",
    words={
        "clustered": "without rowid",
        "text": "text",
        "sequence": "integer primary key",  # grows by itself; the newest row is never deleted
        "reversed_number_key": (
            "(with recursive digit (place, reversed) as (select length(number_key), '' union all "
            "select place - 1, reversed || substr(number_key, place, 1) from digit where place > 0)"
            " select reversed from digit where place = 0)"
        ),
    },
)


class SqliteTransaction:
    """Statements on one SQLite connection."""

    sent_rows: ClassVar[str] = "json_each(?) as sent"
    sent_text: ClassVar[str] = "sent.value"

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """Run `sql` and return its first row, or None."""
        try:
            row: Row | None = self.connection.execute(sql, values).fetchone()
        except apsw.ConstraintError as error:
            raise _translated(error) from error
        return row

    def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run `sql` and return all its rows."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except apsw.ConstraintError as error:
            raise _translated(error) from error

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run `sql` and return how many rows it changed."""
        try:
            self.connection.execute(sql, values)
        except apsw.ConstraintError as error:
            raise _translated(error) from error
        return self.connection.changes()

    def lock_account(self, account_id: int) -> None:
        """Do nothing: SQLite has one writer at a time."""

    def lock_accounts(self) -> None:
        """Do nothing: SQLite has one writer at a time."""

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run `sql` once for each of `rows`."""
        try:
            self.connection.executemany(sql, rows)
        except apsw.ConstraintError as error:
            raise _translated(error) from error

    def along(self, index: str) -> str:
        """Name the index: SQLite does not count rows, and takes an account to have ten."""
        return f"indexed by {index}"

    def stream(self, sql: str, values: Sequence[Value] = ()) -> Iterator[Sequence[Row]]:
        """Run `sql` and yield its rows in chunks of STREAM_ROWS, each fetched when it is due."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(sql, values)
            while rows := list(islice(cursor, STREAM_ROWS)):
                yield rows
        finally:
            cursor.close()

    def load(self, table: str, columns: Sequence[str], chunks: Iterable[Sequence[Row]]) -> int:
        """Put ready rows into a table and return how many."""
        marks = ", ".join("?" * len(columns))
        sql = f"insert into {table} ({', '.join(columns)}) values ({marks})"
        loaded = 0
        for rows in chunks:
            self.run_many(sql, rows)
            loaded += len(rows)
        return loaded


def _translated(error: apsw.ConstraintError) -> Exception:
    # apsw sets it on every error that SQLite reports; its type stubs leave it out.
    code: int = getattr(error, "extendedresult", 0)
    return Clash(str(error)) if code in _UNIQUE else error
