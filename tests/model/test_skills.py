"""The rule of skill names."""

import unicodedata

import pytest
from hypothesis import given, settings

from ringfence.errors import InputCode, InvalidInput
from ringfence.model.skills import check_skill_name, skill_key
from tests.model.texts import LETTERS_AND_DIGITS, texts_like


def printable(character: str) -> bool:
    """Say whether Unicode calls `character` neither a control nor, but for the space, a blank."""
    return character == " " or unicodedata.category(character)[0] not in "CZ"


def keeps_the_skill_rule(name: str) -> bool:
    """Say the rule, character by character: 1 to 50 printable, no comma, not all blank."""
    if not 1 <= len(name) <= 50 or set(name) == {" "}:
        return False
    return all(printable(character) and character != "," for character in name)


def accepted(name: str) -> bool:
    """Tell whether the check lets `name` pass."""
    try:
        check_skill_name(name)
    except InvalidInput:
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(texts_like(LETTERS_AND_DIGITS + " ", 50))
def test_a_skill_name_has_1_to_50_printable_characters(name: str) -> None:
    """The rule holds for any text."""
    assert accepted(name) == keeps_the_skill_rule(name)


@pytest.mark.parametrize("name", ["a", "a" * 50, "Größe 1", "销售", "a b"])
def test_it_takes_names_at_the_bounds(name: str) -> None:
    """1 and 50 characters of any alphabet are a name."""
    assert accepted(name)


@pytest.mark.parametrize("name", ["", " ", "a" * 51, "a,b", ",", "a\n", "a\tb", "\0", "\u200b"])
def test_it_refuses_what_could_not_be_named_on_the_wire(name: str) -> None:
    """Skills are comma-joined there, and what cannot be seen cannot be typed."""
    assert not accepted(name)


def test_case_and_outer_blanks_do_not_tell_skills_apart() -> None:
    """Inner blanks do."""
    assert skill_key(" General\t") == skill_key("gENERAL") != skill_key("Gen eral")


def test_a_refusal_names_the_field() -> None:
    """The caller learns which value was refused."""
    with pytest.raises(InvalidInput) as refused:
        check_skill_name("a,b")
    problems = [(problem.code, problem.field) for problem in refused.value.problems]
    assert problems == [(InputCode.SETTING_INVALID, "skill")]
