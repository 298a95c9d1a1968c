"""The connections of one store: a pool whose members are given up together when the server is."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

import psycopg
from psycopg import RawCursor, RawServerCursor
from psycopg_pool import ConnectionPool, PoolTimeout

from ringfence.store.postgres.connection import BoundedConnection
from ringfence.store.postgres.patience import (
    explain,
    is_gone,
    is_refusal,
    is_silent,
    is_unavailable,
)

LONGEST_WAIT_S = 0.5
"""A pool that gave up tries to connect again only when somebody asks it again."""

STATEMENT_SHARE = 0.8
"""How much of a request's time a statement may take: the server gives up before we hang up."""

LOCK_SHARE = 0.6
"""How much of it a statement may wait for a lock: whoever holds an account's for long makes others
of this account give up, and their connections are sound. Of two seconds it is more than the one
after which the server looks for a deadlock, which is tried again.
"""

_BEGIN = "begin isolation level read committed read write"
_SESSION = """
select set_config('statement_timeout', $1, false),
       set_config('lock_timeout', $2, false),
       set_config('idle_in_transaction_session_timeout', $1, false),
       set_config('default_transaction_read_only', 'on', false),
       set_config('synchronous_commit', case current_setting('synchronous_commit')
         when 'off' then 'on' else current_setting('synchronous_commit') end, false)
"""
"""A read of one statement has no `begin` that says `read only`. That commits are durable is said
even where it is so: the server's settings may change while we are connected.
"""

LATE_SHARE = 0.9
"""How much of it is left to a request that need not hurry."""

_log = logging.getLogger(__name__)


def limits_within(seconds: float) -> tuple[str, str]:
    """Return how long a statement may take, and wait for a lock, as the server is told."""
    of_statement, of_lock = (
        f"{max(1, round(seconds * share * 1000))}ms" for share in (STATEMENT_SHARE, LOCK_SHARE)
    )
    return of_statement, of_lock


class Connections:
    """At most `most` connections to the database of `parameters`."""

    def __init__(self, parameters: Mapping[str, str], most: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._generation = 0
        self._changing = threading.Lock()
        self._failure = ""
        self._pool = ConnectionPool(
            kwargs={**parameters, "autocommit": True, "cursor_factory": RawCursor},
            connection_class=type(
                "Connection", (BoundedConnection,), {"on_failure": staticmethod(self._note)}
            ),
            min_size=1,
            max_size=most,
            configure=self._configure,
            reconnect_timeout=LONGEST_WAIT_S,
            name="ringfence",
            open=True,
        )

    @contextmanager
    def one(self, deadline: float) -> Iterator[BoundedConnection]:
        """Yield a connection that waits until `deadline`. Raises PoolTimeout, PoolClosed."""
        connection = self._take(min(max(0.0, deadline - monotonic()), LONGEST_WAIT_S))
        connection.deadline = deadline
        try:
            yield connection
        except Exception as error:
            if is_unavailable(error) and not is_refusal(error):
                self._discard(connection, error)
            raise
        finally:
            connection.deadline = None
            self._pool.putconn(connection)

    def begin(self, deadline: float) -> str:
        """Return how a write begins; one that waited for its turn is to wait for less from now."""
        left = deadline - monotonic()
        if left > self._timeout_s * LATE_SHARE:
            return _BEGIN
        of_statement, of_lock = limits_within(left)
        return (
            f"{_BEGIN}; set local statement_timeout = '{of_statement}'; "
            f"set local lock_timeout = '{of_lock}'"
        )

    def stats(self) -> Mapping[str, int]:
        """Return how the connections are used now."""
        pool = self._pool.get_stats()
        return {
            "connections": pool.get("pool_size", 0),
            "connections_idle": pool.get("pool_available", 0),
            "connections_awaited": pool.get("requests_waiting", 0),
        }

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def _take(self, timeout_s: float) -> BoundedConnection:
        try:
            return self._pool.getconn(timeout_s)
        except PoolTimeout as error:
            # The pool connects in threads of its own, so why it could not is known only here.
            raise PoolTimeout(f"no connection in time; {self._failure}".rstrip("; ")) from error

    def _discard(self, connection: BoundedConnection, error: Exception) -> None:
        """Close a connection that failed; where the server failed, those made before it too.

        One that is silent may be slow, or a machine that is no more: then each of the others would
        cost somebody the whole of their patience to find that out.
        """
        connection.close()
        if not (is_gone(error) or is_silent(error)):
            return
        with self._changing:
            is_first = connection.generation == self._generation
            self._generation += is_first
        if is_first:
            _log.warning("the connections to PostgreSQL are given up: %s", explain(error))
            self._pool.drain()

    def _note(self, error: psycopg.Error) -> None:
        """Keep why the last connection could not be made, and log it when it is news."""
        failure = explain(error)
        if failure != self._failure:
            _log.warning("PostgreSQL cannot be reached: %s", failure)
        self._failure = failure

    def _configure(self, connection: BoundedConnection) -> None:
        connection.generation = self._generation
        connection.server_cursor_factory = RawServerCursor
        connection.add_notice_handler(connection.note)
        connection.deadline = monotonic() + self._timeout_s
        try:
            connection.execute(_SESSION, limits_within(self._timeout_s))
        finally:
            connection.deadline = None
        self._failure = ""
