"""Activity: what became of calls, as it is kept and as it is told."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from ringfence.model.block_groups import Direction
from ringfence.model.calls import Disposition, Reason
from ringfence.model.number_hashes import hash_number, is_hashed
from ringfence.model.patterns import WITHHELD, Kind, kind_of, read_caller
from ringfence.model.texts import is_storable

MAX_TEXT = 64
"""How much is kept of a text that is no number, and of the name of a skill."""

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


class Counted(StrEnum):
    """What calls are counted by: what became of them, and what a monitoring group would have."""

    PASS = "pass"  # noqa: S105  not a password
    BLOCK = "block"
    WOULD_BLOCK = "would_block"


class Step(StrEnum):
    """How long the times are that calls are counted in, each beginning at a whole one in UTC."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def minutes(self) -> int:
        """How many minutes long it is."""
        return {"minute": 1, "hour": 60, "day": 1440}[self.value]


class Keeping(NamedTuple):
    """How an account keeps the numbers of its calls.

    `key` is that of its hashes, None where it never had any; `is_hashed` whether it has them now.
    """

    region: str
    is_hashed: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class GroupOfCall:
    """The group that a call was blocked by, or would have been; of one that is gone, no name."""

    block_group_id: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Enforcer:
    """The key that asked about a call, as people call it."""

    key_id: int
    label: str


@dataclass(frozen=True, slots=True)
class KeptScreening:
    """A call that was screened, as it is told later.

    `calling` and `called` are in E.164, `withheld`, hashes, or as they were sent. `group` and
    `entry` are those that blocked it, or would have.
    """

    screening_id: int
    calling: str
    called: str
    direction: Direction
    skill: str | None
    disposition: Disposition
    reason: Reason
    group: GroupOfCall | None
    entry: str | None
    enforcer: Enforcer | None
    latency_us: int


@dataclass(frozen=True, slots=True)
class ScreeningQuery:
    """Which screenings to list; None for any. Numbers in any spelling, or as they are told."""

    calling: str | None = None
    called: str | None = None
    direction: Direction | None = None
    disposition: Disposition | None = None
    reason: Reason | None = None
    block_group_id: int | None = None
    entry: str | None = None
    skill: str | None = None
    key_id: int | None = None
    min_latency_us: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CountQuery:
    """Which counts to tell: from the step of `since` on, up to but without `until`."""

    since: datetime | None = None
    until: datetime | None = None
    block_group_id: int | None = None
    step: Step = Step.MINUTE


@dataclass(frozen=True, slots=True)
class CallCount:
    """How many calls of a step; `group` is None for those that passed."""

    at: datetime
    group: GroupOfCall | None
    counted: Counted
    calls: int


@lru_cache(maxsize=16_384)
def kept_number(text: str, region: str) -> str:
    """Return a number as it is kept: E.164, or `withheld`; what is neither as it was sent."""
    # A text of nothing is a caller who withholds theirs, but no called number.
    number = read_caller(text, region) if text else None
    return kept_text(text) if number is None else number


def kept_text(text: str) -> str:
    """Return as much of a text as is kept, without what no database can store."""
    cut = text[:MAX_TEXT]
    return cut if is_storable(cut) else _NOT_STORABLE.sub("\N{REPLACEMENT CHARACTER}", cut)


def hash_of(text: str, key: str) -> str:
    """Return a number as those keep it who do not keep numbers; one that is withheld stays."""
    if text == WITHHELD:
        return text
    return hash_number(key, text)


def hash_pattern(pattern: str, number: str, key: str) -> str:
    """Return the pattern of an entry, as a hash where it would tell the number."""
    tells = kind_of(pattern) is Kind.EXACT or pattern[:-1] == number
    return hash_of(pattern, key) if tells else pattern


def forms_of(kept: str, key: str | None) -> tuple[str, ...]:
    """Return every form in which an account can have kept a number or a pattern."""
    if key is None or kept == WITHHELD or is_hashed(kept):
        return (kept,)
    return (kept, hash_of(kept, key))
