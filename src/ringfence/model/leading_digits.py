"""How numbers begin that someone looks for by their leading digits."""

import re

from phonenumbers import country_code_for_region

_SEPARATORS = re.compile(r"[\s().\-/]")
_DIGITS = re.compile(r"\+?[0-9]+")


def beginnings(text: str, region: str) -> tuple[str, ...] | None:
    """Return how canonical numbers begin that begin with `text` in some spelling, or None.

    None is for what is no beginning of a number. Digits without a sign may be national, the
    country code without its sign, or a short number that has no E.164 form; the beginnings are in
    ascending order, and none is within another.
    """
    plain = _SEPARATORS.sub("", text)
    if not plain.isascii() or _DIGITS.fullmatch(plain) is None:
        return None
    if plain.startswith("+"):
        return (plain,)
    if plain.startswith("00") and len(plain) > len("00"):
        return (f"+{plain[2:]}",)
    country_code = str(country_code_for_region(region))
    found = {plain, f"+{country_code}{plain.removeprefix('0')}"}
    if plain.startswith(country_code):
        found.add(f"+{plain}")
    return tuple(sorted(each for each in found if not _is_within(each, found)))


def _is_within(text: str, others: set[str]) -> bool:
    return any(other != text and text.startswith(other) for other in others)
