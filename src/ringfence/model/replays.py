"""Replays: which calls that passed a group would have blocked, had it enforced what it holds."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.calls import GroupName

MAX_ENTRIES = 20
"""How many entries a report names: those that would have blocked the most calls."""

MAX_CALLS = 100
"""How many calls a report names: the newest."""

_DURATION = re.compile(r"([1-9][0-9]{0,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FIRST_YEAR = 1970


@dataclass(frozen=True, slots=True)
class EntryCount:
    """How many calls an entry would have blocked."""

    pattern: str
    calls: int


@dataclass(frozen=True, slots=True)
class ReplayedCall:
    """A call that an entry would have blocked; its number as it is kept, which may be a hash."""

    screening_id: int
    number: str
    pattern: str


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a group would have done to the calls that passed from `since` until `until`.

    `kept_since` is where calls that are kept begin, None where all since `since` are. `calls` were
    looked at, of which `hashed_calls` are kept without their number: exact entries alone are
    looked for in them. `would_block` of them would have been blocked, of so many different
    `numbers`.
    """

    group: GroupName
    since: datetime
    until: datetime
    kept_since: datetime | None
    calls: int
    hashed_calls: int
    would_block: int
    numbers: int
    entries: tuple[EntryCount, ...]
    newest: tuple[ReplayedCall, ...]

    @property
    def exact_only(self) -> bool:
        """Whether prefixes were not looked for in some calls, as their numbers are hashed."""
        return self.hashed_calls > 0


def read_since(text: str, timezone: str, at: datetime) -> datetime:
    """Return the moment that `text` names: a moment of ISO 8601, or so long before `at`.

    `30m`, `24h`, `7d`, `2w`; a moment without an offset is of the time zone `timezone`. Raises
    InvalidInput for anything else, and for a moment ahead.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is not None:
        return at - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        since = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _invalid("since is a moment as 2026-01-31T18:00:00+05:30, or as 7d or 24h") from None
    if since.tzinfo is None:
        since = since.replace(tzinfo=ZoneInfo(timezone))
    if since.year <= _FIRST_YEAR or since > at:
        raise _invalid("since lies in the past, after 1970")
    return since


def _invalid(rule: str) -> InvalidInput:
    return InvalidInput(Problem(InputCode.FIELD_INVALID, "since", rule))
