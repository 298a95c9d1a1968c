"""Whether a commit took effect whose acknowledgement was lost.

A server can die, or a connection break, between the commit and the word that it was done. To do
the work again could do it twice; not to do it could lose it. So every thread that writes has a row
in `commit_mark` with the number of its last committed write, and each write begins by counting it
up from the number before. Tried again, that finds the number taken where the first attempt was
committed; where the first attempt is still under way, it waits for its lock.
"""

import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Generic

from ringfence.store.database import T, Transaction
from ringfence.store.times import to_ms

# A row is removed only long after its thread would have taken a new name.
RENAMED_AFTER_S = 24 * 3600.0
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(slots=True)
class _Writer:
    """One thread: its name in the table, the number of its last committed write, and when."""

    name: str
    committed: int
    used_at_s: float

    def rename(self) -> None:
        """Start anew with a row of another name."""
        self.name, self.committed = uuid.uuid4().hex, 0


class Write(Generic[T]):
    """One write, through all its attempts. `result` is what the last whole attempt returned."""

    result: T

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer
        self._committing = False

    def begin(self, tx: Transaction) -> bool:
        """Take this write's number; False where an earlier attempt was committed after all.

        That attempt may have been cut off while it waited for a standby. So its row is written
        once more, and `tx` has to be committed in both cases: what that waits for includes it.

        A row that is neither as it was nor one further is gone, or from before a failover that
        lost commits: this thread starts anew under another name.
        """
        if _take_number(tx, self._writer):
            return True
        if self._committing and _touch(tx, self._writer.name, self._writer.committed + 1):
            return False
        self._writer.rename()
        return bool(_take_number(tx, self._writer))

    def about_to_commit(self, result: T) -> None:
        """Keep what to return, should the next attempt find that this one was committed."""
        self.result = result
        self._committing = True

    def done(self) -> None:
        """Count the write as committed."""
        self._writer.committed += 1
        self._committing = False

    def is_open(self) -> bool:
        """Whether it is not known if the last attempt was committed."""
        return self._committing


class CommitMarks:
    """The writers of one process."""

    def __init__(self) -> None:
        self._thread = threading.local()

    def next_write(self) -> Write[Any]:
        """Return the next write of this thread."""
        writer: _Writer | None = getattr(self._thread, "writer", None)
        now_s = monotonic()
        if writer is None or now_s - writer.used_at_s > RENAMED_AFTER_S:
            writer = self._thread.writer = _Writer(uuid.uuid4().hex, 0, now_s)
        writer.used_at_s = now_s
        return Write(writer)

    def ended(self, write: Write[Any]) -> None:
        """Take a new name for this thread where nobody will know how `write` ended."""
        if write.is_open():
            self._thread.writer = None


def forget_old_marks(tx: Transaction) -> None:
    """Remove the rows of threads that are long gone."""
    tx.run("delete from commit_mark where marked_at < ?", (to_ms(_now() - FORGOTTEN_AFTER),))


def _take_number(tx: Transaction, writer: _Writer) -> int:
    at = to_ms(_now())
    if writer.committed == 0:
        return tx.run(
            "insert into commit_mark (writer, number, marked_at) values (?, 1, ?) "
            "on conflict do nothing",
            (writer.name, at),
        )
    return tx.run(
        "update commit_mark set number = ?, marked_at = ? where writer = ? and number = ?",
        (writer.committed + 1, at, writer.name, writer.committed),
    )


def _touch(tx: Transaction, name: str, number: int) -> int:
    return tx.run(
        "update commit_mark set marked_at = ? where writer = ? and number = ?",
        (to_ms(_now()), name, number),
    )


def _now() -> datetime:
    return datetime.now(UTC)
