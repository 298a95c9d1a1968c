"""Any spelling of a telephone number: as people write it, as a URI or a SIP header carries it.

The compatibility wire takes digits alone (`model.numbers`); everyone else writes numbers with
blanks, brackets and dashes, behind 00, in the digits of their script, and in what
`model.addresses` takes apart.
"""

import re
from functools import lru_cache

import phonenumbers

from ringfence.model.addresses import read_address
from ringfence.model.numbers import E164, is_emergency, normalise

MAX_SPELLING = 250
"""The longest text that is read: the longest that libphonenumber would read."""

# The last two are what Japanese and Catalan keyboards have for a dash and a dot.
_PUNCTUATION = re.compile(r"[\s()\[\]./\u2010-\u2015\u2212\u30fc\u00b7-]+")
_DIALLED = re.compile(r"\+?[0-9]+")
# What is nothing but such a number needs no taking apart.
_BARE = re.compile(r"[+0-9 ()\[\]./-]+")
_LOST_PLUS = re.compile(r" [0-9]")
_LONGEST_EMERGENCY_SPELLING = 12
"""Six digits behind 00, a country code and another 0."""


def read_number(text: str, region: str) -> E164 | None:
    """Return the E.164 form of `text`, in any spelling, as dialled in `region`, or None.

    None means that it spells no number, or none that is possible there. Takes any text at all.
    One blank before the digits is the + that a query loses when it is sent unencoded, where that
    makes a possible number; otherwise it is as if it were not there.
    """
    if len(text) > MAX_SPELLING:
        return None
    if _DIALLED.fullmatch(text):
        return _as_dialled(text, region)
    user = _user(text)
    dialled = _digits(user)
    if dialled is None:
        return None
    with_plus = normalise(f"+{dialled}", region) if _LOST_PLUS.match(user) else None
    return with_plus or _as_dialled(dialled, region)


def read_digits(text: str) -> str | None:
    """Return the ASCII digits that `text` spells, with a + where it has one first, or None."""
    if len(text) > MAX_SPELLING:
        return None
    return text if _DIALLED.fullmatch(text) else _digits(_user(text))


def has_lost_plus(text: str) -> bool:
    """Whether one blank stands where a + may have been: before the first digit of a number."""
    return len(text) <= MAX_SPELLING and _LOST_PLUS.match(_user(text)) is not None


def is_emergency_spelling(text: str, region: str) -> bool:
    """Whether `text` spells an emergency number of `region`, however short it is.

    Also behind a prefix that nobody has to dial: +112, 0112, +91112.
    """
    found = read_number(text, region)
    if found is not None:
        return is_emergency(found, region)
    dialled = read_digits(text)
    if dialled is None or len(dialled) > _LONGEST_EMERGENCY_SPELLING:
        return False
    return _is_emergency(dialled, region)


@lru_cache(maxsize=4096)
def _is_emergency(dialled: str, region: str) -> bool:
    return any(phonenumbers.is_emergency_number(each, region) for each in _shorter(dialled, region))


def _user(text: str) -> str:
    return text if _BARE.fullmatch(text) else read_address(text).user


def _digits(user: str) -> str | None:
    bare = _PUNCTUATION.sub("", user)
    return bare if _DIALLED.fullmatch(bare) else None


def _as_dialled(dialled: str, region: str) -> E164 | None:
    found = normalise(dialled, region)
    if found is None and dialled.startswith("00"):
        return normalise(f"+{dialled[2:]}", region)
    return found


def _shorter(dialled: str, region: str) -> set[str]:
    """Return what remains of `dialled` without each prefix that it may have been given."""
    digits = dialled.removeprefix("+")
    bare = {digits, digits.removeprefix("00")}
    code = str(phonenumbers.country_code_for_region(region))
    bare |= {each.removeprefix(code) for each in bare}
    return bare | {each.removeprefix("0") for each in bare}
