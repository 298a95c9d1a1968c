"""One connection to PostgreSQL: it never waits past its deadline, and speaks the common SQL.

psycopg waits for a server for as long as the kernel says that there is one: a frozen server
acknowledges what it is sent and never answers. So every wait here has a deadline.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from time import monotonic
from typing import Any, Self

import psycopg
from psycopg import errors, waiting
from psycopg.abc import RV, PQGen
from psycopg.rows import TupleRow

from ringfence.store import schema
from ringfence.store.database import STREAM_ROWS, Clash, Row, StoreFacts, Value

DIALECT = schema.Dialect(
    # The number means nothing; upgrades of one database wait for each other on it.
    # Whatever the server's default is, what the one before did has to be seen after the wait.
    begin_exclusively=(
        "begin isolation level read committed; select pg_advisory_xact_lock(7305804402566062); "
        # All who would read wait behind one who waits for a table alone.
        "set local lock_timeout = '500ms'"
    ),
    tables="select tablename from pg_tables where schemaname = current_schema()",
    words={"clustered": "", "text": 'text collate "C"'},
)
_MARK = re.compile(r"\?")


class UncertainCommitError(psycopg.OperationalError):
    """A commit of which only this server is known to have heard."""


class BoundedConnection(psycopg.Connection[TupleRow]):
    """A connection that gives up at `deadline`, a moment of the monotonic clock; None never does.

    What was under way then is not known, and the connection is of no further use.
    """

    deadline: float | None = None
    generation = 0
    warning: str | None = None

    @staticmethod
    def on_failure(_error: psycopg.Error) -> None:
        """Hear why a connection could not be made."""

    @classmethod
    def connect(cls, *args: Any, **options: Any) -> Self:  # noqa: ANN401  psycopg's own
        """Return a new connection, as psycopg does, and tell `on_failure` where there is none."""
        try:
            return super().connect(*args, **options)
        except psycopg.Error as error:
            cls.on_failure(error)
            raise

    def note(self, notice: errors.Diagnostic) -> None:
        """Keep the last warning of the server."""
        if notice.severity_nonlocalized == "WARNING":
            self.warning = notice.message_primary

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server, but not past the deadline. Raises OperationalError then.

        Ctrl-C hangs up: psycopg itself would ask the server to cancel, and wait for its word.
        """
        if self.deadline is not None:
            timeout = max(0.0, self.deadline - monotonic())
        try:
            return waiting.wait(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except KeyboardInterrupt:
            self.close()
            raise


class PostgresTransaction:
    """Statements on one PostgreSQL connection."""

    def __init__(self, connection: BoundedConnection) -> None:
        self.connection = connection

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """Run `sql` and return its first row, or None."""
        return self._execute(sql, values).fetchone()

    def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run `sql` and return all its rows."""
        return self._execute(sql, values).fetchall()

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run `sql` and return how many rows it changed."""
        return self._execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run `sql` once for each of `rows`, without waiting for each."""
        try:
            self.connection.cursor().executemany(numbered(sql), rows)
        except errors.UniqueViolation as error:
            raise Clash(str(error)) from error

    def stream(self, sql: str, values: Sequence[Value] = ()) -> Iterator[Sequence[Row]]:
        """Run `sql` and yield its rows in chunks of STREAM_ROWS, each fetched when it is due."""
        with self.connection.cursor(name="stream") as cursor:
            cursor.execute(numbered(sql), values or None)
            while rows := cursor.fetchmany(STREAM_ROWS):
                yield rows

    def load(self, table: str, columns: Sequence[str], chunks: Iterable[Sequence[Row]]) -> int:
        """Put ready rows into a table and return how many."""
        sql = f"copy {table} ({', '.join(columns)}) from stdin"
        loaded = 0
        try:
            with self.connection.cursor() as cursor, cursor.copy(sql) as copy:
                for rows in chunks:
                    for row in rows:
                        copy.write_row(row)
                    loaded += len(rows)
        except errors.UniqueViolation as error:
            raise Clash(str(error)) from error
        return loaded

    def describe(self) -> StoreFacts:
        """Return what the store is."""
        size = self.one("select pg_database_size(current_database())")
        assert size is not None, "a database has a size"
        return StoreFacts(
            "PostgreSQL",
            self.connection.info.parameter_status("server_version") or "",
            schema.version_of(self, DIALECT),
            [name for (name,) in self.all(DIALECT.tables)],
            size[0],
        )

    def lock_account(self, account_id: int) -> None:
        """Keep other writers from this account until the transaction ends.

        Rows that refer to the account may still be made: that takes a weaker lock
        (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS).
        """
        self.one("select 1 from account where account_id = ? for no key update", (account_id,))

    def lock_accounts(self) -> None:
        """Keep other writers from making accounts until the transaction ends."""
        self.run("lock table login in share row exclusive mode")

    def commit(self) -> None:
        """Make everything durable.

        Raises InternalError where there is nothing to commit, because a statement had failed.
        Raises UncertainCommitError where only this server has it: a wait for the standby that was
        cancelled ends in a success with a warning
        (https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION-HA).
        """
        self.connection.warning = None
        ended = self.connection.execute("commit").statusmessage
        if ended != "COMMIT":
            raise errors.InternalError(f"a transaction that failed was to be committed: {ended}")
        if self.connection.warning is not None:
            raise UncertainCommitError(self.connection.warning)

    def _execute(self, sql: str, values: Sequence[Value]) -> psycopg.Cursor[TupleRow]:
        try:
            return self.connection.execute(numbered(sql), values or None)
        except errors.UniqueViolation as error:
            raise Clash(str(error)) from error


@lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """Return `sql` with PostgreSQL's own marks, $1 and so on, for each `?`.

    Raises nothing for a `?` inside a text: no statement of ours has one, which a test makes sure.
    """
    count = 0

    def next_mark(_found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"${count}"

    return _MARK.sub(next_mark, sql)
