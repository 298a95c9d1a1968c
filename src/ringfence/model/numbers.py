"""Telephone numbers: which texts spell one, and the one form that each is known by."""

import re
from functools import lru_cache
from typing import NewType

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from ringfence.model import number_plans

E164 = NewType("E164", str)
"""`+`, country code and national number: the only form in which numbers are compared."""

MIN_DIGITS = 3
MAX_DIGITS = 16

_DIGITS = re.compile(r"\+?[0-9]+")
_SPELLED = re.compile(rf"\+?[0-9]{{{MIN_DIGITS},{MAX_DIGITS}}}")
_LONGEST_EMERGENCY_NUMBER = 6
_MOST_ZEROS = 2


def is_numeric(text: str) -> bool:
    """Whether `text` is an optional `+` and ASCII digits, however many."""
    return _DIGITS.fullmatch(text) is not None


def is_spelled(text: str) -> bool:
    """Whether `text` is an optional `+` and 3 to 16 ASCII digits (contract, "Number")."""
    return _SPELLED.fullmatch(text) is not None


def normalise(text: str, region: str) -> E164 | None:
    """Return the E.164 form of `text` as dialled in `region`, or None.

    None means that libphonenumber does not hold it possible there, or only as a local number.
    `region` is an ISO 3166 code, such as IN.
    """
    quick = number_plans.normalise(text, region)
    return E164(quick) if quick is not None else normalise_by_libphonenumber(text, region)


def normalise_by_libphonenumber(text: str, region: str) -> E164 | None:
    """Return what `normalise` returns, by libphonenumber alone: slower, and any spelling."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return E164(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def identity(text: str, region: str) -> str:
    """Return what makes two spellings of a phone number one: E.164, else the digits as sent."""
    return normalise(text, region) or text.removeprefix("+")


def is_emergency(number: E164, region: str) -> bool:
    """Whether `number` is what an emergency number of `region` becomes in E.164.

    Most are too short to become anything; South Africa's 10111 is one that is not. In Germany and
    some other countries 0112 is a possible number, with its 0s: whoever dials it means 112.
    """
    if len(number) > emergency_length(region):
        return False
    national = number.removeprefix(f"+{phonenumbers.country_code_for_region(region)}")
    return any(_is_emergency(each, region) for each in {national, national.lstrip("0")})


@lru_cache(maxsize=512)
def emergency_length(region: str) -> int:
    """Return how many characters an emergency number of `region` has in E.164 at most."""
    code = phonenumbers.country_code_for_region(region)
    return len(f"+{code}") + _LONGEST_EMERGENCY_NUMBER + _MOST_ZEROS


@lru_cache(maxsize=4096)
def _is_emergency(national: str, region: str) -> bool:
    return phonenumbers.is_emergency_number(national, region)


def is_region(code: str) -> bool:
    """Whether libphonenumber knows the region `code`."""
    return code in phonenumbers.SUPPORTED_REGIONS
