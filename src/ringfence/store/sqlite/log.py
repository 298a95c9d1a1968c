"""The log beside the file (`-wal`), and when it is written back: https://sqlite.org/wal.html.

SQLite would write it back within the commit that makes it long, as far as the oldest reader lets
it. Here the writer thread does so once those who waited for the commit have been told, and a
reader that holds its state for longer lets go first, so that the log is written back whole and
begins anew.
"""

import logging

import apsw

LONG_PAGES = 14_000
"""From how many pages on whoever holds a state lets go of it."""

MOST_PAGES = 16_000
"""From how many pages on it is written back after every commit, as far as readers let it: 64 MB.

Pages that are written again and again reach the file once.
"""

_log = logging.getLogger(__name__)


class Log:
    """How long the log is. Its connection writes, and only the writer thread calls `tidy`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._pages = 0
        self._is_due = False
        self._trouble = ""
        self.written_back = 0
        """How often it was written back whole. It begins anew once no state from before is held."""
        # It takes the place of what SQLite does by itself (https://sqlite.org/c3ref/wal_hook.html).
        connection.set_wal_hook(self._committed)

    @property
    def is_long(self) -> bool:
        """Whether it ought to be written back, as far as is known."""
        return self._pages >= LONG_PAGES

    def look(self, connection: apsw.Connection) -> None:
        """See how long it is by another connection: other processes commit as well."""
        pages, written_back = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
        self._pages = pages if written_back < pages else 0

    def expect_tidying(self) -> None:
        """Have the next `tidy` write it back: nobody is in its way now."""
        self._is_due = True

    def tidy(self) -> None:
        """Write the log back where it is time, as far as readers let it."""
        if not self._is_due and self._pages < MOST_PAGES:
            return
        self._is_due = False
        try:
            pages, written_back = self._connection.wal_checkpoint()
        except apsw.BusyError:  # another process does it
            pass
        except apsw.Error as error:  # it is tried again after the next commit, as SQLite has it
            self._tell(str(error))
        else:
            self._note(pages, written_back)

    def _note(self, pages: int, written_back: int) -> None:
        self._trouble = ""
        if written_back == pages:
            self.written_back += 1  # first: who sees that it is short sees this too
            self._pages = 0

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("the log beside the file cannot be written back: %s", trouble)

    def _committed(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK
