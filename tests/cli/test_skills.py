"""`ringfence skill`."""

import pytest

from tests.cli.commands import Run

pytestmark = pytest.mark.usefixtures("alice")


def names(ringfence: Run) -> list[str]:
    """Return the names of alice's skills."""
    return [skill["name"] for skill in ringfence("skill", "list", "alice", "--json").json]


def test_skills_are_added_listed_and_removed(ringfence: Run) -> None:
    """Each says what it did."""
    added = ringfence("skill", "add", "alice", "Sales 2")
    assert (added.code, added.out) == (0, "alice has the skill Sales 2.\n")
    assert names(ringfence) == ["General", "Sales 2"]
    removed = ringfence("skill", "remove", "alice", "sales 2")
    assert (removed.code, removed.out) == (0, "alice no longer has the skill sales 2.\n")
    assert names(ringfence) == ["General"]


def test_list_tells_how_many_have_each(ringfence: Run) -> None:
    """In a table, or as JSON; an account without skills says so."""
    expected = [{"name": "General", "phoneNumbers": 0}]
    assert ringfence("skill", "list", "alice", "--json").json == expected
    table = [line.split() for line in ringfence("skill", "list", "alice").lines]
    assert table == [["name", "phoneNumbers"], ["General", "0"]]
    ringfence("skill", "remove", "alice", "General")
    assert ringfence("skill", "list", "alice").lines == ["alice has no skills."]


@pytest.mark.parametrize(
    "words", [["add", "alice", "GENERAL"], ["add", "alice", "a,b"], ["remove", "alice", "Nope"]]
)
def test_it_refuses_what_cannot_be(ringfence: Run, words: list[str]) -> None:
    """There already, no name, not there."""
    refused = ringfence("skill", *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("ringfence: ")
    assert names(ringfence) == ["General"]


@pytest.mark.parametrize("name", ["[bold]", "[/]", ":smile:", "Größe"])
def test_a_name_is_shown_as_it_is(ringfence: Run, name: str) -> None:
    """No part of it is taken for a sign to the printer."""
    ringfence("skill", "add", "alice", name)
    assert name in ringfence("skill", "list", "alice").out
    assert name in names(ringfence)
