"""How numbers begin that someone looks for by their leading digits."""

import re
from collections.abc import Iterator

from phonenumbers import PhoneMetadata

_SEPARATORS = re.compile(r"[\s().\-/]")
_DIGITS = re.compile(r"\+?[0-9]+")
_ABROAD = "00"


def beginnings(text: str, region: str) -> tuple[str, ...] | None:
    """Return how canonical numbers begin that begin with `text` in some spelling, or None.

    None is for what is no beginning of a number. Digits without a sign may be national, with or
    without what is dialled before those, the country code without its sign, international as
    dialled in `region`, or a short number that has no E.164 form. The beginnings are in ascending
    order, and none is within another.
    """
    plain = _SEPARATORS.sub("", text)
    if not plain.isascii() or _DIGITS.fullmatch(plain) is None:
        return None
    if plain.startswith("+"):
        return (plain,)
    found = {plain, *_as_dialled(plain, region)}
    return tuple(sorted(each for each in found if not _is_within(each, found)))


def _as_dialled(digits: str, region: str) -> Iterator[str]:
    plan = PhoneMetadata.metadata_for_region(region)
    assert plan is not None, "an account has a region that libphonenumber knows"
    abroad = re.match(plan.international_prefix or _ABROAD, digits)
    beyond = "" if abroad is None else digits[abroad.end() :]
    if beyond and not beyond.startswith("0"):  # no country code does, so it is not dialled abroad
        yield f"+{beyond}"
        return
    country_code = str(plan.country_code)
    yield f"+{country_code}{digits}"
    yield f"+{country_code}{digits.removeprefix(plan.national_prefix or '')}"
    if digits.startswith(country_code):
        yield f"+{digits}"


def _is_within(text: str, others: set[str]) -> bool:
    return any(other != text and text.startswith(other) for other in others)
