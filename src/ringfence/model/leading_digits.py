"""How numbers begin that someone looks for by their leading digits."""

import re
from collections.abc import Iterator, Sequence

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

_SEPARATORS = re.compile(r"[\s().\-/]")
_DIGITS = re.compile(r"\+?[0-9]+")
_ABROAD = "00"
_LENGTHS_OF_CODES = (1, 2, 3)


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
        found = set(_international(plain.removeprefix("+")))
    else:
        found = {plain, *_as_dialled(plain, region)}
    return tuple(sorted(each for each in found if not _is_within(each, found)))


def _as_dialled(digits: str, region: str) -> Iterator[str]:
    plan = PhoneMetadata.metadata_for_region(region)
    assert plan is not None, "an account has a region that libphonenumber knows"
    abroad = re.match(plan.international_prefix or _ABROAD, digits)
    beyond = "" if abroad is None else digits[abroad.end() :]
    if beyond and not beyond.startswith("0"):  # no country code does, so it is not dialled abroad
        yield from _international(beyond)
        return
    yield f"+{plan.country_code}{digits}"
    yield f"+{plan.country_code}{digits.removeprefix(plan.national_prefix or '')}"
    if digits.startswith(str(plan.country_code)):
        yield from _international(digits)


def _international(digits: str) -> Iterator[str]:
    """Yield digits that begin with a country code, also without the 0 of "+91 (0)98…"."""
    yield f"+{digits}"
    for code, regions in ((digits[:n], _regions_of(digits[:n])) for n in _LENGTHS_OF_CODES):
        plan = PhoneMetadata.metadata_for_region(regions[0]) if regions else None
        if plan is not None and plan.national_prefix:
            yield f"+{code}{digits.removeprefix(code).removeprefix(plan.national_prefix)}"


def _regions_of(code: str) -> Sequence[str]:
    return COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0), ())


def _is_within(text: str, others: set[str]) -> bool:
    return any(other != text and text.startswith(other) for other in others)
