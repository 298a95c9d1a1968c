"""A quick way to E.164 for the spellings that need no interpretation.

libphonenumber takes tens of microseconds a number in Python, most of it spent on prefixes that
may have to be stripped. Where its own metadata says that nothing can be stripped and the digits
match the region's plan, the answer is the country code and the digits as they stand. Anything
else is left to libphonenumber; a property test holds the two equal.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import PhoneMetadata, region_code_for_country_code
from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE

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


@lru_cache(maxsize=1024)
def _plan_of_country_code(code: str) -> NumberPlan | None:
    if not code.isdigit() or code.startswith("0") or int(code) not in _COUNTRY_CODE_TO_REGION_CODE:
        return None
    region = region_code_for_country_code(int(code))
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    return None if metadata is None else _plan(metadata)


def _plan(metadata: PhoneMetadata) -> NumberPlan:
    return NumberPlan(
        country_code=str(metadata.country_code),
        lengths=_lengths(metadata) & _lengths(_main(metadata)),
        pattern=re.compile(metadata.general_desc.national_number_pattern or _NEVER),
        national_prefix=re.compile(metadata.national_prefix_for_parsing or _NEVER),
        international_prefix=re.compile(metadata.international_prefix or _NEVER),
    )


def _main(metadata: PhoneMetadata) -> PhoneMetadata:
    """Return the plan that decides what is possible where regions share a country code."""
    region = region_code_for_country_code(metadata.country_code)
    return PhoneMetadata.metadata_for_region_or_calling_code(metadata.country_code, region)


def _lengths(metadata: PhoneMetadata) -> frozenset[int]:
    general = metadata.general_desc
    return frozenset(general.possible_length) - frozenset(general.possible_length_local_only)
