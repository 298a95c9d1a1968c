"""The quick way to E.164 gives what libphonenumber gives, wherever it gives anything."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from random import Random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model import number_plans
from ringfence.model.numbers import normalise, normalise_by_libphonenumber
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
