"""/v1/account, /keys, /skills, /allowed-numbers and /changes, from end to end."""

from datetime import timedelta

from ringfence.model.accounts import Role
from tests.api.house import FRIEND, Caller, House
from tests.conftest import Clock


def test_an_account_is_read_and_set(house: House) -> None:
    """But for its limit, which is set on the server."""
    assert house.admin.get("/v1/account") == {
        "user_name": "alice",
        "region": "IN",
        "timezone": "Asia/Kolkata",
        "phone_number_limit": 500,
        "phone_numbers_used": 2,
        "api_authentication": "key",
        "answer": {"code": 603, "phrase": "Decline"},
        "activity": {"days": 90, "hashed": False},
        "agent_blocks": {"group_id": 1, "max_hours": 24},
    }
    changed = {"region": "US", "timezone": "America/Chicago", "api_authentication": "token"}
    told = house.admin.patch("/v1/account", **changed, answer={"code": 404, "phrase": "Nobody"})
    assert {name: told[name] for name in changed} == changed
    assert told["answer"] == {"code": 404, "phrase": "Nobody"}
    assert told == house.admin.get("/v1/account")
    kept = house.admin.patch("/v1/account", activity={"hashed": True})["activity"]
    assert kept == {"days": 90, "hashed": True}
    for days in (0, 3651, "7", 1.5):
        assert house.admin.refused("PATCH", "/v1/account", {"activity": {"days": days}})[0] == 422
    body = {"phone_number_limit": 10_000}
    assert house.admin.refused("PATCH", "/v1/account", body) == (422, "invalid_input")


def test_a_region_that_makes_two_numbers_one_is_refused(house: House) -> None:
    """And nothing is changed."""
    house.admin.patch("/v1/account", region="US")
    house.admin.post("/v1/phone-numbers", name="Local", number="8041230001")
    refusal = house.admin.refused("PATCH", "/v1/account", {"region": "IN"})
    assert refusal == (409, "phone_number_exists")
    assert house.admin.get("/v1/account")["region"] == "US"


def test_a_key_is_told_once(house: House) -> None:
    """It lets in at once with its role; the list shows how it begins."""
    made = house.admin.post("/v1/keys", role="supervisor", label="Night shift")
    assert Caller(house.app, made["key"]).get("/v1/account")["user_name"] == "alice"
    shown = {name: value for name, value in made.items() if name != "key"}
    assert house.admin.get("/v1/keys")["items"][-1] == shown
    assert made["key"].startswith(made["prefix"])
    assert (made["role"], made["label"], made["revoked_at"]) == ("supervisor", "Night shift", None)


def test_a_revoked_key_stays_in_the_list(house: House, clock: Clock) -> None:
    """With when it ended; it cannot be revoked again."""
    clock.now += timedelta(seconds=1, milliseconds=5)
    house.admin.delete("/v1/keys/5")
    [key] = [each for each in house.admin.get("/v1/keys")["items"] if each["id"] == 5]
    assert key["revoked_at"] == "2026-01-01T00:00:01.005Z"
    assert house.admin.refused("DELETE", "/v1/keys/5") == (404, "api_key_not_found")
    assert house.admin.refused("DELETE", "/v1/keys/99") == (404, "api_key_not_found")


def test_skills_are_made_listed_and_deleted(house: House) -> None:
    """One name in any letter case; a name may hold a slash; one in a scope stays."""
    assert house.admin.refused("POST", "/v1/skills", {"name": "SALES"}) == (409, "skill_exists")
    house.admin.post("/v1/skills", name="a/b c")
    told = house.admin.get("/v1/skills")["items"]
    assert {each["name"]: each["phone_numbers"] for each in told} == {
        "General": 0,
        "Sales": 1,
        "Unused": 0,
        "a/b c": 0,
    }
    house.admin.delete("/v1/skills/A/b%20c")
    assert house.admin.refused("DELETE", "/v1/skills/a/b%20c") == (404, "skill_not_found")
    assert house.admin.refused("DELETE", "/v1/skills/Sales") == (409, "skill_in_use")
    house.admin.patch("/v1/block-groups/1", scope={"skills": []})
    house.admin.delete("/v1/skills/sales")
    assert house.admin.get("/v1/phone-numbers/1")["skills"] == []


def test_allowed_numbers_are_made_found_and_deleted(house: House, clock: Clock) -> None:
    """Each once, until it expires; in any spelling."""
    target = "/v1/allowed-numbers"
    exists = (409, "allowed_number_exists")
    assert house.admin.refused("POST", target, {"number": "98123 00051"}) == exists
    until = "2026-01-01T01:00:00Z"
    made = house.admin.post(target, number="+91140*", expires_at=until, reason="bank")
    assert made == house.admin.get(f"{target}/{made['id']}")
    assert (made["number"], made["kind"], made["reason"]) == ("+91140*", "prefix", "bank")
    assert made["added_by"] == {"door": "v1", "key_id": 1}
    assert house.admin.refused("POST", target, {"number": "+91140*"}) == exists
    clock.now += timedelta(hours=1)
    again = house.admin.post(target, number="+91140*")
    assert again["id"] == made["id"] + 1
    for query, expected in (
        ("number=9812300051", [FRIEND]),
        ("protected=true", ["+919812300052"]),
        ("protected=false", ["+91140*", FRIEND]),
        ("number=%2B9114", ["+91140*"]),
    ):
        found = house.admin.get(f"{target}?{query}")["items"]
        assert [each["number"] for each in found] == expected, query
    house.admin.delete(f"{target}/1")
    assert house.admin.refused("GET", f"{target}/1") == (404, "allowed_number_not_found")
    assert house.admin.refused("DELETE", f"{target}/1") == (404, "allowed_number_not_found")


def test_every_change_is_recorded(house: House) -> None:
    """Who, through which door, when, what, before and after; oldest or newest first."""
    house.caller(Role.SUPERVISOR).patch("/v1/block-groups/2", description="Changed")
    [last] = house.admin.get("/v1/changes?order=newest&limit=1")["items"]
    assert (last["door"], last["key_id"], last["action"]) == ("v1", 2, "block_group.edited")
    assert (last["subject"], last["at"]) == ("2", "2026-01-01T00:00:00Z")
    assert last["before"]["description"] == ""
    assert last["after"] == {**last["before"], "description": "Changed"}
    whole = house.admin.get(f"/v1/changes/{last['id']}")
    assert whole == {**last, "entries": None}
    told = house.admin.get("/v1/changes")["items"]
    assert told[-1] == last
    assert [each["action"] for each in told][-8:-1] == [
        *("block_group.created", "blocked_numbers.added", "allowed_number.created"),
        *("allowed_number.created", "account.set"),
        *("blocked_numbers.added", "blocked_numbers.added"),
    ]
    assert house.admin.refused("GET", "/v1/changes/9999") == (404, "change_not_found")


def test_a_change_of_many_numbers_tells_of_each(house: House) -> None:
    """What was added, and what was held before of those that were changed or taken out."""
    numbers = "/v1/block-groups/2/numbers"
    house.admin.post(numbers, numbers=["+919812300001"], expires_at="2026-01-02T00:00:00Z")
    house.admin.post(numbers, numbers=["+919812300001", "+919812300002", "x"], reason="rude")
    house.admin.post(f"{numbers}/remove", numbers=["+919812300002"])
    removed, added = (
        house.admin.get(f"/v1/changes/{each['id']}")
        for each in house.admin.get("/v1/changes?order=newest&limit=2")["items"]
    )
    assert added["entries"]["added"] == ["+919812300002"]
    held = added["entries"]["changed"]["+919812300001"]
    assert held["expires_at"] == "2026-01-02T00:00:00Z"
    assert (added["after"]["expires_at"], added["after"]["reason"]) == (None, "rude")
    assert list(removed["entries"]["removed"]) == ["+919812300002"]
    assert removed["entries"]["removed"]["+919812300002"]["expires_at"] is None
