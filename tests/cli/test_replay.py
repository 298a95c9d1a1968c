"""`ringfence replay`."""

from datetime import timedelta
from pathlib import Path

import pytest

from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.model.number_hashes import hash_number
from ringfence.store import open_store
from tests.cli.commands import Run
from tests.cli.stores import block, url_of
from tests.core.past_calls import PastCall, keep_calls

CALLER = "+919812345678"


@pytest.fixture(autouse=True)
def _calls(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Keep two calls of a number that is blocked, one of them hashed, and one of another."""
    request.getfixturevalue("alice")
    store = open_store(url_of(tmp_path))
    at = utc_now() - timedelta(hours=1)
    hashed = hash_number("ab" * 32, CALLER)
    calls = [PastCall(at, calling) for calling in (CALLER, "+919812345679", hashed)]
    keep_calls(store, get_account(store, "alice"), calls)
    store.close()
    block(tmp_path, "Spam", CALLER, None)


@pytest.mark.parametrize("group", ["spam", "1"])
def test_it_tells_what_would_have_been_blocked(ringfence: Run, group: str) -> None:
    """For a person, in sentences."""
    told = ringfence("replay", "alice", group, "--since", "24h")
    assert told.code == 0
    first, hashed, entry = told.lines
    assert first.startswith("Of 3 calls that passed since 20")
    assert first.endswith("+05:30, Spam would have blocked 1, of 1 numbers.")
    assert hashed.startswith("Of 1 calls only a hash of the number is kept")
    assert entry.split() == ["1", "by", CALLER]


def test_it_tells_a_script(ringfence: Run) -> None:
    """All of it, as JSON."""
    told = ringfence("replay", "alice", "Spam", "--since", "200d", "--json").json
    assert told["group"] == {"id": 1, "name": "Spam"}
    names = ("calls", "hashedCalls", "exactOnly", "wouldBlock", "numbers")
    assert [told[name] for name in names] == [3, 1, True, 1, 1]
    assert told["entries"] == [{"number": CALLER, "calls": 1}]
    [call] = told["newest"]
    assert (call["number"], call["entry"], len(call["screeningId"])) == (CALLER, CALLER, 16)
    assert told["since"] < told["keptSince"] < call["at"] < told["until"]
    assert "are not kept." in ringfence("replay", "alice", "Spam", "--since", "200d").lines[1]


@pytest.mark.parametrize(
    "words", [["Nope"], ["Spam", "--since", "soon"], ["Spam", "--since", "2999-01-01"]]
)
def test_it_refuses_what_cannot_be(ringfence: Run, words: list[str]) -> None:
    """No such group, no time past."""
    refused = ringfence("replay", "alice", *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("ringfence: ")
