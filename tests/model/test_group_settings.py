"""What a block number group can be set to."""

import pytest

from ringfence.errors import InputCode, Problem
from ringfence.model.block_groups import BlockGroup, Direction, Mode, Scope
from ringfence.model.group_settings import (
    GroupChange,
    GroupSettings,
    change_problems,
    facts_of,
    read_called,
    settings_problems,
)
from ringfence.model.sip_answers import SipAnswer


def told(change: GroupChange) -> list[tuple[str, str]]:
    """Return the code and the field of each problem."""
    return [(each.code, each.field) for each in change_problems(change, "IN")]


@pytest.mark.parametrize("name", ["", "a", "a" * 51, "  ", "a\0b", "a\ud800b"])
def test_a_name_has_2_to_50_characters(name: str) -> None:
    """None that a database cannot keep."""
    assert told(GroupChange(name)) == [(InputCode.GROUP_NAME_LENGTH, "name")]
    problem = Problem(
        InputCode.GROUP_NAME_LENGTH, "name", "a group's name has 2 to 50 characters", name
    )
    assert list(settings_problems(GroupSettings(name), "IN")) == [problem]


def test_a_description_has_up_to_200_characters() -> None:
    """It may be empty; the 201st is too many."""
    for good in ("", "d", "d" * 200, " ", "two\nlines"):
        assert not told(GroupChange(description=good))
    for bad in ("d" * 201, "a\0b", "\udc80"):
        (problem,) = change_problems(GroupChange(description=bad), "IN")
        assert (problem.code, problem.field) == (
            InputCode.GROUP_DESCRIPTION_LENGTH,
            "description",
        )
        assert problem.message == "a group's description has up to 200 characters"


def test_a_scope_has_up_to_50_of_each() -> None:
    """The 51st is too many."""
    called = tuple(f"98{place:08}" for place in range(51))
    assert not told(GroupChange(skills=("a",) * 50, called=called[:50]))
    assert told(GroupChange(skills=("a",) * 51, called=called)) == [
        (InputCode.SCOPE_TOO_LONG, "scope/skills"),
        (InputCode.SCOPE_TOO_LONG, "scope/called"),
    ]
    (problem,) = change_problems(GroupChange(called=called), "IN")
    assert problem.message == "a scope has up to 50 skills and up to 50 called numbers"


def test_a_called_number_is_possible() -> None:
    """Each that is not is told by its place."""
    problems = list(change_problems(GroupChange(called=("9812345678", "12", "+91140*")), "IN"))
    assert [each.field for each in problems] == ["scope/called/1", "scope/called/2"]
    assert {each.code for each in problems} == {InputCode.NUMBER_IMPOSSIBLE}
    assert problems[0].message == "a called number is a possible phone number in region IN"


def test_an_answer_is_one_that_a_switch_can_give() -> None:
    """Told by the part that is wrong."""
    bad = GroupSettings("Spam", answer=SipAnswer(200, ""))
    found = [(each.code, each.field) for each in settings_problems(bad, "IN")]
    assert found == [
        (InputCode.ANSWER_CODE, "answer/code"),
        (InputCode.ANSWER_PHRASE, "answer/phrase"),
    ]
    assert not told(GroupChange(answer=None))
    assert not told(GroupChange(answer=SipAnswer(486)))


def test_called_numbers_are_kept_in_e164() -> None:
    """Each once."""
    called = ("98123 45678", "+12015550123", "+919812345678")
    assert read_called(called, "IN") == ("+919812345678", "+12015550123")


def test_the_record_of_a_group_is_what_json_can_hold() -> None:
    """With the phrase that is sent, its own or not."""
    group = BlockGroup(
        *(1, "Spam", "", Mode.MONITOR, Direction.INBOUND),
        *(Scope(("Sales",), ("+919812345678",)), SipAnswer(603)),
    )
    assert facts_of(group) == {
        "name": "Spam",
        "description": "",
        "mode": "monitor",
        "direction": "inbound",
        "scope": {"skills": ["Sales"], "called": ["+919812345678"]},
        "answer": {"code": 603, "phrase": "Decline"},
    }
    assert facts_of(BlockGroup(1, "Spam", ""))["answer"] is None
