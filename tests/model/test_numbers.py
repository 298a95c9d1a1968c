"""Which texts spell a number, against the contract's rule said character by character."""

import phonenumbers
import pytest
from hypothesis import given, settings

from ringfence.model.numbers import (
    E164,
    identity,
    is_emergency,
    is_numeric,
    is_region,
    is_spelled,
    normalise,
    normalise_by_libphonenumber,
)
from tests.model.texts import ARABIC_INDIC_DIGITS, FULL_WIDTH_DIGITS, texts_like

DIGITS = "0123456789"


def digits_of(text: str) -> str | None:
    """Return what follows one optional +, or None where that is not all ASCII digits."""
    rest = text[1:] if text[:1] == "+" else text
    return rest if all(character in DIGITS for character in rest) else None


@settings(max_examples=600, deadline=None)
@given(texts_like("+" + DIGITS, 17))
def test_a_number_is_an_optional_plus_and_3_to_16_ascii_digits(text: str) -> None:
    """The rule holds for any text."""
    digits = digits_of(text)
    assert is_spelled(text) == (digits is not None and 3 <= len(digits) <= 16)


@settings(max_examples=600, deadline=None)
@given(texts_like("+" + DIGITS, 17))
def test_numeric_is_an_optional_plus_and_ascii_digits(text: str) -> None:
    """The rule holds for any text."""
    assert is_numeric(text) == bool(digits_of(text))


@pytest.mark.parametrize("text", ["123", "+123", "1234567890123456", "+1234567890123456", "000"])
def test_it_takes_numbers_at_the_bounds(text: str) -> None:
    """3 and 16 digits are numbers, with and without a +."""
    assert is_spelled(text)
    assert is_numeric(text)


@pytest.mark.parametrize(
    "text",
    ["", "+", "12", "+12", "12345678901234567", "++123", "123+", "123\n", "12\0", "1 23"],
)
def test_it_refuses_near_misses(text: str) -> None:
    """One digit too few or too many, another sign, or something at the end."""
    assert not is_spelled(text)


@pytest.mark.parametrize("digits", [FULL_WIDTH_DIGITS, ARABIC_INDIC_DIGITS])
def test_it_refuses_digits_of_other_alphabets(digits: str) -> None:
    """Python calls them digits, the contract does not."""
    assert digits.isdigit()
    assert not is_spelled(digits)
    assert not is_numeric(digits)


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("9812345678", "IN", "+919812345678"),
        ("919812345678", "IN", "+919812345678"),
        ("09812345678", "IN", "+919812345678"),
        ("00919812345678", "IN", "+919812345678"),
        ("+12015550123", "IN", "+12015550123"),
        ("2015550123", "US", "+12015550123"),
        ("5550123", "US", None),
        ("0612345678", "IT", "+390612345678"),
        ("123", "IN", None),
        ("1234567890123456", "IN", None),
    ],
)
def test_it_normalises_as_the_contract_says(text: str, region: str, expected: str | None) -> None:
    """10 digits gain the country code, 12 with it a +; local-only lengths are no number."""
    assert normalise(text, region) == expected


def test_spellings_of_one_number_have_one_identity() -> None:
    """Where a number is possible its identity is E.164."""
    spellings = ("9812345678", "09812345678", "919812345678", "+919812345678")
    assert {identity(text, "IN") for text in spellings} == {"+919812345678"}


def test_the_identity_of_an_impossible_number_is_its_digits() -> None:
    """The + alone does not tell two numbers apart."""
    assert identity("12345", "IN") == identity("+12345", "IN") == "12345"


def test_every_emergency_number_is_known() -> None:
    """Of every region: the example of the metadata, and none is longer than those looked up."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    short = {each: phonenumbers.PhoneMetadata.short_metadata_for_region(each) for each in regions}
    known = {each: data.emergency for each, data in short.items() if data and data.emergency}
    assert len(known) > 200
    for region, emergency in known.items():
        assert max(emergency.possible_length, default=0) <= 6, region
        code, example = phonenumbers.country_code_for_region(region), emergency.example_number
        assert example is None or is_emergency(E164(f"+{code}{example}"), region), region


@pytest.mark.parametrize("spelling", ["10111", "010111", "+2710111", "0010111", "002710111"])
def test_an_emergency_number_that_looks_like_any_other_is_known(spelling: str) -> None:
    """South Africa's police, in whichever spelling it is that number."""
    found = normalise(spelling, "ZA")
    assert found is None or is_emergency(found, "ZA")
    assert not is_emergency(E164("+27101110000"), "ZA")
    assert not is_emergency(E164("+2710111"), "IN")


@pytest.mark.parametrize("region", ["", "in", "XX", "IND", "001", "IN "])
def test_a_region_is_a_code_that_libphonenumber_knows(region: str) -> None:
    """Neither another spelling nor a code without a plan is a region."""
    assert not is_region(region)
    assert is_region("IN")


@pytest.mark.parametrize(
    ("region", "text"),
    [("DE", "0112"), ("DE", "0110"), ("DE", "+49 0112"), ("AT", "0144"), ("WS", "00911")],
)
def test_an_emergency_number_behind_a_0_is_known(region: str, text: str) -> None:
    """Where it is a possible number with its 0."""
    found = normalise_by_libphonenumber(text, region)
    assert found is not None
    assert is_emergency(found, region)
