"""Patterns: whom a block or an allowance is about, as it is stored.

One number (`+919812345678`), every number that begins alike (`+91140*`), or every caller who
withholds theirs (`withheld`).
"""

import re
from enum import StrEnum

from ringfence.model.addresses import NOBODYS_HOSTS, Address, read_address
from ringfence.model.leading_digits import beginning, beginnings
from ringfence.model.number_plans import plain_reader
from ringfence.model.numbers import E164
from ringfence.model.spellings import MAX_SPELLING, read_digits, read_number

WITHHELD = "withheld"
MAX_PREFIX_DIGITS = 15
"""As many as a number has (ITU-T E.164, section 6)."""

# RFC 3323 and RFC 3325 (anonymous); 3GPP TS 23.003 (unavailable); Asterisk hands over `<unknown>`
# and `unavailable`, cloud carriers anonymous, restricted, blocked, unavailable and unknown, phones
# show private, hidden or "No Caller ID", and people write withheld.
_BARE_WORDS = (
    *(WITHHELD, "anonymous", "restricted", "unavailable", "private", "unknown"),
    *("blocked", "hidden"),
)
_WITHHELD_WORDS = frozenset(
    {
        *(f"{word}{what}" for word in _BARE_WORDS for what in ("", " caller", " number")),
        *("number withheld", "no caller id", "no number", *NOBODYS_HOSTS),
    }
)
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
# No country code begins with 0.
_PREFIX = re.compile(rf"\+[1-9][0-9]{{0,{MAX_PREFIX_DIGITS - 1}}}")


class Kind(StrEnum):
    """What a pattern is about."""

    EXACT = "exact"
    PREFIX = "prefix"
    WITHHELD = "withheld"


def read_caller(text: str, region: str) -> str | None:
    """Return who calls, as a switch of `region` has it: E.164, WITHHELD, or None.

    A text of nothing, or without a number in it where one should be (`<>`, `sip:@host`), is a
    caller who withholds theirs. None is for what is neither, such as an extension. Numbers of the
    region in digits alone take well under a microsecond.
    """
    if plain := plain_reader(region)(text):
        return plain
    if number := read_number(text, region):
        return number
    if len(text) > MAX_SPELLING:
        return None
    caller = read_address(text)
    return WITHHELD if not caller.user.strip() or _is_withheld(caller) else None


def read_pattern(text: str, region: str) -> str | None:
    """Return the stored form of `text` as written in `region`, or None where it is no pattern.

    A prefix ends in `*`; one of national digits (`140*`) gets the country code of `region`. An
    empty text is None: only of a call it says that the number is withheld.
    """
    if len(text) > MAX_SPELLING:
        return None
    trimmed = text.strip()
    if trimmed.endswith("*"):
        prefix = beginning(trimmed[:-1], region)
        return f"{prefix}*" if prefix is not None and _PREFIX.fullmatch(prefix) else None
    return read_number(text, region) or (WITHHELD if is_withheld(text) else None)


def is_withheld(text: str) -> bool:
    """Whether `text` is one of the words for a caller who withholds their number.

    In any case, alone or as in a SIP header (`"Anonymous" <sip:anonymous@anonymous.invalid>`);
    of a displayed name only where no digits are named beside it.
    """
    return len(text) <= MAX_SPELLING and _is_withheld(read_address(text))


def _is_withheld(caller: Address) -> bool:
    if _word(caller.user) in _WITHHELD_WORDS:
        return True
    return _word(caller.name) in _WITHHELD_WORDS and read_digits(caller.user) is None


def _word(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", text).strip().lower()


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
    text = search.rstrip().removesuffix("*")
    if text.strip() == "+":
        return (("+", ","),)
    found = beginnings(text, region) or ()
    # The character behind 9: every pattern goes on with a digit or a `*`, which is before them.
    return tuple((each, f"{each}:") for each in found if each.startswith("+"))
