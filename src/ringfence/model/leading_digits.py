"""How numbers begin: those that someone looks for, and those that a prefix is to cover."""

import random
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from ringfence.model.spellings import has_lost_plus, read_digits, read_number

_DOUBLE_ZERO = "00"
_ZERO = "0"
_LENGTHS_OF_CODES = (1, 2, 3)
_KINDS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number"),
    *("voip", "pager", "uan", "voicemail"),
)
_LONGEST_NATIONAL = 15
_random = random.Random(1)  # noqa: S311  the same in every process
_ENDS = ["".join(_random.choices("0123456789", k=_LONGEST_NATIONAL)) for _ in range(100)]


def beginnings(text: str, region: str) -> tuple[str, ...] | None:
    """Return how canonical numbers begin that begin with `text` in some spelling, or None.

    None is for what is no beginning of a number. Digits without a sign may be national, with or
    without what is dialled before those, the country code without its sign, international as
    dialled in `region`, or a short number that has no E.164 form. The beginnings are in ascending
    order, and none is within another.
    """
    digits = read_digits(text)
    if digits is None:
        return None
    if digits.startswith("+"):
        found = set(_international(digits.removeprefix("+")))
    else:
        found = {digits, *_as_dialled(digits, region)}
        if has_lost_plus(text):
            found.update(_international(digits))
    if whole := read_number(text, region):
        found.add(whole)
    return tuple(sorted(each for each in found if not _is_within(each, found)))


def beginning(text: str, region: str) -> str | None:
    """Return the one beginning, in E.164, that `text` spells as written in `region`, or None.

    A trunk prefix other than 0 may also be how national numbers begin: that is decided by the
    numbers there are, and where both may be meant, or neither, there is none.
    """
    digits = read_digits(text)
    # A 0 alone would become every number of the country.
    if digits is None or not digits.strip("+0"):
        return None
    if digits.startswith("+"):
        return digits
    plan = _plan(region)
    if (beyond := _abroad(digits, plan)) is not None:
        return f"+{beyond}"
    trunk = plan.national_prefix or ""
    if trunk == _ZERO:
        digits = digits.removeprefix(_ZERO)
    elif trunk and digits.startswith(trunk) and digits != trunk:
        without = digits.removeprefix(trunk)
        readings = [each for each in (digits, without) if _begins_a_number(each, region)]
        if len(readings) != 1:
            return None
        digits = readings[0]
    return f"+{plan.country_code}{digits}"


def _plan(region: str) -> PhoneMetadata:
    plan = PhoneMetadata.metadata_for_region(region)
    assert plan is not None, "an account has a region that libphonenumber knows"
    return plan


def _abroad(digits: str, plan: PhoneMetadata) -> str | None:
    """Return what comes behind the way to dial abroad, or None where there is none."""
    for way in (plan.international_prefix or _DOUBLE_ZERO, _DOUBLE_ZERO):
        if found := re.match(way, digits):
            return digits[found.end() :]
    return None


def _as_dialled(digits: str, region: str) -> Iterator[str]:
    plan = _plan(region)
    beyond = _abroad(digits, plan)
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


def _begins_a_number(digits: str, region: str) -> bool:
    """Whether there are national numbers that begin like this: some of a hundred ends fits."""
    pattern, lengths = _numbers_of(region)
    rests = [length - len(digits) for length in lengths if length >= len(digits)]
    return any(pattern.fullmatch(digits + end[:rest]) for rest in rests for end in _ENDS)


@lru_cache(maxsize=512)
def _numbers_of(region: str) -> tuple[re.Pattern[str], Sequence[int]]:
    plan = _plan(region)
    kinds = [getattr(plan, kind) for kind in _KINDS]
    patterns = [kind.national_number_pattern for kind in kinds if kind is not None]
    lengths = plan.general_desc.possible_length if plan.general_desc else ()
    return re.compile("|".join(f"(?:{each})" for each in patterns if each)), lengths
