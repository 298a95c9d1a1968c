"""Any spelling of a telephone number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.numbers import is_emergency, is_spelled, normalise
from ringfence.model.spellings import (
    MAX_SPELLING,
    is_emergency_spelling,
    read_digits,
    read_number,
)
from tests.core.numbers import EVERY_SPELLING, IMPOSSIBLE, owner_of

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    "text",
    [
        "9812345678",
        "  9812345678\t",
        "\u00a09812345678\n",
        "98123 45678",
        "98123-45678",
        "98123\u201345678",
        "(+91) 98123.45678",
        "+91-(0)98123 45678",
        "0 98123/45678",
        "0091 98123 45678",
        "\uff19\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "\uff0b91\uff19812345678",
        "\u0669\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
        "tel:+919812345678",
        "TEL:+91-98123-45678;ext=1",
        "tel:98123-45678;phone-context=+91",
        "tel:9812345678;phone-context=example.com",
        "+919812345678;ext=1",
        "sip:+919812345678@host;user=phone",
        "sip:9812345678;phone-context=+91@host:5060;transport=tcp",
        "sips:%2B919812345678:secret@host",
        "sip:+919812345678",
        "tel://+919812345678",
    ],
)
def test_a_number_is_read_in_any_spelling(text: str) -> None:
    """As people write it, in the digits of their script, as a URI."""
    assert read_number(text, "IN") == "+919812345678"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "+",
            "abc",
            "98123x45678",
            "abc9812345678",
            "9812345678 ext 5",
            "+91+9812345678",
        ),
        *("98123\x0045678", "98123\ud80045678", "\ud800", "9812345678*", "sip:@", "sip:", "tel:"),
        *("sip:alice@9812345678", "112", "12345", "1" * 40, "9" * 251, " " * 300),
        *(text for row in IMPOSSIBLE.values() for text in row),
    ],
)
def test_what_is_no_number_is_not_read(text: str) -> None:
    """Nor what is none in the region."""
    assert read_number(text, "IN") is None


def test_a_text_is_read_up_to_250_characters() -> None:
    """Blanks count."""
    text = f"9812345678{' ' * (MAX_SPELLING - 10)}"
    assert (read_number(text, "IN"), read_number(f"{text} ", "IN")) == ("+919812345678", None)


@pytest.mark.parametrize("region", ["US", "AU", "IN", "ZA"])
def test_two_zeros_are_read_abroad_too(region: str) -> None:
    """Also where another prefix is dialled."""
    assert read_number("00919812345678", region) == "+919812345678"


def test_the_prefix_of_the_region_is_read() -> None:
    """It is 011 in the US."""
    assert read_number("011 91 98123-45678", "US") == "+919812345678"


@settings(max_examples=1000, deadline=None)
@given(ANY_TEXT, st.sampled_from(["IN", "US", "ZA", "AU"]))
def test_any_text_at_all_is_read_or_not(text: str, region: str) -> None:
    """Without an error, whatever it holds."""
    found = read_number(text, region)
    assert found is None or (found[0] == "+" and found[1:].isdigit() and found.isascii())
    assert isinstance(is_emergency_spelling(text, region), bool)


@settings(max_examples=1000, deadline=None)
@given(st.text("+0123456789", max_size=18) | st.sampled_from(EVERY_SPELLING))
def test_digits_alone_are_read_as_the_wire_reads_them(text: str) -> None:
    """So that both doors mean the same number; two zeros are read more often here."""
    if is_spelled(text) and not text.startswith("00"):
        assert read_number(text, "IN") == normalise(text, "IN")


@pytest.mark.parametrize("spelling", EVERY_SPELLING)
def test_known_spellings_are_read(spelling: str) -> None:
    """As the tables made by hand say."""
    owner = owner_of(spelling)
    assert read_number(spelling, "IN") == (owner if owner.startswith("+") else None)


@pytest.mark.parametrize(
    "text", ["112", "1 1 2", "+112", "0112", "00112", "+91112", "91-112", "\uff11\uff11\uff12"]
)
def test_an_emergency_number_is_known_in_any_spelling(text: str) -> None:
    """However short it is."""
    assert is_emergency_spelling(text, "IN")
    assert is_emergency_spelling(f"tel:{text};x=y", "IN")
    assert is_emergency_spelling(f" {text} ", "IN")


def test_a_longer_emergency_number_is_known() -> None:
    """It is a possible number too."""
    for text in ("10111", "010111", "+27 10111", "0027 10111"):
        assert is_emergency_spelling(text, "ZA")
        found = read_number(text, "ZA")
        assert found is not None
        assert is_emergency(found, "ZA")


@pytest.mark.parametrize("text", ["9812345678", "113112", "", "abc", "11", "1" * 13, "1" * 300])
def test_another_number_is_no_emergency(text: str) -> None:
    """Nor is what is no number."""
    assert not is_emergency_spelling(text, "IN")


def test_digits_are_read_with_their_plus() -> None:
    """And nothing beside them."""
    assert [read_digits(text) for text in ("+91 140", "(140)", "1a", "", "+")] == [
        *("+91140", "140", None, None, None),
    ]
