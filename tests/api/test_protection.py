"""Protected numbers can be blocked by no door, whoever asks."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ringfence.model.accounts import Role
from ringfence.model.calls import Disposition
from tests.api.house import OWN_NUMBER, Caller, House, problem_of
from tests.conftest import Clock
from tests.core.calls import screened
from tests.system.client import GROUPS, NEW_CREATE, NEW_UPDATE, Account

PROTECTED = "+919812300052"
OTHER = "+919812300077"
SPELLINGS = {
    OWN_NUMBER: ("phone_number", 1, "Desk1"),
    "080 4123 0001": ("phone_number", 1, "Desk1"),
    PROTECTED: ("allowed_number", 2, None),
    "98123-00052": ("allowed_number", 2, None),
    "112": ("emergency", None, None),
    "+91112": ("emergency", None, None),
    "100": ("emergency", None, None),
}


def outcome(house: House, number: str, role: Role = Role.SUPERVISOR) -> Any:  # noqa: ANN401
    """Return what becomes of a number that is sent to /v1."""
    told = house.caller(role).post("/v1/block-groups/2/numbers", numbers=[number, OTHER])
    return told["results"][0]


def by_older(house: House, method: str, **fields: object) -> Any:  # noqa: ANN401  any JSON
    """Return what blockNumberGroupV2.php tells."""
    headers = Account("alice", str(house.admin.key)).basic
    return json.loads(house.nobody.ask(method, GROUPS, fields, headers).body)


def by_newer(house: House, method: str, **fields: object) -> Any:  # noqa: ANN401  any JSON
    """Return what /ca_apis tells."""
    path = NEW_CREATE if method == "POST" else NEW_UPDATE
    headers = {"apiKey": str(house.admin.key)}
    sent = {"userName": "alice", **fields}
    return json.loads(house.nobody.ask(method, path, sent, headers).body)


def blocked(house: House) -> set[str]:
    """Return every number that is in any group."""
    groups = house.admin.get("/v1/block-groups")["items"]
    return {
        entry["number"]
        for group in groups
        for entry in house.admin.get(f"/v1/block-groups/{group['id']}/numbers?state=all")["items"]
    }


@pytest.mark.parametrize("number", SPELLINGS)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR])
def test_v1_tells_what_protects_a_number(house: House, number: str, role: Role) -> None:
    """In any spelling; the others of the request go on."""
    before = blocked(house)
    told = outcome(house, number, role)
    kind, protector, name = SPELLINGS[number]
    assert (told["number"], told["result"]) == (number, "protected")
    assert told["protected_by"] == {"kind": kind, "id": protector, "name": name}
    assert blocked(house) == before | {OTHER}


@pytest.mark.parametrize("number", SPELLINGS)
@pytest.mark.parametrize("door", [by_older, by_newer])
def test_the_wire_refuses_a_protected_number(
    house: House, door: Callable[..., Any], number: str
) -> None:
    """As it refuses a number that is none, when a group is made and when one is extended."""
    before = blocked(house)
    spelt = number.replace(" ", "").replace("-", "")
    made = door(house, "POST", name="Spam", description="Spam", blockNumbers=[spelt, OTHER])
    assert (made["output"]["succes"], made["output"]["error"]) == ([OTHER], [spelt])
    fields = {"id": 2, "groupName": "Empty", "blockNumbers": f"{spelt},{OTHER}"}
    told = door(house, "PUT", **fields)
    assert (told["output"]["succes"], told["output"]["error"]) == ([OTHER], [spelt])
    assert blocked(house) == before | {OTHER}


def test_a_supervisor_protects_nothing(house: House) -> None:
    """Nor ends a protection; but allows and disallows other numbers."""
    supervisor = house.caller(Role.SUPERVISOR)
    fields = {"number": OTHER, "protected": True}
    assert supervisor.refused("POST", "/v1/allowed-numbers", fields) == (403, "not_allowed")
    assert supervisor.refused("DELETE", "/v1/allowed-numbers/2") == (403, "not_allowed")
    assert house.admin.get("/v1/allowed-numbers/2")["protected"]
    made = supervisor.post("/v1/allowed-numbers", number=OTHER)
    assert made["protected"] is False
    supervisor.delete(f"/v1/allowed-numbers/{made['id']}")
    house.admin.delete("/v1/allowed-numbers/2")


def test_an_agent_learns_nothing_by_what_is_protected(house: House) -> None:
    """It may delete neither kind, and is told the same."""
    agent = house.caller(Role.AGENT)
    for target in ("/v1/allowed-numbers/1", "/v1/allowed-numbers/2", "/v1/allowed-numbers/99"):
        assert agent.refused("DELETE", target) == (403, "not_allowed")


def test_protection_ends_when_its_cause_does(house: House, clock: Clock) -> None:
    """A phone number that is deleted, an allowance that is deleted or expires."""
    house.admin.delete("/v1/phone-numbers/1")
    assert outcome(house, OWN_NUMBER)["result"] == "added"
    house.admin.delete("/v1/allowed-numbers/2")
    assert outcome(house, PROTECTED)["result"] == "added"
    until = (clock.now + timedelta(hours=1)).isoformat()
    number = "+919812300088"
    house.admin.post("/v1/allowed-numbers", number=number, protected=True, expires_at=until)
    assert outcome(house, number)["result"] == "protected"
    clock.now += timedelta(hours=1)
    assert outcome(house, number)["result"] == "added"


def test_what_is_allowed_but_not_protected_may_be_blocked_and_rings(house: House) -> None:
    """It stands in the group, and is let through all the same."""
    friend = "+919812300051"
    assert outcome(house, friend)["result"] == "added"
    decided = screened(house.store, house.account, friend, at=house.clock.now)
    assert decided.disposition is Disposition.PASS


def test_only_one_number_can_be_protected(house: House) -> None:
    """A prefix would protect numbers that nobody named."""
    for number in ("+9198*", "withheld"):
        fields = {"number": number, "protected": True}
        told = problem_of(house.admin.ask("POST", "/v1/allowed-numbers", fields))
        assert [each["code"] for each in told["errors"]] == ["protected_not_exact"]


def test_a_number_that_was_blocked_before_rings_once_it_is_protected(house: House) -> None:
    """Whether it becomes the account's own or a protected one."""
    assert outcome(house, OTHER)["result"] == "added"
    assert disposition(house) is Disposition.BLOCK
    house.admin.post("/v1/allowed-numbers", number=OTHER, protected=True)
    assert disposition(house) is Disposition.PASS
    assert outcome(house, OTHER)["result"] in {"protected", "already_there"}


def disposition(house: House) -> Disposition:
    """Return what is decided about the other number."""
    return screened(house.store, house.account, OTHER, at=house.clock.now).disposition


def test_nobody_asks_without_a_key(house: House) -> None:
    """The doors of this file are real: without the key they do nothing."""
    assert Caller(house.app, None).refused("GET", "/v1/block-groups")[0] == 401
