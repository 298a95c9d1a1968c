"""The log beside the file (`-wal`), and when it is written back: https://sqlite.org/wal.html.

SQLite would write it back within the commit that makes it long, as far as the oldest reader lets
it. Here the writer thread does so once those who waited for the commit have been told, and a
reader that holds its state for longer lets go first, so that the log is written back whole and
begins anew.
"""

from contextlib import suppress

import apsw

LONG_PAGES = 14_000
"""From how many pages on whoever holds a state lets go of it."""

MOST_PAGES = 16_000
"""How many pages the log has when it is written back in any case: 64 MB.

Pages that are written again and again reach the file once.
"""


class Log:
    """How long the log is. Its connection writes, and only the writer thread calls `tidy`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._pages = 0
        self._is_due = False
        # It takes the place of what SQLite does by itself (https://sqlite.org/c3ref/wal_hook.html).
        connection.set_wal_hook(self._committed)

    @property
    def is_long(self) -> bool:
        """Whether it ought to be written back, as far as the last commit here tells."""
        return self._pages >= LONG_PAGES

    def expect_tidying(self) -> None:
        """Have the next `tidy` write it back: nobody is in its way now."""
        self._is_due = True

    def tidy(self) -> None:
        """Write the log back where it is time, as far as readers let it."""
        if not self._is_due and self._pages < MOST_PAGES:
            return
        self._is_due = False
        # What could not be written back now is after the next commit, as SQLite has it.
        with suppress(apsw.Error):
            pages, written_back = self._connection.wal_checkpoint()
            if written_back == pages:
                self._pages = 0

    def _committed(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK
