"""The quick way to E.164 gives what libphonenumber gives, wherever it gives anything."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from random import Random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model import number_plans
from ringfence.model.numbers import is_emergency, normalise, normalise_by_libphonenumber
from ringfence.model.spellings import is_emergency_spelling
from tests.model.number_maker import NumberMaker
from tests.model.texts import FULL_WIDTH_DIGITS, texts_like

REGIONS = (
    *("IN", "US", "CA", "GB", "GG", "IT", "DE", "BR", "AR", "MX", "AU", "SG", "RU", "KZ", "CN"),
    *("SM", "VA", "AC", "JM", "FR", "ID", "JP", "CI", "HU", "AE"),
)
EVERY_REGION = sorted(phonenumbers.SUPPORTED_REGIONS)
SEED = 20260101
COUNT = 100_000
COUNT_EVERYWHERE = 200 * len(EVERY_REGION)


def made(regions: Sequence[str], count: int) -> Iterator[tuple[str, str]]:
    """Return `count` different pairs of a spelling and the region where it is dialled."""
    return islice(_distinct(_endless(regions)), count)


def _endless(regions: Sequence[str]) -> Iterator[tuple[str, str]]:
    random = Random(SEED)
    makers = [(NumberMaker(random, region, EVERY_REGION), region) for region in regions]
    return ((maker.make(), region) for maker, region in cycle(makers))


def _distinct(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen = set[tuple[str, str]]()
    for pair in pairs:
        if pair not in seen:
            seen.add(pair)
            yield pair


@pytest.mark.parametrize(
    ("regions", "count"), [(REGIONS, COUNT), (EVERY_REGION, COUNT_EVERYWHERE)], ids=["25", "all"]
)
def test_it_agrees_with_libphonenumber(regions: Sequence[str], count: int) -> None:
    """Both give one answer for every spelling, and the quick way answers a good part itself."""
    quick = possible = 0
    for text, region in made(regions, count):
        expected = normalise_by_libphonenumber(text, region)
        assert normalise(text, region) == expected, (text, region)
        quick += number_plans.normalise(text, region) is not None
        possible += expected is not None
    assert quick / count >= 0.2, f"quick {quick / count:.1%} of {count}"
    assert quick / possible >= 0.4, f"quick {quick / possible:.1%} of the possible"
    assert 0.2 <= possible / count <= 0.9, f"possible {possible / count:.1%}"


@settings(max_examples=500, deadline=None)
@given(texts_like("+0123456789", 16), st.sampled_from(EVERY_REGION))
def test_it_agrees_with_libphonenumber_on_any_text(text: str, region: str) -> None:
    """Spellings that no wire lets pass are no exception: letters, blanks, other digits."""
    assert normalise(text, region) == normalise_by_libphonenumber(text, region)


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[6-9][0-9]{9}", fullmatch=True))
def test_plain_indian_mobiles_always_go_the_quick_way(text: str) -> None:
    """The spelling that nearly every caller sends never costs a parse, + or not."""
    assert number_plans.normalise(text, "IN") == f"+91{text}"
    assert number_plans.normalise(f"+91{text}", "US") == f"+91{text}"


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("09812345678", "IN"),
        ("0019812345678", "IN"),
        ("12015550123", "US"),
        ("5550123", "US"),
        ("+0123456789", "IN"),
        ("+9999812345678", "IN"),
        ("+", "IN"),
        ("", "IN"),
        ("98123 45678", "IN"),
        (FULL_WIDTH_DIGITS, "IN"),
        ("9812345678", "XX"),
    ],
)
def test_it_leaves_to_libphonenumber_what_needs_reading(text: str, region: str) -> None:
    """Prefixes, local lengths, unknown codes and anything but digits are not guessed at."""
    assert number_plans.normalise(text, region) is None


def test_a_number_of_each_kind_is_possible_in_each_region() -> None:
    """The examples of the metadata are in the mix, so the test above is no test of nothing."""
    pairs = made(EVERY_REGION, 40 * len(EVERY_REGION))
    seen = {region for text, region in pairs if normalise_by_libphonenumber(text, region)}
    assert seen == set(EVERY_REGION)


def test_plain_lines_are_what_stays_as_it_is() -> None:
    """No line of either kind would be read as another number, or as an emergency number."""
    alone = together = 0
    for text, region in made(EVERY_REGION, COUNT_EVERYWHERE):
        lines = number_plans.plain_lines(region)
        for spelled, pattern in ((text, lines.international), (lines.lead + text, lines.national)):
            if pattern.fullmatch(text) is None:
                continue
            found = normalise(text, region)
            assert found == spelled, (text, region)
            assert not is_emergency(found, region), (text, region)
            alone += 1
            together += pattern.fullmatch(f"{text}\n{text}") is not None
    assert together == alone > COUNT_EVERYWHERE / 20


@pytest.mark.parametrize("region", EVERY_REGION)
def test_plain_lines_have_no_emergency_number_in_them(region: str) -> None:
    """However it is written; nor a line that is none."""
    lines = number_plans.plain_lines(region)
    for text in ("112", "0112", "911", "10111", "999", "00112", "000", "110", "100", "1122", ""):
        for pattern in (lines.international, lines.national):
            lead = lines.lead if pattern is lines.international else ""
            found = pattern.fullmatch(lead + text)
            assert found is None or not is_emergency_spelling(lead + text, region), text


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.from_regex(r"(\+91)?[6-9][0-9]{8,10}|\+?[0-9]{3,13}", fullmatch=True), min_size=1),
    st.sampled_from(["IN", "US", "DE", "DK", "BR", "AR"]),
)
def test_a_text_is_plain_where_each_of_its_lines_is(texts: list[str], region: str) -> None:
    """So nothing hides between others."""
    lines = number_plans.plain_lines(region)
    for pattern in (lines.international, lines.national):
        each_is = all(map(pattern.fullmatch, texts))
        assert (pattern.fullmatch("\n".join(texts)) is not None) == each_is


@pytest.mark.parametrize("text", ["+919812345678\n", "\n+919812345678", "", FULL_WIDTH_DIGITS])
def test_lines_of_plain_numbers_have_nothing_else(text: str) -> None:
    """No empty line, no line end behind the last, no digits of another script."""
    assert number_plans.plain_lines("IN").international.fullmatch(text) is None


def test_indian_mobiles_are_plain() -> None:
    """In both spellings, or nothing would be gained."""
    lines = number_plans.plain_lines("IN")
    assert lines.international.fullmatch("+919812345678\n+916000000000")
    assert lines.national.fullmatch("9812345678\n6000000000")
    assert lines.lead == "+91"
