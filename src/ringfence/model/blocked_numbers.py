"""Blocked numbers one by one: what becomes of each that is sent, and what is told of each."""

from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ringfence.errors import InputCode, Problem
from ringfence.model.block_groups import Mode
from ringfence.model.keep import KEEP, Keep
from ringfence.model.patterns import Kind
from ringfence.model.protection import Protection
from ringfence.model.revisions import revision_of

MAX_NUMBERS = 10_000
"""How many numbers one request may carry."""

MAX_REASON = 200


class Outcome(StrEnum):
    """What became of one number of a request."""

    ADDED = "added"
    EXTENDED = "extended"
    ALREADY_THERE = "already_there"
    REMOVED = "removed"
    NOT_THERE = "not_there"
    INVALID = "invalid"
    PROTECTED = "protected"


class ReadNumber(NamedTuple):
    """A number as it was sent, and what it spells: the pattern, or an emergency number, or none."""

    text: str
    pattern: str | None = None
    is_emergency: bool = False


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """Numbers of a request as they were read in the region of an account."""

    numbers: tuple[ReadNumber, ...]

    def __len__(self) -> int:
        """Return how many were sent."""
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class NumbersDraft:
    """Numbers, prefixes and `withheld` to be blocked, in any spelling, all with one expiry.

    Many take long to read, so they may have been read already.
    """

    numbers: Sequence[str] | ReadNumbers
    expires_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NumberResult:
    """What became of a number as it was sent.

    `pattern` is what it is stored as, None for an invalid one, of which `problem` says why.
    `protected_by` says what keeps a protected one from being blocked.
    """

    number: str
    outcome: Outcome
    pattern: str | None = None
    problem: Problem | None = None
    protected_by: Protection | None = None


@dataclass(frozen=True, slots=True)
class BlockedEntry:
    """An entry of a group, with who put it there, through which door, when, and why.

    `hits` is how many calls it blocked, `last_hit_at` when the last of them was.
    """

    pattern: str
    kind: Kind
    group_id: int
    expires_at: datetime | None
    reason: str
    added_at: datetime
    door: str
    key_id: int | None
    hits: int = 0
    last_hit_at: datetime | None = None

    @property
    def revision(self) -> str:
        """What tells whether it was edited: that it blocked a call is no edit."""
        return revision_of(self, "hits", "last_hit_at")


@dataclass(frozen=True, slots=True)
class FoundBlock:
    """A live entry that a number was found by, with what its group is called and does."""

    entry: BlockedEntry
    group_name: str
    group_mode: Mode


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What to set on an entry; `expires_at` None means for good."""

    expires_at: datetime | Keep | None = KEEP
    reason: str | Keep = KEEP


class EntryState(StrEnum):
    """Which entries of a group are listed."""

    LIVE = "live"
    EXPIRED = "expired"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries of a group to list: by their leading digits, what they are, whether live."""

    search: str | None = None
    kind: Kind | None = None
    state: EntryState = EntryState.LIVE


def count_problems(numbers: Sized) -> Iterator[Problem]:
    """Yield a problem where a request carries no numbers, or too many."""
    if not 1 <= len(numbers) <= MAX_NUMBERS:
        rule = f"one request carries 1 to {MAX_NUMBERS:,} numbers"
        yield Problem(InputCode.NUMBERS_COUNT, "numbers", rule, len(numbers))


def reason_problems(reason: str) -> Iterator[Problem]:
    """Yield a problem where a reason is too long, or not to be shown in one line."""
    if len(reason) > MAX_REASON or not reason.isprintable():
        rule = f"a reason has up to {MAX_REASON} printable characters"
        yield Problem(InputCode.REASON_FORMAT, "reason", rule, reason)


def number_problem(number: str, region: str, field: str = "numbers") -> Problem:
    """Return what is wrong with a number that is no pattern."""
    if any(each.isdecimal() for each in number) and not number.strip().endswith("*"):
        rule = f"it is not a possible phone number in region {region}"
        return Problem(InputCode.NUMBER_IMPOSSIBLE, field, rule, number)
    rule = "a number is a phone number, a prefix such as +91140*, or withheld"
    return Problem(InputCode.NUMBER_UNREADABLE, field, rule, number)
