"""Commits that we hung up on while they waited for a standby.

PostgreSQL does not notice that nobody listens any more: such a commit keeps its connection until a
standby is back, however many we have hung up on. So from some number on writes are refused
at once, before they take what is left of the server's connections from those that read.
"""

from collections.abc import Callable

from ringfence.errors import Unavailable

WAITING = (
    "select count(*) from pg_stat_activity where usename = current_user "
    "and application_name = current_setting('application_name') and wait_event = 'SyncRep'"
)


class AbandonedCommits:
    """Counts them; `count_waiting` asks the server how many there are."""

    def __init__(self, most: int, count_waiting: Callable[[], int]) -> None:
        self._most = most
        self._count_waiting = count_waiting
        self._count = 0

    def add(self) -> None:
        """Count one more of which nobody knows how it ended."""
        self._count += 1

    def forget(self) -> None:
        """Begin anew: a commit went through, so there is a standby, or none is waited for."""
        self._count = 0

    def check(self) -> None:
        """Raise Unavailable where too many still wait."""
        if self._count < self._most:
            return
        self._count = self._count_waiting()
        if self._count >= self._most:
            raise Unavailable(reason=f"{self._count} commits wait for a standby of PostgreSQL")
