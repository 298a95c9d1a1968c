"""Any spelling of a telephone number: as people write it, as a URI carries it.

The compatibility wire takes digits alone (`model.numbers`); everyone else writes numbers with
blanks, brackets and dashes, behind 00, in the digits of their script, or as tel: and sip: URIs.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers

from ringfence.model.numbers import E164, is_emergency, normalise

MAX_SPELLING = 250
"""The longest text that is read: the longest that libphonenumber would read."""

_PUNCTUATION = re.compile(r"[\s()\[\]./\u00ad\u200b\u2010-\u2015\u2060\u2212-]+")
_DIALLED = re.compile(r"\+?[0-9]+")
_SCHEME = re.compile(r"(tel|sips?):", re.IGNORECASE)
_CONTEXT = re.compile(r";phone-context=(\+[0-9.()-]+)", re.IGNORECASE)
_LONGEST_EMERGENCY_SPELLING = 12
"""Six digits behind 00, a country code and another 0."""


def read_number(text: str, region: str) -> E164 | None:
    """Return the E.164 form of `text`, in any spelling, as dialled in `region`, or None.

    None means that it spells no number, or none that is possible there. Takes any text at all.
    """
    dialled = read_digits(text)
    if dialled is None:
        return None
    found = normalise(dialled, region)
    if found is None and dialled.startswith("00"):
        return normalise(f"+{dialled[2:]}", region)
    return found


def read_digits(text: str) -> str | None:
    """Return the ASCII digits that `text` spells, with a + where it has one first, or None."""
    if len(text) > MAX_SPELLING:
        return None
    if _DIALLED.fullmatch(text):
        return text
    bare = _PUNCTUATION.sub("", _without_uri(text.strip()))
    digits = bare if bare.isascii() else _in_ascii(bare)
    return digits if _DIALLED.fullmatch(digits) else None


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


def _without_uri(text: str) -> str:
    """Return the number of a URI (RFC 3966, RFC 3261 section 19.1.6); other texts as they are."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return text.partition(";")[0]
    user = text[scheme.end() :].removeprefix("//")
    if scheme[1].lower() != "tel":
        user = unquote(user.partition("@")[0].partition(":")[0])
    number, semicolon, parameters = user.partition(";")
    context = _CONTEXT.search(semicolon + parameters)
    return f"{context[1]}{number}" if context and not number.startswith("+") else number


def _in_ascii(text: str) -> str:
    """Return `text` with digits and signs of any script as ASCII ones."""
    plain = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text))
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in plain)


def _shorter(dialled: str, region: str) -> set[str]:
    """Return what remains of `dialled` without each prefix that it may have been given."""
    digits = dialled.removeprefix("+")
    bare = {digits, digits.removeprefix("00")}
    code = str(phonenumbers.country_code_for_region(region))
    bare |= {each.removeprefix(code) for each in bare}
    return bare | {each.removeprefix("0") for each in bare}
