"""The rules of many numbers, of a reason, of an allowed number."""

from datetime import UTC, datetime

import pytest

from ringfence.errors import InputCode
from ringfence.model.allowed_numbers import AllowedDraft, allowed_problems
from ringfence.model.blocked_numbers import count_problems, number_problem, reason_problems

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("count", "bad"), [(0, True), (1, False), (10_000, False), (10_001, True)])
def test_a_request_carries_1_to_10000_numbers(count: int, bad: bool) -> None:  # noqa: FBT001
    """The rule says both limits."""
    problems = list(count_problems(["x"] * count))
    rule = "one request carries 1 to 10,000 numbers"
    assert [(each.code, each.message, each.field) for each in problems] == [
        (InputCode.NUMBERS_COUNT, rule, "numbers")
    ] * bad


def test_a_reason_has_up_to_200_printable_characters() -> None:
    """It may be empty."""
    for good in ("", "x" * 200, "डीएनडी"):
        assert not list(reason_problems(good))
    for bad in ("x" * 201, "a\nb", "\0", "\ud800"):
        (problem,) = reason_problems(bad)
        assert problem.message == "a reason has up to 200 printable characters"
        assert (problem.code, problem.field) == (InputCode.REASON_FORMAT, "reason")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12345", InputCode.NUMBER_IMPOSSIBLE),
        ("+91 12", InputCode.NUMBER_IMPOSSIBLE),
        ("abc", InputCode.NUMBER_UNREADABLE),
        ("", InputCode.NUMBER_UNREADABLE),
        ("+0*", InputCode.NUMBER_UNREADABLE),
        ("\ud800", InputCode.NUMBER_UNREADABLE),
    ],
)
def test_a_number_is_impossible_or_unreadable(text: str, code: InputCode) -> None:
    """Two codes, each with its sentence."""
    problem = number_problem(text, "IN")
    assert (problem.code, problem.value) == (code, text)
    assert ("region IN" in problem.message) == (code is InputCode.NUMBER_IMPOSSIBLE)


@pytest.mark.parametrize(
    ("draft", "codes"),
    [
        (AllowedDraft("9812345678", protected=True), []),
        (AllowedDraft("+91140*"), []),
        (AllowedDraft("Anonymous"), []),
        (AllowedDraft("12"), ["number:number_impossible"]),
        (AllowedDraft("12", protected=True), ["number:number_impossible"]),
        (AllowedDraft("+91140*", protected=True), ["protected:protected_not_exact"]),
        (AllowedDraft("withheld", protected=True), ["protected:protected_not_exact"]),
        (AllowedDraft("9812345678", NOW), ["expires_at:expiry_past"]),
        (AllowedDraft("9812345678", reason="x" * 201), ["reason:reason_format"]),
        (
            AllowedDraft("x", NOW, reason="\n"),
            ["number:number_unreadable", "expires_at:expiry_past", "reason:reason_format"],
        ),
    ],
)
def test_an_allowed_number_keeps_its_rules(draft: AllowedDraft, codes: list[str]) -> None:
    """All problems are told together."""
    problems = allowed_problems(draft, "IN", NOW)
    assert [f"{each.field}:{each.code}" for each in problems] == codes
