"""Phone numbers: phones that answer calls for one or more skills."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ringfence.errors import InputCode, Problem
from ringfence.model.numbers import MAX_DIGITS, MIN_DIGITS, is_numeric, is_spelled

MIN_NAME = 2
MAX_NAME = 50
MIN_PRIORITY = 1
MAX_PRIORITY = 20
MAX_SKILLS = 50
MIN_LAST_DIGITS = 4
MAX_SEARCH = 50

_NAME = re.compile(r"\+?[A-Za-z0-9](?:[A-Za-z0-9.@_-]*[A-Za-z0-9])?")


class State(StrEnum):
    """Whether a phone number rings."""

    ACTIVE = "active"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A phone number of an account, its name and number as they were sent.

    `canonical` is the one form in which the number is known: E.164, or digits alone where it is
    none. In a hunt, a lower `priority` rings first.
    """

    phone_number_id: int
    name: str
    number: str
    canonical: str
    priority: int
    state: State
    skills: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PhoneNumberDraft:
    """A phone number to be made.

    `name` and `number` are None where they were not given. `skills` is None for no skills,
    otherwise skill names, all of which must exist for any to be attached.
    """

    name: str | None
    number: str | None
    skills: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PhoneNumberPlan:
    """A phone number to be made in full; its skills must all be the account's."""

    name: str
    number: str
    priority: int = 1
    state: State = State.ACTIVE
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhoneNumberEdit:
    """What a phone number is to be; None leaves a part as it is."""

    name: str | None = None
    number: str | None = None
    priority: int | None = None
    state: State | None = None
    skills: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PhoneNumberQuery:
    """Which phone numbers are looked for; None looks for any.

    `number` has leading digits in any spelling, `last` the last ones, `name` how a name begins,
    letter case aside; at most one of these three is given. `skill` is the name of a skill.
    """

    number: str | None = None
    last: str | None = None
    name: str | None = None
    skill: str | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class PhoneNumberRef:
    """The name and the number by which a caller names one record; both must match."""

    name: str | None
    number: str | None


@dataclass(frozen=True, slots=True)
class PhoneNumberChange:
    """What to change on a phone number; None leaves a part as it is."""

    name: str | None = None
    number: str | None = None
    assign_skills: tuple[str, ...] | None = None
    unassign_skills: tuple[str, ...] | None = None

    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return self == PhoneNumberChange()


@dataclass(frozen=True, slots=True)
class PhoneNumberSaved:
    """A phone number was stored; `skills_refused` if a skill named was not the account's."""

    phone_number_id: int
    skills_refused: bool


def name_key(name: str) -> str:
    """Return what makes two names one: letter case aside."""
    return name.casefold()


def is_phone_name(name: str) -> bool:
    """Whether `name` keeps the contract's rule, "Name"."""
    return MIN_NAME <= len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def draft_problems(name: str | None, number: str | None) -> Iterator[Problem]:
    """Yield what is wrong with a new name and number, in the contract's order."""
    yield from ref_problems(name, number)
    if number and is_numeric(number) and not is_spelled(number):
        rule = f"a phone number has {MIN_DIGITS} to {MAX_DIGITS} digits, with an optional +"
        yield Problem(InputCode.PHONE_NUMBER_LENGTH, "phone_number", rule, number)
    if not is_blank(name) and not is_phone_name(name or ""):
        rule = (
            f"a phone name has {MIN_NAME} to {MAX_NAME} letters and digits, with . @ _ - inside "
            "and an optional + first"
        )
        yield Problem(InputCode.PHONE_NAME_INVALID, "phone_name", rule, name)


def ref_problems(name: str | None, number: str | None) -> Iterator[Problem]:
    """Yield what is wrong with the name and number of an existing record."""
    if is_blank(name):
        yield Problem(InputCode.PHONE_NAME_BLANK, "phone_name", "a phone name is needed", name)
    if is_blank(number):
        rule = "a phone number is needed"
        yield Problem(InputCode.PHONE_NUMBER_BLANK, "phone_number", rule, number)
    elif number and not is_numeric(number):
        rule = "a phone number is digits, with an optional + first"
        yield Problem(InputCode.PHONE_NUMBER_NOT_NUMERIC, "phone_number", rule, number)


def look_up_problems(name: str | None, number: str | None) -> Iterator[Problem]:
    """Yield what is wrong with a name or a number, of which one is enough, to look a record up."""
    if is_blank(number) and is_blank(name):
        rule = "a phone name or a phone number is needed"
        yield Problem(InputCode.PHONE_NAME_BLANK, "phone_name", rule, name)
    elif not is_blank(number):
        yield from (each for each in ref_problems(name, number) if each.field == "phone_number")


def priority_problems(priority: int) -> Iterator[Problem]:
    """Yield what is wrong with a place in a hunt."""
    if not MIN_PRIORITY <= priority <= MAX_PRIORITY:
        rule = f"a priority is from {MIN_PRIORITY} to {MAX_PRIORITY}"
        yield Problem(InputCode.PRIORITY_RANGE, "priority", rule, priority)


def query_problems(query: PhoneNumberQuery) -> Iterator[Problem]:
    """Yield what is wrong with a search."""
    searches = {"number": query.number, "last": query.last, "name": query.name}
    given = [name for name, text in searches.items() if text is not None]
    for name in given[1:]:
        rule = "a search is by one of number, last and name"
        yield Problem(InputCode.SEARCH_FORMAT, f"query:{name}", rule)
    for name in given:
        if not 0 < len(searches[name] or "") <= MAX_SEARCH:
            rule = f"what is searched for has 1 to {MAX_SEARCH} characters"
            yield Problem(InputCode.SEARCH_FORMAT, f"query:{name}", rule)
    last = query.last
    if last is not None and not (
        last.isascii() and last.isdigit() and len(last) >= MIN_LAST_DIGITS
    ):
        rule = f"a search by the last digits has {MIN_LAST_DIGITS} or more of them"
        yield Problem(InputCode.SEARCH_FORMAT, "query:last", rule)


def is_blank(text: str | None) -> bool:
    """Whether `text` is missing, empty or white space only."""
    return text is None or not text.strip()
