"""`ringfence agent-blocks`."""

from datetime import timedelta
from pathlib import Path

import pytest

from ringfence.clock import utc_now
from ringfence.core.accounts import get_account, set_account
from ringfence.core.agent_blocks import block_from_call
from ringfence.core.group_settings import make_block_group
from ringfence.model.accounts import AccountChange
from ringfence.model.agent_blocks import BlockDraft
from ringfence.model.changes import Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.store import open_store
from tests.cli.commands import Run
from tests.cli.stores import url_of

CALLERS = ("+919812345678", "+919812345679", "+919812345680")


@pytest.fixture(autouse=True)
def _blocks(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Block some numbers as an agent."""
    request.getfixturevalue("alice")
    store = open_store(url_of(tmp_path))
    account, origin = get_account(store, "alice"), Origin("v1", 1, utc_now())
    make_block_group(store, account, GroupSettings("From calls"), origin)
    set_account(store, "alice", AccountChange(agent_group_id=1), origin)
    for caller in CALLERS:
        block_from_call(store, account, BlockDraft("rude", caller), origin)
    store.close()


def ids(ringfence: Run, *words: str) -> list[int]:
    """Return the ids of the blocks that a list has."""
    return [
        each["id"] for each in ringfence("agent-blocks", "list", "alice", *words, "--json").json
    ]


def test_they_are_listed(ringfence: Run) -> None:
    """The newest first; by number and by state; no more than was asked for."""
    assert ids(ringfence) == [3, 2, 1]
    assert ids(ringfence, "--limit", "2") == [3, 2]
    assert ids(ringfence, "--number", "98123 45679") == [2]
    assert ids(ringfence, "--state", "undone") == []
    lines = ringfence("agent-blocks", "list", "alice").lines
    assert lines[0].split()[:4] == ["id", "number", "group", "state"]
    assert lines[1].split()[:5] == ["3", CALLERS[2], "From", "calls", "live"]
    empty = ringfence("agent-blocks", "list", "alice", "--state", "expired").lines
    assert empty == ["Agents of alice blocked nobody so."]


def test_one_is_extended_and_undone(ringfence: Run) -> None:
    """For some hours, for good, and back to what was there before."""
    words = ("agent-blocks", "extend", "alice", "1")
    told = ringfence(*words, "--hours", "100", "--json").json
    assert told["expiresAt"] > (utc_now() + timedelta(hours=99)).isoformat()
    assert ringfence(*words, "--for-good", "--json").json["expiresAt"] is None
    assert ringfence("check", "alice", CALLERS[0]).code == 0
    undone = ringfence("agent-blocks", "undo", "alice", "1", "--json").json
    assert (undone["state"], undone["id"]) == ("undone", 1)
    assert ringfence("check", "alice", CALLERS[0]).code == 1
    assert ringfence("agent-blocks", "undo", "alice", "1", "--json").json == undone


@pytest.mark.parametrize(
    "words",
    [
        *(["undo", "alice", "9"], ["extend", "alice", "9", "--for-good"]),
        *(["extend", "alice", "1"], ["extend", "alice", "1", "--hours", "0"]),
        *(
            ["extend", "alice", "1", "--hours", "2", "--for-good"],
            ["list", "alice", "--number", "x"],
        ),
    ],
)
def test_it_refuses_what_cannot_be(ringfence: Run, words: list[str]) -> None:
    """Not there, or until no moment at all."""
    refused = ringfence("agent-blocks", *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err
