"""Reading in the thread of the event loop: a look-up in the file takes microseconds."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from ringfence.errors import Unavailable
from ringfence.store.sqlite.connection import SqliteTransaction


class SqliteNearby:
    """See `Nearby`; `unavailable` are the errors of a file that is out of reach."""

    def __init__(
        self, connection: apsw.Connection, unavailable: tuple[type[Exception], ...]
    ) -> None:
        self.transaction = SqliteTransaction(connection)
        self._unavailable = unavailable
        # The event loop waits for nobody; whoever asks elsewhere does.
        connection.set_busy_timeout(0)

    def begin(self) -> int:
        """Begin to read one state, and return its version (https://sqlite.org/pragma.html)."""
        connection = self.transaction.connection
        with self._translated():
            if connection.in_transaction:  # what should have ended it failed
                connection.execute("rollback")
            connection.execute("begin")
            try:
                version: int = connection.execute("pragma data_version").get
            except BaseException:
                connection.execute("rollback")
                raise
        return version

    def end(self) -> None:
        """Let go of the state, so that the log of the file can be written back."""
        connection = self.transaction.connection
        with self._translated():
            if connection.in_transaction:
                connection.execute("rollback")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._unavailable as error:
            raise Unavailable(reason=str(error)) from error
