"""Replays over HTTP."""

from datetime import timedelta

import pytest

from ringfence.model.screening_ids import format_screening_id
from tests.api.house import House, problem_of
from tests.core.calls import PastCall, keep_calls

CALLER = "+919812300071"
REPLAY = "/v1/block-groups/1/replay"


def test_a_replay_tells_what_would_have_been_blocked(bare: House) -> None:
    """How many, by which entries, and the newest; nothing is changed by it."""
    bare.admin.post("/v1/block-groups", name="Watched", mode="monitor")
    bare.admin.post("/v1/block-groups/1/numbers", numbers=[CALLER, "+91140*"])
    at = bare.clock.now - timedelta(hours=1)
    calls = [PastCall(at, calling) for calling in (CALLER, "+911401234567", "+919812300072")]
    ids = keep_calls(bare.store, bare.account, calls)
    changes = bare.admin.get("/v1/changes")
    told = bare.admin.post(REPLAY, since="100d")
    moment = "2025-12-31T23:00:00Z"
    assert told == {
        "group": {"id": 1, "name": "Watched"},
        "since": "2025-09-23T00:00:00Z",
        "until": "2026-01-01T00:00:00Z",
        "kept_since": "2025-10-03T00:00:00Z",
        "calls": 3,
        "hashed_calls": 0,
        "exact_only": False,
        "would_block": 2,
        "numbers": 2,
        "entries": [
            {"number": "+91140*", "kind": "prefix", "calls": 1},
            {"number": CALLER, "kind": "exact", "calls": 1},
        ],
        "newest": [
            {
                "screening_id": format_screening_id(ids[n]),
                "at": moment,
                "number": calls[n].calling,
                "entry": entry,
            }
            for n, entry in ((1, "+91140*"), (0, CALLER))
        ],
    }
    assert bare.admin.get("/v1/changes") == changes
    assert bare.admin.post(REPLAY, since=moment)["would_block"] == 2
    assert bare.admin.post(REPLAY, since="30m")["calls"] == 0


@pytest.mark.parametrize(
    "body", [{}, {"since": ""}, {"since": "soon"}, {"since": 7}, {"since": "2026-01-02"}]
)
def test_since_when_is_needed(house: House, body: dict[str, object]) -> None:
    """As a moment past, or a duration."""
    told = problem_of(house.admin.ask("POST", REPLAY, body))
    assert (told["status"], [each["pointer"] for each in told["errors"]]) == (422, ["#/since"])
    missing = house.admin.refused("POST", "/v1/block-groups/9/replay", {"since": "7d"})
    assert missing == (404, "block_group_not_found")
