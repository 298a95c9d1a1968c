"""How numbers begin that someone looks for by their leading digits."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ringfence.model.leading_digits import beginnings
from ringfence.model.numbers import identity


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("+9198", "IN", ("+9198",)),
        ("+91 98-1", "IN", ("+91981",)),
        ("+91 (0)98", "IN", ("+91098", "+9198")),
        ("+44 (0)20", "IN", ("+44020", "+4420")),
        ("+39 06", "IN", ("+3906",)),
        ("(0) 98.12/3", "IN", ("+91098123", "+9198123", "098123")),
        ("9812", "IN", ("+919812", "9812")),
        ("919812", "IN", ("+91919812", "+919812", "919812")),
        ("91", "IN", ("+91", "91")),
        ("00919812", "IN", ("+919812", "00919812")),
        ("٩٨", "IN", ("+9198", "98")),
        ("001", "IN", ("+1", "001")),
        ("212", "US", ("+1212", "212")),
        ("1212", "US", ("+11212", "+1212", "1212")),
        ("0114420", "US", ("+4420", "0114420")),
        ("8912", "RU", ("+78912", "+7912", "8912")),
        ("0669", "IT", ("+390669", "0669")),
        ("0669", "DE", ("+490669", "+49669", "0669")),
    ],
)
def test_digits_may_be_meant_in_several_ways(
    text: str, region: str, expected: tuple[str, ...]
) -> None:
    """As international, as national with or without what is dialled before it, or as they are."""
    assert beginnings(text, region) == expected


@pytest.mark.parametrize("text", ["", " ", "+", "98a", "++9", "9+8", "98%", "98_", "\0"])
def test_what_is_no_beginning_of_a_number_has_none(text: str) -> None:
    """Letters and signs in the middle."""
    assert beginnings(text, "IN") is None


@given(
    text=st.from_regex(r"\A(\+|00|0)?[0-9]{1,15}\Z"),
    region=st.sampled_from(["IN", "US", "GB", "IT", "RU", "HU", "DE"]),
)
def test_beginnings_ascend_and_none_is_within_another(text: str, region: str) -> None:
    """So that each range of an index is read once, in its order."""
    found = beginnings(text, region)
    assert found
    assert list(found) == sorted(found)
    assert not [one for one in found for other in found if one != other and one.startswith(other)]


@given(
    text=st.from_regex(r"\A(\+|00|011|0|8|91|1|39|44|\+910|\+440|91 ?0)?[1-9][0-9]{2,11}\Z"),
    region=st.sampled_from(["IN", "US", "GB", "IT", "RU", "DE"]),
)
def test_a_number_is_found_by_all_the_digits_of_any_spelling(text: str, region: str) -> None:
    """Whatever it is kept as: what is typed in full leads to it; a sign is for what has E.164."""
    assume(len(text) <= 16)
    found = beginnings(text, region)
    assert found is not None
    known = identity(text.replace(" ", ""), region)
    assume(known.startswith("+") or not text.startswith("+"))
    assert any(known.startswith(each) for each in found), (known, found)
