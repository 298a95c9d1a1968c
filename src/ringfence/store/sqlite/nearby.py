"""Reading in the thread of the event loop: a look-up in the file takes microseconds.

After a commit of anybody SQLite forgets what a connection knew of the file, and unmaps it. What
became of calls is committed many times a second, and no decision depends on it. So the state is
held from one turn of the loop to the next while nothing else is committed, which a second
connection tells: docs/decisions/0011-a-held-state.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from ringfence.errors import Unavailable
from ringfence.store.sqlite.connection import SqliteTransaction
from ringfence.store.sqlite.group_commit import GroupCommit
from ringfence.store.sqlite.marks import read_mark, read_version

MOST_SECONDS = 10
"""How long a state is held at most: what others than Ringfence write leaves the mark as it is."""

_UNSEEN = -1


class SqliteNearby:
    """See `Nearby`; `unavailable` are the errors of a file that is out of reach.

    `beside` is a second connection to the file, and `writer` the one of this process.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        beside: apsw.Connection,
        writer: GroupCommit,
        unavailable: tuple[type[Exception], ...],
    ) -> None:
        self.transaction = SqliteTransaction(connection)
        self._beside, self._writer, self._unavailable = beside, writer, unavailable
        self._version = self._version_beside = self._mark = _UNSEEN
        self._is_calm = True
        self._is_held = self._is_reading = self._was_read = False
        self._seconds_held = self._written_back = 0
        # The event loop waits for nobody; whoever asks elsewhere does.
        connection.set_busy_timeout(0)
        beside.set_busy_timeout(0)

    def begin(self) -> int:
        """Begin to read one state, the one that is held where it is still right; see `Nearby`."""
        with self._translated():
            if not (self._is_held and self._is_current()):
                self._renew()
        self._is_reading = self._was_read = True
        return self._version

    def end(self) -> None:
        """Hold the state for the next `begin`, or let go of it; see `Nearby`."""
        was_held, self._is_reading = self._is_held, False
        self._is_held = self._may_be_held()
        if not self._is_held:
            self._rollback()
            if was_held:
                self._tidy_log()

    def let_go(self) -> None:
        """Let go of a state that nobody has read for a second, or that may be held no longer."""
        self._is_calm = True
        self._seconds_held += 1
        was_read, self._was_read = self._was_read, False
        if not self._is_reading and not (was_read and self._may_be_held()):
            self._is_held = False
            self._rollback()
            self._tidy_log()
        with self._translated():
            self._writer.log.look(self._beside)

    def _may_be_held(self) -> bool:
        log = self._writer.log
        # A state from before the log was written back is in the way of its beginning anew.
        is_in_the_way = log.is_long or log.written_back != self._written_back
        return self._is_calm and self._seconds_held < MOST_SECONDS and not is_in_the_way

    def _tidy_log(self) -> None:
        """Have a long log written back, now that no state from before is held."""
        if self._writer.log.is_long:
            self._writer.tidy_log()

    def _is_current(self) -> bool:
        if not self.transaction.connection.in_transaction:  # a failure ended it
            return False
        version = read_version(self._beside)
        if version != self._version_beside:
            if read_mark(self._beside) != self._mark:
                return False
            self._version_beside = version  # only now: what failed before this is asked again
        return True

    def _renew(self) -> None:
        """Begin to read the state of now.

        Where another mark says that somebody changes things, states are not held for up to a
        second: more changes may follow, of another process too, whose log would grow meanwhile.
        """
        self._is_held, self._seconds_held = False, 0
        self._rollback()
        self._written_back = self._writer.log.written_back
        connection = self.transaction.connection
        connection.execute("begin")
        version = read_version(connection)
        if version != self._version:
            mark = read_mark(connection)
            self._is_calm = self._is_calm and self._mark in {mark, _UNSEEN}
            self._version, self._mark = version, mark

    def _rollback(self) -> None:
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
