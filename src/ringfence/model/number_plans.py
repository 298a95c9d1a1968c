"""A quick way to E.164 for the spellings that need no interpretation.

libphonenumber takes tens of microseconds a number in Python, most of it spent on prefixes that
may have to be stripped. Where its own metadata says that nothing can be stripped and the digits
match the region's plan, the answer is the country code and the digits as they stand. Anything
else is left to libphonenumber; a property test holds the two equal.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    region_code_for_country_code,
)

_NEVER = r"(?!)"
_LONGEST_COUNTRY_CODE = 3


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """How the numbers of one country calling code look, as far as the quick way needs it."""

    country_code: str
    lengths: frozenset[int]
    pattern: re.Pattern[str]
    national_prefix: re.Pattern[str]
    international_prefix: re.Pattern[str]

    def has(self, digits: str) -> bool:
        """Whether `digits` are a national number with no prefix that could be stripped."""
        return (
            len(digits) in self.lengths
            and self.national_prefix.match(digits) is None
            and self.pattern.fullmatch(digits) is not None
        )


def normalise(text: str, region: str) -> str | None:
    """Return the E.164 form of `text`, or None where libphonenumber has to be asked."""
    if not text.isascii():
        return None
    if text.startswith("+"):
        return _normalise_international(text)
    plan = _plan_of_region(region)
    if plan is None or not text.isdigit() or plan.international_prefix.match(text):
        return None
    return f"+{plan.country_code}{text}" if plan.has(text) else None


@dataclass(frozen=True, slots=True)
class PlainLines:
    """What a text matches in full whose lines are all plain numbers: quick to ask of thousands.

    A line of `international` is in E.164, one of `national` is what follows `lead` there;
    `normalise` would say so, and none is an emergency number. No line may be empty, and the last
    has no end.
    """

    lead: str
    international: re.Pattern[str]
    national: re.Pattern[str]


@lru_cache(maxsize=512)
def plain_lines(region: str) -> PlainLines:
    """Return what lines of numbers of `region` itself match that are as plain as can be."""
    national = _plan_of_region(region)
    assert national is not None, "an account has a region that libphonenumber knows"
    international = _plan_of_country_code(national.country_code)
    lead = f"+{national.country_code}"
    emergency = _emergency(region)
    return PlainLines(
        lead,
        _lines(re.escape(lead), international, [emergency]),
        _lines("", national, [emergency, national.international_prefix.pattern]),
    )


@lru_cache(maxsize=512)
def plain_reader(region: str) -> Callable[[str], str | None]:
    """Return what gives the E.164 form of a text that is plainly a number of `region`, or None.

    The quickest way there is for one number at a time: `plain_lines` looks twice at the last line.
    """
    national = _plan_of_region(region)
    assert national is not None, "an account has a region that libphonenumber knows"
    lead = f"+{national.country_code}"
    own = _plan_of_country_code(national.country_code)
    emergency = _emergency(region)
    refused = [emergency, national.international_prefix.pattern]
    is_international = re.compile(_line(re.escape(lead), own, [emergency]), re.ASCII).fullmatch
    is_national = re.compile(_line("", national, refused), re.ASCII).fullmatch

    def read(text: str) -> str | None:
        if is_international(text):
            return text
        return lead + text if is_national(text) else None

    return read


def _lines(lead: str, plan: NumberPlan | None, refused: Sequence[str]) -> re.Pattern[str]:
    line = _line(lead, plan, refused)
    return re.compile(rf"(?:{line}\n)*+{line}", re.ASCII | re.MULTILINE)


def _line(lead: str, plan: NumberPlan | None, refused: Sequence[str]) -> str:
    if plan is None or not plan.lengths:
        return _NEVER
    beginnings = "|".join(f"(?:{each})" for each in (plan.national_prefix.pattern, *refused))
    lengths = "|".join(f"[0-9]{{{low},{high}}}$" for low, high in _runs(plan.lengths))
    return f"{lead}(?!{beginnings})(?={lengths})(?:{plan.pattern.pattern})"


def _runs(numbers: Collection[int]) -> Iterator[tuple[int, int]]:
    """Return the first and the last of each run of whole `numbers` without a gap."""
    firsts = sorted(each for each in numbers if each - 1 not in numbers)
    lasts = sorted(each for each in numbers if each + 1 not in numbers)
    return zip(firsts, lasts, strict=True)


def _emergency(region: str) -> str:
    """Return what whole numbers match that `model.numbers` would call emergency numbers."""
    short = PhoneMetadata.short_metadata_for_region(region)
    found = short.emergency if short is not None else None
    return f"0*(?:{(found and found.national_number_pattern) or _NEVER})$"


def _normalise_international(text: str) -> str | None:
    for end in range(2, _LONGEST_COUNTRY_CODE + 2):
        plan = _plan_of_country_code(text[1:end])
        if plan is not None:
            return text if plan.has(text[end:]) else None
    return None


@lru_cache(maxsize=512)
def _plan_of_region(region: str) -> NumberPlan | None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    return None if metadata is None else _plan(metadata)


@lru_cache(maxsize=2048)
def _plan_of_country_code(code: str) -> NumberPlan | None:
    if not code.isdigit() or code.startswith("0") or int(code) not in COUNTRY_CODE_TO_REGION_CODE:
        return None
    metadata = _main_metadata(int(code))
    return None if metadata is None else _plan(metadata)


def _main_metadata(country_code: int) -> PhoneMetadata | None:
    """Return the plan that decides what is possible where regions share a country code."""
    region = region_code_for_country_code(country_code)
    return PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)


def _plan(metadata: PhoneMetadata) -> NumberPlan | None:
    country_code, general = metadata.country_code, metadata.general_desc
    if country_code is None or general is None:
        return None
    return NumberPlan(
        country_code=str(country_code),
        lengths=_lengths(metadata) & _lengths(_main_metadata(country_code)),
        pattern=re.compile(general.national_number_pattern or _NEVER),
        national_prefix=re.compile(metadata.national_prefix_for_parsing or _NEVER),
        international_prefix=re.compile(metadata.international_prefix or _NEVER),
    )


def _lengths(metadata: PhoneMetadata | None) -> frozenset[int]:
    if metadata is None or metadata.general_desc is None:
        return frozenset()
    general = metadata.general_desc
    return frozenset(general.possible_length) - frozenset(general.possible_length_local_only)
