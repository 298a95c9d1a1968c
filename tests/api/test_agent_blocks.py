"""Agents block from a call, and supervisors extend and undo it, over HTTP."""

from datetime import timedelta

import pytest

from ringfence.model.accounts import Role
from ringfence.model.screening_ids import format_screening_id
from tests.api.house import House, problem_of
from tests.conftest import Clock
from tests.core.calls import PastCall, keep_call

CALLER = "+919812300071"
BLOCK = "/v1/block"


@pytest.fixture
def agents(bare: House) -> House:
    """Return a house whose agents block into group 1, for up to eight hours."""
    bare.admin.post("/v1/block-groups", name="From calls")
    settings = {"group_id": 1, "max_hours": 8}
    told = bare.admin.patch("/v1/account", agent_blocks=settings)
    assert told["agent_blocks"] == settings
    return bare


def test_an_agent_blocks_a_call(agents: House) -> None:
    """By its screening; the answer says where, until when, and what became of it."""
    call = keep_call(agents.store, agents.account, PastCall(agents.clock.now, CALLER))
    screening = format_screening_id(call)
    agent = agents.caller(Role.AGENT)
    body = {"screening_id": screening, "reason": "Shouted", "hours": 2}
    answer = agent.ask("POST", BLOCK, body)
    assert (answer.status, answer.header("location")) == (201, "/v1/agent-blocks/1")
    told = agents.caller(Role.SUPERVISOR).get("/v1/agent-blocks/1")
    label = told["added_by"].pop("label")
    assert label.startswith("rf_")
    assert told == {
        "id": 1,
        "number": CALLER,
        "group": {"id": 1, "name": "From calls"},
        "screening_id": screening,
        "reason": "Shouted",
        "added_by": {"key_id": 3},
        "created_at": "2026-01-01T00:00:00Z",
        "expires_at": "2026-01-01T02:00:00Z",
        "state": "live",
        "outcome": "added",
        "undone_at": None,
        "undone_by": None,
    }
    entry = agents.admin.get(f"/v1/block-groups/1/numbers/{CALLER}")
    assert (entry["reason"], entry["expires_at"]) == ("Shouted", told["expires_at"])


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({}, "#/number"),
        ({"number": CALLER, "screening_id": "0" * 16}, "#/number"),
        ({"number": "+91140*"}, "#/number"),
        ({"number": CALLER, "reason": ""}, "#/reason"),
        ({"number": CALLER, "reason": None}, "#/reason"),
        ({"number": CALLER, "hours": 9}, "#/hours"),
        ({"number": CALLER, "hours": 1.5}, "#/hours"),
        ({"screening_id": "8" + "0" * 15}, "#/screening_id"),
        ({"screening_id": "XYZ"}, "#/screening_id"),
        ({"number": CALLER, "until": 1}, "#/until"),
    ],
)
def test_what_is_wrong_is_told(agents: House, more: dict[str, object], place: str) -> None:
    """Where it is."""
    told = problem_of(agents.admin.ask("POST", BLOCK, {"reason": "Rude", **more}))
    assert (told["status"], [each["pointer"] for each in told["errors"]]) == (422, [place])
    assert agents.admin.get("/v1/agent-blocks")["items"] == []


def test_what_is_in_the_way_is_told(agents: House) -> None:
    """By codes of their own."""
    ask = agents.admin.refused
    body = {"reason": "Rude", "screening_id": "0" * 16}
    assert ask("POST", BLOCK, body) == (404, "screening_not_found")
    assert ask("POST", BLOCK, {"reason": "Rude", "number": "112"}) == (409, "number_protected")
    assert ask("GET", "/v1/agent-blocks/1") == (404, "agent_block_not_found")
    agents.admin.post(BLOCK, number=CALLER, reason="Rude")
    agents.admin.patch(f"/v1/block-groups/1/numbers/{CALLER}", reason="Mine")
    assert ask("POST", "/v1/agent-blocks/1/undo") == (409, "agent_block_replaced")
    agents.admin.patch("/v1/account", agent_blocks={"group_id": None})
    body = {"reason": "Rude", "number": CALLER}
    told = problem_of(agents.caller(Role.AGENT).ask("POST", BLOCK, body))
    assert (told["status"], told["code"]) == (409, "agent_group_missing")
    assert "an admin names one" in told["detail"]


def test_the_settings_of_agents_are_checked(agents: House) -> None:
    """What is left out stays; a group that is not there is named."""
    patch = agents.admin.patch
    assert patch("/v1/account", agent_blocks={"max_hours": 8760})["agent_blocks"] == {
        "group_id": 1,
        "max_hours": 8760,
    }
    for wrong in ({"group_id": 2}, {"max_hours": 0}, {"max_hours": 8761}, {"hours": 1}):
        told = problem_of(agents.admin.ask("PATCH", "/v1/account", {"agent_blocks": wrong}))
        [name] = wrong
        assert [each["pointer"] for each in told["errors"]] == [f"#/agent_blocks/{name}"]
    assert patch("/v1/account", timezone="UTC")["agent_blocks"]["group_id"] == 1
    assert patch("/v1/account", agent_blocks={"group_id": None})["agent_blocks"]["group_id"] is None


def test_a_supervisor_extends_and_undoes(agents: House, clock: Clock) -> None:
    """Beyond what agents may, for good, and back; undone twice, the answer is the same."""
    agents.caller(Role.AGENT).post(BLOCK, number=CALLER, reason="Rude")
    supervisor = agents.caller(Role.SUPERVISOR)
    path = "/v1/agent-blocks/1/extend"
    assert supervisor.post(path, hours=8760)["expires_at"] == "2027-01-01T00:00:00Z"
    moment = "2030-01-01T00:00:00Z"
    assert supervisor.post(path, expires_at=moment)["expires_at"] == moment
    assert supervisor.post(path, expires_at=None)["expires_at"] is None
    for wrong in ({}, {"hours": 1, "expires_at": None}, {"hours": 0}, {"expires_at": "soon"}):
        assert supervisor.refused("POST", path, wrong)[0] == 422
    past = {"expires_at": "2025-01-01T00:00:00Z"}
    assert supervisor.refused("POST", path, past) == (422, "invalid_input")
    undone = supervisor.post("/v1/agent-blocks/1/undo")
    assert (undone["state"], undone["undone_by"]["key_id"]) == ("undone", 2)
    clock.now += timedelta(hours=1)
    assert agents.admin.post("/v1/agent-blocks/1/undo") == undone
    assert supervisor.refused("POST", path, {"hours": 1}) == (409, "agent_block_undone")
    assert agents.admin.get("/v1/block-groups/1/numbers")["items"] == []


def test_the_list_is_filtered(agents: House, clock: Clock) -> None:
    """By state, number and key."""
    agents.caller(Role.AGENT).post(BLOCK, number=CALLER, reason="Rude", hours=1)
    agents.admin.post(BLOCK, number="withheld", reason="Rude")
    clock.now += timedelta(hours=2)
    for query, ids in (
        ("", [2, 1]),
        ("?state=live", [2]),
        ("?state=expired", [1]),
        ("?number=98123%2000071", [1]),
        ("?number=anonymous", [2]),
        ("?key=3", [1]),
        ("?key=9", []),
    ):
        found = agents.admin.get(f"/v1/agent-blocks{query}")["items"]
        assert [each["id"] for each in found] == ids, query
    for query in ("?state=gone", "?number=junk", "?key=0", "?after=x"):
        assert agents.admin.refused("GET", f"/v1/agent-blocks{query}")[0] == 422
