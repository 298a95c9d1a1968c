"""What a switch may answer a call that may not ring."""

import pytest

from ringfence.errors import InputCode, InvalidInput
from ringfence.model.accounts import Account, check_answer
from ringfence.model.sip_answers import DECLINE, SipAnswer, answer_problems


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (DECLINE, "Decline"),
        (SipAnswer(486), "Busy Here"),
        (SipAnswer(486, "Not now"), "Not now"),
        (SipAnswer(400), "Request Failure"),
        (SipAnswer(499), "Request Failure"),
        (SipAnswer(500), "Server Failure"),
        (SipAnswer(599), "Server Failure"),
        (SipAnswer(699), "Global Failure"),
    ],
)
def test_every_answer_has_a_phrase(answer: SipAnswer, phrase: str) -> None:
    """Its own, the usual one, or that of its class."""
    assert answer.phrase == phrase


@pytest.mark.parametrize("code", [400, 603, 699])
@pytest.mark.parametrize("phrase", [None, "x", "x" * 64, "Nicht möglich"])
def test_a_good_answer_has_no_problem(code: int, phrase: str | None) -> None:
    """The bounds are in."""
    assert list(answer_problems(SipAnswer(code, phrase))) == []


@pytest.mark.parametrize("code", [399, 700, 200, 0, -603])
def test_a_code_that_is_no_final_refusal_is_a_problem(code: int) -> None:
    """It is told with its field and its value."""
    [problem] = answer_problems(SipAnswer(code), "answer")
    assert (problem.code, problem.field, problem.value) == (
        InputCode.ANSWER_CODE,
        "answer/code",
        code,
    )
    assert "400 to 699" in problem.message


@pytest.mark.parametrize("phrase", ["", " ", "x" * 65, "a\r\nContact: b", "a\tb", "\0", "\ud800"])
def test_a_phrase_that_would_leave_its_line_is_a_problem(phrase: str) -> None:
    """It goes onto the wire of a switch as it is."""
    [problem] = answer_problems(SipAnswer(603, phrase), "group")
    assert (problem.code, problem.field) == (InputCode.ANSWER_PHRASE, "group/phrase")


def test_both_problems_are_told_at_once() -> None:
    """So that a caller mends both."""
    with pytest.raises(InvalidInput) as refused:
        check_answer(SipAnswer(200, "\n"))
    assert [problem.field for problem in refused.value.problems] == ["answer/code", "answer/phrase"]


def test_an_account_declines_where_nothing_else_is_set() -> None:
    """RFC 3261, section 21.6.2."""
    assert Account(1, "alice", "IN", "UTC", 1, 0).answer == SipAnswer(603)
