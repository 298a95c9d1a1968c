"""Block number groups: named sets of numbers that may not call, each with an optional expiry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from ringfence.errors import InputCode, Problem
from ringfence.model.moments import to_the_millisecond
from ringfence.model.numbers import E164, MAX_DIGITS, MIN_DIGITS, is_spelled
from ringfence.model.sip_answers import SipAnswer

MIN_TEXT = 2
MAX_TEXT = 50
MAX_NUMBERS = 100
"""How many numbers one request of the compatibility wire may carry."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Mode(StrEnum):
    """What a group does to the calls that it matches."""

    ENFORCE = "enforce"
    MONITOR = "monitor"
    OFF = "off"


class Direction(StrEnum):
    """Which calls a group looks at: by whom they come, or whom they are for."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls a group is for: by the names of skills and by called numbers; empty is all."""

    skills: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


EVERY_CALL = Scope()


@dataclass(frozen=True, slots=True)
class BlockGroup:
    """A block number group, without its numbers; `answer` is None for the account's own.

    Two are equal whenever they were stored.
    """

    block_group_id: int
    name: str
    description: str
    mode: Mode = Mode.ENFORCE
    direction: Direction = Direction.BOTH
    scope: Scope = EVERY_CALL
    answer: SipAnswer | None = None
    created_at: datetime = field(default=_EPOCH, compare=False)
    updated_at: datetime = field(default=_EPOCH, compare=False)


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group to be made, with its first numbers, all of which expire at `expires_at`."""

    name: str
    description: str
    numbers: Sequence[str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NumbersAddition:
    """Numbers to add to a group; `name` and `description`, where given, replace the group's."""

    numbers: Sequence[str]
    expires_at: datetime | None
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class GroupCreated:
    """A group was made. `numbers` stands beside the numbers sent: None where one was refused."""

    block_group_id: int
    numbers: tuple[E164 | None, ...]


@dataclass(frozen=True, slots=True)
class NumbersAdded:
    """Numbers are in the group now. `numbers` as in GroupCreated.

    `new` counts those that no group of the account held live before, `inserted` those that this
    group did not.
    """

    numbers: tuple[E164 | None, ...]
    new: int
    inserted: int


@dataclass(frozen=True, slots=True)
class NumbersRemoved:
    """Numbers left the group. `numbers` is None where the group held no such number live."""

    numbers: tuple[E164 | None, ...]
    removed: int


def group_key(name: str) -> str:
    """Return what makes two group names one: letter case aside."""
    return name.casefold()


def is_group_text(text: str) -> bool:
    """Whether `text` may be a group's name or description: 2 to 50 characters, not all blank.

    A NUL character is refused because PostgreSQL cannot store one in text.
    """
    return MIN_TEXT <= len(text) <= MAX_TEXT and bool(text.strip()) and "\0" not in text


def text_problems(name: str | None, description: str | None) -> Iterator[Problem]:
    """Yield what is wrong with a group's name and description; None is not looked at."""
    if name is not None and not is_group_text(name):
        rule = f"a group's name has {MIN_TEXT} to {MAX_TEXT} characters"
        yield Problem(InputCode.GROUP_NAME_LENGTH, "name", rule, name)
    if description is not None and not is_group_text(description):
        rule = f"a group's description has {MIN_TEXT} to {MAX_TEXT} characters"
        yield Problem(InputCode.GROUP_DESCRIPTION_LENGTH, "description", rule, description)


def numbers_problems(numbers: Sequence[str]) -> Iterator[Problem]:
    """Yield what is wrong with numbers to be blocked, before any is looked up in a plan."""
    if not numbers or not all(map(is_spelled, numbers)):
        rule = f"numbers have {MIN_DIGITS} to {MAX_DIGITS} digits, with an optional + first"
        yield Problem(InputCode.BLOCKED_NUMBERS_FORMAT, "numbers", rule)
    yield from cap_problems(numbers)


def cap_problems(numbers: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem where one request carries too many numbers."""
    if len(numbers) > MAX_NUMBERS:
        rule = f"one request carries up to {MAX_NUMBERS} numbers"
        yield Problem(InputCode.BLOCKED_NUMBERS_TOO_MANY, "numbers", rule)


def expiry_problems(expires_at: datetime | None, at: datetime) -> Iterator[Problem]:
    """Yield a problem where an expiry, as it is stored, is not in the future at the moment `at`."""
    if expires_at is not None and to_the_millisecond(expires_at) <= at:
        yield Problem(InputCode.EXPIRY_PAST, "expires_at", "an expiry lies in the future")
