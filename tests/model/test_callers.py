"""Callers as switches have them: one table, hostile texts, the quick way and the full one."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import read_address
from ringfence.model.number_plans import plain_reader
from ringfence.model.patterns import WITHHELD, is_withheld, read_caller, read_pattern
from ringfence.model.spellings import MAX_SPELLING, is_emergency_spelling, read_digits, read_number
from tests.model.spellings_table import EMERGENCIES, NOTHING, SPELLINGS, WORDS, Spelling
from tests.model.test_number_plans import EVERY_REGION, made
from tests.model.test_spellings import ANY_TEXT

EACH = pytest.mark.parametrize("row", SPELLINGS, ids=lambda row: f"{row.region} {row.text!a}")
SIGNS = "".join(each for each in string.punctuation + " \t\\" if not each.isalnum())
UNICODE_SIGNS = "\u00a0\u200b\u202a\u2013\u3000\u30fc\uff0b\uff19\u0669\ufdfa\ud800\u0301"
PIECES = (
    *SIGNS,
    *UNICODE_SIGNS,
    *("\0", "9", "98123", "+91", "00", "sip:", "tel:", "@", "%2B", "%", "%ff", ";x=", '"Ravi"'),
    *("anonymous", ".invalid", "<>", '\\"', ";phone-context=+91", ";phone-context= 91", "\n"),
)


@EACH
def test_a_caller_is_read_in_any_spelling(row: Spelling) -> None:
    """As a number, as withheld, or not at all."""
    assert read_caller(row.text, row.region) == row.caller


@EACH
def test_a_list_reads_a_caller_alike(row: Spelling) -> None:
    """But a text of nothing is a mistake there."""
    assert read_pattern(row.text, row.region) == row.listed
    assert is_withheld(row.text) == (row.listed == WITHHELD)
    number = row.caller if row.caller != WITHHELD else None
    assert read_number(row.text, row.region) == number


def test_the_table_has_enough_of_everything() -> None:
    """Each row once."""
    assert len(set(SPELLINGS)) == len(SPELLINGS) > 150
    assert len(set(EMERGENCIES)) == len(EMERGENCIES) > 25
    assert len(WORDS) > 25
    assert all(row.caller == WITHHELD and row.listed is None for row in NOTHING)


@pytest.mark.parametrize(("text", "region"), EMERGENCIES)
def test_an_emergency_number_is_known_in_each_spelling(text: str, region: str) -> None:
    """Whatever it is carried in."""
    assert is_emergency_spelling(text, region)


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
@pytest.mark.parametrize("around", ["{}", "98123{}45678", "{}+919812345678", '"a" <sip:{}@b>{}'])
def test_a_text_of_one_sign_over_and_over_is_read_at_once(piece: str, around: str) -> None:
    """Up to the bound, and far beyond it, where nothing is read."""
    longest = MAX_SPELLING // len(piece)
    for count in (1, 2, longest // 3, longest, 20_000):
        text = around.format(piece * count, piece * count)
        found = read_caller(text, "IN")
        assert found is None or found == WITHHELD or found.startswith("+")
        assert len(text) <= MAX_SPELLING or (found is None and read_pattern(text, "IN") is None)
        read_address(text)


@settings(max_examples=1000, deadline=None)
@given(
    ANY_TEXT | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.sampled_from(["IN", "US", "ZA", "RU"]),
)
def test_any_text_at_all_is_a_caller_or_not(text: str, region: str) -> None:
    """Without an error; what is withheld has no number, and what is a number has digits."""
    found = read_caller(text, region)
    assert found in {None, WITHHELD} or (found[:1] == "+" and found[1:].isdecimal())
    number = read_number(text, region)
    assert found == number or (number is None and found == WITHHELD)
    assert number is None or (read_digits(text) is not None and not is_withheld(text))
    assert read_pattern(text, region) in {found, None} or text.rstrip().endswith("*")


def slowly(text: str, region: str) -> str | None:
    """Return what a caller is, by the full reader alone."""
    return read_number(text, region) or (WITHHELD if is_withheld(text) else None)


@settings(max_examples=3000, deadline=None)
@given(
    st.from_regex(r"\+?[0-9]{1,16}|\+?(91|1|44|49|7)[0-9]{6,12}\n?", fullmatch=True),
    st.sampled_from(EVERY_REGION),
)
def test_the_quick_way_is_the_full_one(text: str, region: str) -> None:
    """Whatever the digits, in every region."""
    quick = plain_reader(region)(text)
    assert quick is None or quick == slowly(text, region)
    assert read_caller(text, region) == slowly(text, region)


def test_the_quick_way_is_the_full_one_for_numbers_as_they_are() -> None:
    """Of all regions, with prefixes and mistakes; many take it, and no emergency number does."""
    quick = 0
    for text, region in made(EVERY_REGION, 60 * len(EVERY_REGION)):
        assert read_caller(text, region) == slowly(text, region), (text, region)
        if plain_reader(region)(text):
            assert not is_emergency_spelling(text, region), (text, region)
            quick += 1
    assert quick > 5 * len(EVERY_REGION)


@pytest.mark.parametrize("text", ["+919812345678\n", "9812345678\n9812345678", "\uff19812345678"])
def test_the_quick_way_takes_one_plain_number(text: str) -> None:
    """No line ends, no other digits."""
    assert plain_reader("IN")(text) is None


def test_what_is_too_long_is_nobody() -> None:
    """Not even withheld: it is bounded before it is looked at."""
    assert read_caller(" " * MAX_SPELLING, "IN") == WITHHELD
    assert read_caller(" " * (MAX_SPELLING + 1), "IN") is None
