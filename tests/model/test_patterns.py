"""Patterns: numbers, prefixes, `withheld`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.leading_digits import beginnings
from ringfence.model.numbers import E164
from ringfence.model.patterns import Kind, kind_of, patterns_of, ranges_of, read_pattern
from tests.model.test_spellings import ANY_TEXT

STORED = ["+919812345678", "+91140*", "+9*", "withheld"]


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("98123 45678", "+919812345678"),
        ("+91140*", "+91140*"),
        (" +91 140* ", "+91140*"),
        ("+91-140 *", "+91140*"),
        ("0091140*", "+91140*"),
        ("140*", "+91140*"),
        ("0140*", "+91140*"),
        ("\uff11\uff14\uff10*", "+91140*"),
        ("+9*", "+9*"),
        ("+919812345678*", "+919812345678*"),
        ("+123456789012345*", "+123456789012345*"),
        *((word, "withheld") for word in ("withheld", "ANONYMOUS", " Restricted ", "unavailable")),
        *((word, "withheld") for word in ("private", "Unknown")),
    ],
)
def test_a_pattern_is_read_in_any_spelling(text: str, stored: str) -> None:
    """A national prefix gets the country code."""
    assert read_pattern(text, "IN") == stored


@pytest.mark.parametrize(
    "text",
    [
        *(
            "*",
            "+*",
            "+0*",
            "",
            "**",
            "1**",
            "98*12",
            "*98",
            "abc*",
            "nobody",
            "+1234567890123456*",
        ),
        *(
            "\ud800*",
            "\0*",
            "1\0*",
            "112",
            "140",
            "withheld*",
            f"{' ' * 250}1*",
            "0*",
            "00*",
            "000*",
        ),
    ],
)
def test_what_is_no_pattern_is_not_read(text: str) -> None:
    """A prefix has 1 to 15 digits, of which the first is no 0; it ends in one star."""
    assert read_pattern(text, "IN") is None


@pytest.mark.parametrize("stored", STORED)
def test_a_stored_pattern_is_read_as_it_is(stored: str) -> None:
    """In any region."""
    assert read_pattern(stored, "US") == stored


def test_each_pattern_is_of_a_kind() -> None:
    """By its form alone."""
    kinds = [Kind.EXACT, Kind.PREFIX, Kind.PREFIX, Kind.WITHHELD]
    assert [kind_of(each) for each in STORED] == kinds


def test_a_number_is_covered_by_its_prefixes() -> None:
    """Itself first, then from the longest down to one digit."""
    covering = patterns_of(E164("+91981"))
    assert covering == ("+91981", "+91981*", "+9198*", "+919*", "+91*", "+9*")


@given(st.text("0123456789", min_size=2, max_size=15), st.integers(1, 15))
def test_a_prefix_covers_what_begins_with_it(digits: str, length: int) -> None:
    """And no other number."""
    number = E164(f"+1{digits}")
    assert f"{number[: length + 1]}*" in patterns_of(number)
    assert f"+2{number[2 : length + 1]}*" not in patterns_of(number)


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT, st.sampled_from(["", "*"]))
def test_any_text_is_a_pattern_or_not(text: str, end: str) -> None:
    """What is stored is printable ASCII, and reads as itself."""
    found = read_pattern(text + end, "IN")
    assert found is None or (found.isascii() and read_pattern(found, "IN") == found)


def found_by(search: str) -> list[str]:
    """Return which of some patterns a search finds."""
    patterns = ["+12015550123", "+91140*", "+911400000000", "+919812345678", "+9*", "withheld"]
    return [
        each for low, high in ranges_of(search, "IN") for each in patterns if low <= each < high
    ]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("+91140", ["+91140*", "+911400000000"]),
        ("140", ["+91140*", "+911400000000"]),
        ("+91 140*", ["+91140*", "+911400000000"]),
        ("00911", ["+91140*", "+911400000000"]),
        ("98123 45678", ["+919812345678"]),
        ("981", ["+919812345678"]),
        ("91981", ["+919812345678"]),
        ("+9", ["+91140*", "+911400000000", "+919812345678", "+9*"]),
        ("+", ["+12015550123", "+91140*", "+911400000000", "+919812345678", "+9*"]),
        ("Anonymous", ["withheld"]),
        *((text, []) for text in ("+0", "abc", "", "\0", "\ud800", "+919812345678999999")),
    ],
)
def test_a_search_is_ranges(search: str, found: list[str]) -> None:
    """Of leading digits, or a word for withheld numbers."""
    assert found_by(search) == found


@pytest.mark.parametrize(
    ("region", "search", "number"),
    [
        ("IT", "0612", "+390612345678"),
        ("US", "0119198", "+919812345678"),
        ("US", "009198", "+919812345678"),
        ("RU", "8495", "+74951234567"),
        ("HU", "0612", "+3612345678"),
        ("IN", "91981", "+919812345678"),
    ],
)
def test_a_search_finds_what_is_dialled(region: str, search: str, number: str) -> None:
    """With what is dialled before a number; as phone numbers are found."""
    assert any(low <= number < high for low, high in ranges_of(search, region))
    assert any(number.startswith(each) for each in beginnings(search, region) or ())


@pytest.mark.parametrize(
    ("region", "text", "stored"),
    [
        ("RU", "8495*", "+7495*"),
        ("RU", "8 (916) 12*", "+791612*"),
        ("RU", "800*", "+7800*"),
        ("RU", "495*", "+7495*"),
        ("RU", "84*", None),
        ("RU", "8*", "+78*"),
        ("US", "1800*", "+1800*"),
        ("US", "1140*", None),
        ("US", "01191140*", "+91140*"),
        ("HU", "0612*", "+3612*"),
        ("HU", "12*", "+3612*"),
        ("IT", "0612*", "+390612*"),
        ("DE", "030*", "+4930*"),
    ],
)
def test_a_prefix_is_read_as_it_is_dialled(region: str, text: str, stored: str | None) -> None:
    """Or not at all, rather than as one that no number begins with."""
    assert read_pattern(text, region) == stored
