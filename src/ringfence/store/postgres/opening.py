"""From a database URL to an open PostgreSQL store."""

from collections.abc import Mapping
from time import monotonic, sleep

import psycopg
from psycopg import RawCursor, conninfo, errors

from ringfence.errors import StoreMissing, Unavailable
from ringfence.store import schema
from ringfence.store.postgres.commit_marks import forget_old_marks
from ringfence.store.postgres.connection import DIALECT, BoundedConnection, PostgresTransaction
from ringfence.store.postgres.patience import explain
from ringfence.store.postgres.store import PostgresStore
from ringfence.store.urls import describe_url, has_stray_at, refused_url

OLDEST_SERVER = 150000
"""PostgreSQL 15, as the server says it."""

UPGRADE_PAUSE_S = 0.5
UPGRADE_WITHIN_S = 600.0
"""How long opening may take: another process may be upgrading, or there is much to upgrade."""

_DEFAULTS = {
    "application_name": "ringfence",
    "connect_timeout": "2",
    # A machine that is no more says nothing, not even to a connection that nobody uses now.
    "keepalives_idle": "30",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    # Of several hosts, the one that takes writes; a standby of only one is of no use either.
    "target_session_attrs": "read-write",
}


def open_postgres(
    url: str, *, create: bool, any_schema: bool, connections: int, timeout_s: float
) -> PostgresStore:
    """Open the database at `url`; see `open_store` for the options and what is raised.

    The database itself, empty, has to be there.
    """
    parameters = read_parameters(url)
    try:
        _prepare(parameters, url, create=create, any_schema=any_schema)
    except psycopg.Error as error:
        raise Unavailable(reason=explain(error)) from error
    return PostgresStore(url, parameters, connections, timeout_s)


def read_parameters(url: str) -> dict[str, str]:
    """Return the connection parameters of libpq in `url`, ours where it names none.

    Raises InvalidInput, without what libpq says: that may quote the password.
    """
    if has_stray_at(url):
        raise refused_url(url)
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise refused_url(url) from None
    return _DEFAULTS | {name: str(value) for name, value in given.items()}


def _prepare(parameters: Mapping[str, str], url: str, *, create: bool, any_schema: bool) -> None:
    """Bring the schema up to date, or make sure that it is."""
    with _connected(parameters) as connection:
        _check_server(connection)
        tx = PostgresTransaction(connection)
        if not create and not tx.all(DIALECT.tables):
            raise StoreMissing(url=describe_url(url))
        schema.check_ours(tx, DIALECT)
        if not any_schema:
            _upgrade_when_possible(tx, upgrade=create)
        if create:
            forget_old_marks(tx)


def _upgrade_when_possible(tx: PostgresTransaction, *, upgrade: bool) -> None:
    """Try again while somebody reads a table that is to be changed, as a long backup does.

    Not waited for in one go: whoever comes next would wait behind us.
    """
    until = monotonic() + UPGRADE_WITHIN_S
    while True:
        try:
            schema.prepare(tx, DIALECT, upgrade=upgrade)
        except errors.LockNotAvailable:
            if monotonic() > until:
                raise
            sleep(UPGRADE_PAUSE_S)
        else:
            return


def _check_server(connection: BoundedConnection) -> None:
    info = connection.info
    if info.server_version < OLDEST_SERVER:
        raise Unavailable(reason=f"PostgreSQL 15 or newer is needed, not {info.server_version}")
    if info.parameter_status("server_encoding") != "UTF8":
        raise Unavailable(reason="the database must have the encoding UTF8")


def _connected(parameters: Mapping[str, str]) -> BoundedConnection:
    connection = BoundedConnection.connect(
        conninfo.make_conninfo(**parameters), autocommit=True, cursor_factory=RawCursor
    )
    connection.deadline = monotonic() + UPGRADE_WITHIN_S
    return connection
