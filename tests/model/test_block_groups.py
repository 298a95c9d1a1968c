"""The rules of group texts, of how many numbers, and of expiry."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.errors import InputCode
from ringfence.model.block_groups import (
    cap_problems,
    expiry_problems,
    group_key,
    is_group_text,
    numbers_problems,
    text_problems,
)
from tests.model.texts import LETTERS_AND_DIGITS, texts_like

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def keeps_the_text_rule(text: str) -> bool:
    """Say the rule, character by character: 2 to 50, one of them to be seen, no NUL."""
    count = 0
    seen = False
    for character in text:
        count += 1
        seen = seen or not character.isspace()
        if character == "\0":
            return False
    return seen and count in range(2, 51)


@settings(max_examples=800, deadline=None)
@given(texts_like(LETTERS_AND_DIGITS + " ", 50))
def test_a_group_text_has_2_to_50_characters(text: str) -> None:
    """The rule holds for any text."""
    assert is_group_text(text) == keeps_the_text_rule(text)


@pytest.mark.parametrize("text", ["ab", "a" * 50, "\U0001f642" * 50, "é" * 2, "a ", " a", "a\n"])
def test_it_counts_characters_not_bytes(text: str) -> None:
    """2 and 50 characters of any alphabet are kept."""
    assert is_group_text(text)


@pytest.mark.parametrize("text", ["", "a", "a" * 51, "  ", "\u3000" * 3, "\t\n", "a\0b"])
def test_it_refuses_texts_out_of_bounds_and_blank_ones(text: str) -> None:
    """Nothing to be seen is no name, and a NUL cannot be stored everywhere."""
    assert not is_group_text(text)


def test_a_missing_text_is_no_problem() -> None:
    """An update that sends neither name nor description leaves both."""
    assert not list(text_problems(None, None))


def test_problems_of_the_name_come_before_those_of_the_description() -> None:
    """Both are told, each with what was sent."""
    problems = list(text_problems("", "d"))
    codes = [InputCode.GROUP_NAME_LENGTH, InputCode.GROUP_DESCRIPTION_LENGTH]
    assert [problem.code for problem in problems] == codes
    assert [problem.value for problem in problems] == ["", "d"]


@settings(deadline=None)
@given(st.lists(texts_like("+0123456789", 17), max_size=4))
def test_one_bad_number_makes_the_numbers_bad(numbers: list[str]) -> None:
    """All must be spelled as numbers, and there must be one."""
    good = bool(numbers) and all(
        3 <= len(number.removeprefix("+")) <= 16
        and set(number.removeprefix("+")) <= set("0123456789")
        for number in numbers
    )
    assert [problem.code for problem in numbers_problems(numbers)] == (
        [] if good else [InputCode.BLOCKED_NUMBERS_FORMAT]
    )


@pytest.mark.parametrize(("count", "told"), [(0, 0), (1, 0), (100, 0), (101, 1), (5000, 1)])
def test_a_request_carries_up_to_100_numbers(count: int, told: int) -> None:
    """The 101st is too many."""
    problems = list(cap_problems(["9812345678"] * count))
    assert [problem.code for problem in problems] == [InputCode.BLOCKED_NUMBERS_TOO_MANY] * told


@given(st.integers(-3, 3))
def test_an_expiry_lies_in_the_future(seconds: int) -> None:
    """The present moment is past already."""
    problems = list(expiry_problems(NOW + timedelta(seconds=seconds), NOW))
    assert [problem.code for problem in problems] == [InputCode.EXPIRY_PAST] * (seconds <= 0)
    assert not list(expiry_problems(None, NOW))


def test_case_does_not_tell_groups_apart() -> None:
    """Blanks do, letters of another case do not."""
    assert group_key("Spam Callers") == group_key("sPAM cALLERS") != group_key("Spam  Callers")
