"""Patterns: whom a block or an allowance is about, as it is stored.

One number (`+919812345678`), every number that begins alike (`+91140*`), or every caller who
withholds theirs (`withheld`).
"""

import re
from enum import StrEnum

from ringfence.model.numbers import E164
from ringfence.model.spellings import MAX_SPELLING, international, read_digits, read_number

WITHHELD = "withheld"
MAX_PREFIX_DIGITS = 15
"""As many as a number has (ITU-T E.164, section 6)."""

_WITHHELD_WORDS = frozenset(
    {WITHHELD, "anonymous", "restricted", "unavailable", "private", "unknown"}
)
# No country code begins with 0.
_PREFIX = re.compile(rf"\+[1-9][0-9]{{0,{MAX_PREFIX_DIGITS - 1}}}")


class Kind(StrEnum):
    """What a pattern is about."""

    EXACT = "exact"
    PREFIX = "prefix"
    WITHHELD = "withheld"


def read_pattern(text: str, region: str) -> str | None:
    """Return the stored form of `text` as written in `region`, or None where it is no pattern.

    A prefix ends in `*`; one of national digits (`140*`) gets the country code of `region`.
    """
    if len(text) > MAX_SPELLING:
        return None
    trimmed = text.strip()
    if trimmed.endswith("*"):
        prefix = read_beginning(trimmed[:-1], region)
        return None if prefix is None else f"{prefix}*"
    return WITHHELD if is_withheld(trimmed) else read_number(trimmed, region)


def read_beginning(text: str, region: str) -> str | None:
    """Return the beginning of numbers that `text` spells, as the beginning of an E.164, or None."""
    digits = read_digits(text)
    # A 0 alone would become every number of the country.
    if digits is None or not digits.strip("+0"):
        return None
    beginning = international(digits, region)
    return beginning if _PREFIX.fullmatch(beginning) else None


def is_withheld(text: str) -> bool:
    """Whether `text` is one of the words for a caller who withholds their number."""
    return text.strip().lower() in _WITHHELD_WORDS


def kind_of(pattern: str) -> Kind:
    """Return what a stored pattern is about."""
    if pattern == WITHHELD:
        return Kind.WITHHELD
    return Kind.PREFIX if pattern.endswith("*") else Kind.EXACT


def patterns_of(number: E164) -> tuple[str, ...]:
    """Return every pattern that covers `number`: itself, then prefixes from the longest down."""
    prefixes = (f"{number[:end]}*" for end in range(len(number), 1, -1))
    return (number, *prefixes)


def range_of(search: str, region: str) -> tuple[str, str] | None:
    """Return between which patterns those stand that a search finds, or None if it finds none.

    `search` is a word for withheld numbers or leading digits in any spelling; the `*` of a prefix
    may be there. The range is of the bytes of the texts, its upper end not in it.
    """
    if is_withheld(search):
        return WITHHELD, f"{WITHHELD}!"
    text = search.strip().removesuffix("*")
    if text == "+":
        return "+", ","
    found = read_number(text, region) or read_beginning(text, region)
    # The character behind 9: every pattern goes on with a digit or a `*`, which is before them.
    return None if found is None else (found, f"{found}:")
