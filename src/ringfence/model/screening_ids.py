"""The ids of screenings: sorted by time, made without asking anybody.

Sixty-three bits: milliseconds since 1970, then twenty bits that tell apart what happened in one of
them. Written as sixteen hexadecimal digits, for JavaScript rounds whole numbers of that size.
"""

import re
import secrets
from datetime import UTC, datetime

LOW_BITS = 20
_WRITTEN = re.compile("[0-7][0-9a-f]{15}")


class ScreeningIds:
    """Ids of one process: each is larger than the last one, also where the clock goes back.

    The low bits begin at random, so that two processes hardly ever make the same one.
    """

    def __init__(self) -> None:
        self._last = 0
        self._low = secrets.randbits(LOW_BITS - 1)

    def next(self, at_ms: int) -> int:
        """Return the id of a screening at `at_ms`, in milliseconds since 1970."""
        made = at_ms << LOW_BITS | self._low
        if made <= self._last:
            made = self._last + 1
        self._last = made
        return made


def format_screening_id(screening_id: int) -> str:
    """Return an id as it is written."""
    return f"{screening_id:016x}"


def parse_screening_id(text: str) -> int | None:
    """Return the id that is written, or None where it is none."""
    return int(text, 16) if _WRITTEN.fullmatch(text) else None


def moment_of(screening_id: int) -> datetime:
    """Return when the screening was made, to the millisecond."""
    return datetime.fromtimestamp((screening_id >> LOW_BITS) / 1000, UTC)


def first_id_at(at: datetime) -> int:
    """Return the lowest id that a screening at the moment `at`, or after it, can have."""
    return int(at.timestamp() * 1000) << LOW_BITS
