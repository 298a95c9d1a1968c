"""`ringfence check`: blocked is 0, not blocked is 1, trouble is 2."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.commands import Run
from tests.cli.stores import block

pytestmark = pytest.mark.usefixtures("alice")

FAR = datetime(2199, 12, 31, 18, 30, tzinfo=UTC)


def test_a_number_that_is_not_blocked_is_1(ringfence: Run) -> None:
    """As text and as JSON."""
    checked = ringfence("check", "alice", "9812345678")
    assert (checked.code, checked.out) == (1, "+919812345678 is not blocked\n")
    checked = ringfence("check", "alice", "9812345678", "--json")
    assert (checked.code, checked.json) == (
        1,
        {
            "disposition": "pass",
            "reason": "not_blocked",
            "answer": None,
            "number": "+919812345678",
            "winner": None,
            "others": [],
            "would_block": [],
        },
    )


@pytest.mark.parametrize("number", ["9812345678", "+91 98123 45678", "09812345678"])
def test_a_blocked_number_is_0(ringfence: Run, tmp_path: Path, number: str) -> None:
    """Every group that blocks it is named, and until when, in the account's time zone."""
    block(tmp_path, "Spam", "9812345678", FAR)
    block(tmp_path, "Pests [b]", "9812345678", None)
    checked = ringfence("check", "alice", number)
    assert checked.code == 0
    assert checked.lines == [
        "+919812345678 is blocked by group 2 (Pests [b]), for good",
        "  also by group 1 (Spam), until 2200-01-01 00:00:00 IST: it ends sooner",
    ]


@pytest.mark.parametrize(("until", "told"), [(None, None), (FAR, "2199-12-31T18:30:00Z")])
def test_a_blocked_number_is_told_as_json(
    ringfence: Run, tmp_path: Path, until: datetime | None, told: str | None
) -> None:
    """With the group that decides, and its expiry in UTC."""
    block(tmp_path, "Spam", "9812345678", until)
    checked = ringfence("check", "alice", "9812345678", "--json")
    assert (checked.code, checked.json["disposition"]) == (0, "block")
    assert checked.json["winner"]["group"] == {"id": 1, "name": "Spam"}
    assert checked.json["winner"]["expires_at"] == told


@pytest.mark.parametrize("number", ["abc", "12", "1" * 40])
def test_what_is_no_number_is_1(ringfence: Run, number: str) -> None:
    """A call of it would ring."""
    checked = ringfence("check", "alice", number)
    assert (checked.code, checked.out) == (1, f"{number} is not blocked: it is no phone number\n")


@pytest.mark.parametrize(
    "words", [["--at", "tomorrow"], ["--at", "2026-01-01T00:00:00"], ["--at", ""]]
)
def test_a_moment_that_is_none_is_2(ringfence: Run, words: list[str]) -> None:
    """It could not be told, which is not the same as not blocked."""
    checked = ringfence("check", "alice", "9812345678", *words)
    assert (checked.code, checked.out) == (2, "")
    assert checked.err.startswith("ringfence: a moment is written as ")
