"""How long a request may wait for PostgreSQL, and what is tried again meanwhile.

A whole transaction is tried again where the server went away, is starting or stopping, became a
standby, or gave this transaction up in favour of another. Each attempt has a fresh connection.
Everything else that the server refuses is told at once.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TypeVar

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed

from ringfence.errors import Unavailable
from ringfence.store.postgres.connection import UncertainCommitError

T = TypeVar("T")

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 0.5
RETRY_FOR_S = 10.0
"""How long something is tried again, even where it may take longer than that."""

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONNECTION_LOST = "08"
_TRANSIENT = {
    "25P03",  # idle_in_transaction_session_timeout: we were stopped for a while
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
    "57P05",  # idle_session_timeout: the server closes what a pool keeps
    "25006",  # read_only_sql_transaction: the server became a standby
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
}
# Resources, limits and the system: the same statement may succeed later, but not in a moment.
_UNAVAILABLE = ("25P04", "28", "3D", "42501", "53", "55", "57", "58", "F0", "XX")


def is_transient(error: Exception) -> bool:
    """Whether a whole transaction that ended like this is worth another attempt now."""
    # Both errors of the pool are OperationalErrors without a state; no waiting opens it again.
    if not isinstance(error, psycopg.Error) or isinstance(error, PoolClosed):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state in _TRANSIENT or state.startswith(_CONNECTION_LOST)


def is_unavailable(error: Exception) -> bool:
    """Whether the database, not the statement, is to blame."""
    if is_transient(error) or isinstance(error, PoolClosed):
        return True
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return state is not None and state.startswith(_UNAVAILABLE)


def is_gone(error: Exception) -> bool:
    """Whether the server hung up or no longer takes writes, so that older connections are dead."""
    if not isinstance(error, psycopg.Error) or isinstance(error, UncertainCommitError):
        return False
    if error.sqlstate is None:
        return not is_silent(error)
    return error.sqlstate.startswith(("08", "57P0", "25006"))


def is_refusal(error: Exception) -> bool:
    """Whether a statement took too long for the server, perhaps as others held what it needs.

    The server said so, and the connection is as good as before.
    """
    return isinstance(error, errors.LockNotAvailable | errors.QueryCanceled)


def is_silent(error: Exception) -> bool:
    """Whether the server said nothing until we gave up."""
    return isinstance(error, psycopg.OperationalError) and "wait timeout" in str(error)


def explain(error: Exception) -> str:
    """Return in one line why the database cannot answer; PostgreSQL may use several."""
    if isinstance(error, PoolClosed):
        return "it is closed"
    if is_silent(error):
        return "PostgreSQL did not answer within the time allowed"
    if isinstance(error, errors.LockNotAvailable):
        return "others were changing the same for too long"
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())


class Patience:
    """Gives each request a deadline: `timeout_s` after it was handed in."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._thread = threading.local()

    def deadline(self) -> float:
        """Return when the request of this thread has waited enough, in monotonic seconds."""
        given: float | None = getattr(self._thread, "deadline", None)
        return self.new_deadline() if given is None else given

    def new_deadline(self) -> float:
        """Return the deadline of a request that is handed in now."""
        return monotonic() + self._timeout_s

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Give everything that this thread does inside one deadline."""
        outer: float | None = getattr(self._thread, "deadline", None)
        self._thread.deadline = deadline
        try:
            yield
        finally:
            self._thread.deadline = outer

    def keep_trying(self, attempt: Callable[[float], T]) -> T:
        """Return what `attempt`, given the deadline, returns; try again what is transient.

        Raises Unavailable when the database is to blame, at the deadline at the latest.
        """
        deadline = self.deadline()
        if monotonic() >= deadline:
            # To begin would cost a sound connection, and that at the worst of times.
            raise Unavailable(reason="it waited too long for its turn")
        last_try = min(deadline, monotonic() + RETRY_FOR_S)
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                return attempt(deadline)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                if not is_transient(error) or monotonic() + pause_s > last_try:
                    raise Unavailable(reason=explain(error)) from error
            sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311  no secret depends on it
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
