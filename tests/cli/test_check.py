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
            "account": "alice",
            "number": "+919812345678",
            "blocked": False,
            "group": None,
            "expiresAt": None,
            "others": [],
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
        "  also by group 1 (Spam), until 2200-01-01 00:00:00 IST",
    ]


@pytest.mark.parametrize(("until", "told"), [(None, None), (FAR, "2199-12-31T18:30:00+00:00")])
def test_a_blocked_number_is_told_as_json(
    ringfence: Run, tmp_path: Path, until: datetime | None, told: str | None
) -> None:
    """With the group that decides, and its expiry in UTC."""
    block(tmp_path, "Spam", "9812345678", until)
    checked = ringfence("check", "alice", "9812345678", "--json")
    assert (checked.code, checked.json["blocked"]) == (0, True)
    assert checked.json["group"] == {"id": 1, "name": "Spam"}
    assert checked.json["expiresAt"] == told


@pytest.mark.parametrize("number", ["", "abc", "12", "1" * 40])
def test_what_is_no_number_is_2(ringfence: Run, number: str) -> None:
    """It could not be told, which is not the same as not blocked."""
    checked = ringfence("check", "alice", number)
    assert (checked.code, checked.out) == (2, "")
    assert checked.err.startswith("ringfence: ")
