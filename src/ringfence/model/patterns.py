"""Patterns: whom a block or an allowance is about, as it is stored.

One number (`+919812345678`), every number that begins alike (`+91140*`), or every caller who
withholds theirs (`withheld`).
"""

import re
from enum import StrEnum

from ringfence.model.leading_digits import beginning, beginnings
from ringfence.model.numbers import E164
from ringfence.model.spellings import MAX_SPELLING, read_number

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
        prefix = beginning(trimmed[:-1], region)
        return f"{prefix}*" if prefix is not None and _PREFIX.fullmatch(prefix) else None
    return WITHHELD if is_withheld(trimmed) else read_number(trimmed, region)


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


def ranges_of(search: str, region: str) -> tuple[tuple[str, str], ...]:
    """Return between which patterns those stand that a search finds, in their order.

    `search` is a word for withheld numbers or leading digits in any spelling; the `*` of a prefix
    may be there. The ranges are of the bytes of the texts, their upper ends not in them.
    """
    if is_withheld(search):
        return ((WITHHELD, f"{WITHHELD}!"),)
    text = search.strip().removesuffix("*")
    if text == "+":
        return (("+", ","),)
    found = beginnings(text, region) or ()
    # The character behind 9: every pattern goes on with a digit or a `*`, which is before them.
    return tuple((each, f"{each}:") for each in found if each.startswith("+"))
