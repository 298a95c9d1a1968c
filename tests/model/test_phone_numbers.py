"""The name rule of phone numbers, and the order in which problems are told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.errors import InputCode
from ringfence.model.phone_numbers import (
    PhoneNumberChange,
    draft_problems,
    is_blank,
    is_phone_name,
    name_key,
    ref_problems,
)
from tests.model.texts import FULL_WIDTH_A, LETTERS_AND_DIGITS, texts_like

INSIDE = LETTERS_AND_DIGITS + ".@_-"
ORDER = [
    InputCode.PHONE_NAME_BLANK,
    InputCode.PHONE_NUMBER_BLANK,
    InputCode.PHONE_NUMBER_NOT_NUMERIC,
    InputCode.PHONE_NUMBER_LENGTH,
    InputCode.PHONE_NAME_INVALID,
]
NAMES = st.none() | st.sampled_from(["", " ", "\u3000", "Front.Desk", "+A"]) | texts_like(INSIDE, 5)
NUMBERS = (
    st.none()
    | st.sampled_from(["", " ", "\t", "12", "+12", "9812345678", " 123", "1" * 17, "12a"])
    | texts_like("+0123456789", 17)
)


def keeps_the_name_rule(name: str) -> bool:
    """Say the contract's rule, character by character."""
    if not 2 <= len(name) <= 50:
        return False
    body = name[1:] if name[0] == "+" else name
    if any(character not in INSIDE for character in body):
        return False
    return body[0] in LETTERS_AND_DIGITS and body[-1] in LETTERS_AND_DIGITS


def blank(text: str | None) -> bool:
    """Say whether nothing of `text` can be seen."""
    return text is None or all(character.isspace() for character in text)


def first_wrong(name: str | None, number: str | None) -> InputCode | None:
    """Say what the contract tells first of a new name and number."""
    if name is None or blank(name):
        return InputCode.PHONE_NAME_BLANK
    if number is None or blank(number):
        return InputCode.PHONE_NUMBER_BLANK
    digits = number.removeprefix("+")
    if not digits or any(character not in "0123456789" for character in digits):
        return InputCode.PHONE_NUMBER_NOT_NUMERIC
    if not 3 <= len(digits) <= 16:
        return InputCode.PHONE_NUMBER_LENGTH
    return None if keeps_the_name_rule(name) else InputCode.PHONE_NAME_INVALID


@settings(max_examples=800, deadline=None)
@given(texts_like("+" + INSIDE, 50))
def test_a_phone_name_keeps_the_contracts_rule(name: str) -> None:
    """The rule holds for any text."""
    assert is_phone_name(name) == keeps_the_name_rule(name)


@pytest.mark.parametrize("name", ["ab", "+a", "a1", "a.b", "a@-_.b", "+" + "a" * 49, "9" * 50])
def test_it_takes_names_at_the_bounds(name: str) -> None:
    """2 and 50 characters, with specials inside and a + first."""
    assert is_phone_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "a", "+", "++a", "a+b", "a+", ".ab", "ab.", "+.a", "+a.", "a b", "a,b", "ab\n"),
        *("é1", f"{FULL_WIDTH_A}b", "a" * 51, "+" + "a" * 50),
    ],
)
def test_it_refuses_names_that_nearly_keep_the_rule(name: str) -> None:
    """A special at an end, a second +, another alphabet, one character too many."""
    assert not is_phone_name(name)


@settings(max_examples=800, deadline=None)
@given(NAMES, NUMBERS)
def test_the_first_problem_is_the_one_the_contract_tells(
    name: str | None, number: str | None
) -> None:
    """Of several problems the caller hears of the first, in the contract's order."""
    codes = [problem.code for problem in draft_problems(name, number)]
    assert next(iter(codes), None) == first_wrong(name, number)
    assert codes == sorted(codes, key=ORDER.index)


@settings(max_examples=300, deadline=None)
@given(NAMES, NUMBERS)
def test_an_existing_record_is_judged_by_blank_and_numeric_alone(
    name: str | None, number: str | None
) -> None:
    """A record that is named need not keep the rules of a new one."""
    told = [problem.code for problem in draft_problems(name, number)]
    expected = [code for code in told if code in ORDER[:3]]
    assert [problem.code for problem in ref_problems(name, number)] == expected


@given(st.none() | texts_like(" \t\n\u3000", 4))
def test_blank_is_missing_or_nothing_to_be_seen(text: str | None) -> None:
    """White space of any alphabet is blank."""
    assert is_blank(text) == blank(text)


def test_case_does_not_tell_names_apart() -> None:
    """Two names are one where only the case of their letters differs."""
    assert name_key("Front.Desk") == name_key("fRONT.dESK") != name_key("FrontDesk")


def test_an_empty_change_is_told_from_one_with_blanks() -> None:
    """A blank is a value that was sent."""
    assert PhoneNumberChange().is_empty()
    assert not PhoneNumberChange(name="").is_empty()
    assert not PhoneNumberChange(assign_skills=()).is_empty()
