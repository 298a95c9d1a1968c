"""Which texts spell a number, against the contract's rule said character by character."""

import phonenumbers
import pytest
from hypothesis import given, settings

from ringfence.model.numbers import (
    identity,
    is_emergency,
    is_numeric,
    is_region,
    is_spelled,
    normalise,
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


def test_no_emergency_number_is_longer_than_those_looked_up() -> None:
    """Of every region, each emergency number of the metadata is found."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        metadata = phonenumbers.PhoneMetadata.short_metadata_for_region(region)
        emergency = metadata and metadata.emergency
        if emergency and emergency.example_number:
            assert is_emergency(emergency.example_number, region), region
        assert max(emergency.possible_length if emergency else (0,), default=0) <= 6


@pytest.mark.parametrize("region", ["", "in", "XX", "IND", "001", "IN "])
def test_a_region_is_a_code_that_libphonenumber_knows(region: str) -> None:
    """Neither another spelling nor a code without a plan is a region."""
    assert not is_region(region)
    assert is_region("IN")
