"""/v1/screen: what a switch asks, through every way to ask it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from ringfence.core.credentials import revoke_key
from ringfence.model.accounts import Role
from ringfence.model.calls import MAX_CALLS, MAX_HUNT
from ringfence.model.changes import Origin
from ringfence.model.screening_ids import moment_of, parse_screening_id
from ringfence.model.spellings import MAX_SPELLING
from ringfence.store import OpenStore
from tests.api.house import BLOCKED, FRIEND, OWN_NUMBER, SKILL, House, build
from tests.asgi import Answer
from tests.conftest import Clock

SPAM = "+919812345678"
VERDICT = ("disposition", "reason", "answer")


def screen(house: House, number: str = SPAM, **fields: str) -> Any:  # noqa: ANN401  any JSON
    """Return what is told of a call, quickly where that is possible."""
    query = {"calling": number, **fields}
    told = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return house.admin.get(f"/v1/screen?{told}")


def disposition(house: House, number: str = SPAM) -> str:
    """Return what becomes of a call."""
    told: str = screen(house, number, explain="0")["disposition"]
    return told


def group(house: House, name: str = "Spam", **settings: object) -> int:
    """Make a group."""
    made: int = house.admin.post("/v1/block-groups", name=name, **settings)["id"]
    return made


def block(house: House, number: str = SPAM, **fields: object) -> int:
    """Block a number in a group of its own."""
    made = group(house, f"Group {number} {fields.get('reason', '')}")
    house.admin.post(f"/v1/block-groups/{made}/numbers", numbers=[number], **fields)
    return made


def test_a_call_is_explained(bare: House) -> None:
    """By the entry that decides, who put it there and why, and by every other one."""
    key = bare.admin.post("/v1/keys", role="supervisor", label="Night shift")
    until = bare.clock.now + timedelta(hours=1)
    first, second = group(bare, "For good"), group(bare, "An hour")
    watching = group(bare, "Watching", mode="monitor")
    bare.admin.patch(f"/v1/block-groups/{first}", answer={"code": 607})
    path = "/v1/block-groups/{}/numbers"
    bare.admin.post(path.format(first), numbers=[SPAM], reason="rang 20 times")
    bare.admin.post(path.format(second), numbers=[SPAM], expires_at=until.isoformat())
    bare.admin.post(path.format(watching), numbers=["+91981*"])
    told = screen(bare)
    now = told["winner"].pop("added_at")
    assert told["winner"] == {
        "group": {"id": first, "name": "For good"},
        "entry": SPAM,
        "kind": "exact",
        "expires_at": None,
        "added_by": told["winner"]["added_by"],
        "door": "v1",
        "note": "rang 20 times",
    }
    assert now == "2026-01-01T00:00:00Z"
    assert told["winner"]["added_by"].startswith("rf_")
    assert [(each["group"]["id"], each["lost"]) for each in told["others"]] == [
        (second, "ends_sooner"),
        (watching, "monitored"),
    ]
    assert [each["group"]["name"] for each in told["would_block"]] == ["Watching"]
    assert {name: told[name] for name in VERDICT} == {
        "disposition": "block",
        "reason": "number_blocked",
        "answer": {"code": 607, "phrase": "Unwanted"},
    }
    assert "hunt" not in told
    assert key["label"] == "Night shift"


def test_who_blocked_is_told_by_the_label_of_the_key(bare: House) -> None:
    """As people call it."""
    made = bare.admin.post("/v1/keys", role="admin", label="Night shift")
    group_id = group(bare)
    night = bare.caller()
    night = type(night)(night.app, made["key"])
    night.post(f"/v1/block-groups/{group_id}/numbers", numbers=[SPAM])
    assert screen(bare)["winner"]["added_by"] == "Night shift"


def test_where_a_call_rings_is_told_with_a_skill(house: House) -> None:
    """In the order of the hunt; nowhere where it is blocked, or nobody has the skill."""
    for number in range(MAX_HUNT):
        fields = {"name": f"Line{number}", "number": f"+9180412301{number:02}"}
        house.admin.post("/v1/phone-numbers", **fields, skills=[SKILL], priority=2)
    rings = screen(house, skill=SKILL)["hunt"]
    assert rings[0] == {"id": 1, "name": "Desk1", "number": OWN_NUMBER, "priority": 1}
    assert len(rings) == MAX_HUNT
    assert screen(house, BLOCKED, skill=SKILL)["hunt"] == []
    assert screen(house, skill="Unused")["hunt"] == screen(house, skill="No such")["hunt"] == []


def test_a_minute_and_an_hour(bare: House) -> None:
    """The number stays blocked until the last of its entries has ended, and then it is free."""
    for length in (timedelta(minutes=1), timedelta(hours=1)):
        end = bare.clock.now + length
        block(bare, expires_at=end.isoformat(), reason=str(length))
    found = {}
    for minutes in (0, 2, 59, 60, 61):
        told = screen(bare, at=(bare.clock.now + timedelta(minutes=minutes)).isoformat())
        found[minutes] = told["disposition"]
    assert found == {0: "block", 2: "block", 59: "block", 60: "pass", 61: "pass"}
    for minutes, expected in ((2, "block"), (57, "block"), (1, "pass")):
        bare.clock.now += timedelta(minutes=minutes)
        assert disposition(bare) == expected


def test_what_a_door_did_is_seen_when_it_has_answered(bare: House) -> None:
    """Each way to block a number, to let it ring, and to change what its group does."""
    admin = bare.admin
    made = group(bare)
    path = f"/v1/block-groups/{made}"
    allowed: list[str] = []

    def allow() -> None:
        allowed.append(admin.post("/v1/allowed-numbers", number=SPAM)["id"])

    def own() -> None:
        allowed.append(admin.post("/v1/phone-numbers", name="Desk", number=SPAM)["id"])

    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: admin.post(f"{path}/numbers", numbers=[SPAM]), "block"),
        (lambda: admin.patch(path, mode="monitor"), "pass"),
        (lambda: admin.patch(path, mode="enforce"), "block"),
        (lambda: admin.patch(path, mode="off"), "pass"),
        (lambda: admin.patch(path, mode="enforce", direction="outbound"), "pass"),
        (lambda: admin.patch(path, direction="inbound"), "block"),
        (lambda: admin.patch(path, scope={"called": [FRIEND]}), "pass"),
        (lambda: admin.patch(path, scope={"called": []}), "block"),
        (allow, "pass"),
        (lambda: admin.delete(f"/v1/allowed-numbers/{allowed.pop()}"), "block"),
        (own, "pass"),
        (lambda: admin.delete(f"/v1/phone-numbers/{allowed.pop()}"), "block"),
        (lambda: admin.delete(f"{path}/numbers/{quote(SPAM)}"), "pass"),
        (lambda: admin.post(f"{path}/numbers", numbers=["+9198*"]), "block"),
        (lambda: admin.post(f"{path}/numbers/remove", numbers=["+9198*"]), "pass"),
        (lambda: admin.post(f"{path}/numbers", numbers=[SPAM]), "block"),
        (lambda: admin.delete(path), "pass"),
    ]
    for number, (act, expected) in enumerate(steps):
        act()
        assert disposition(bare) == expected, f"step {number}"


def test_a_key_that_ends_lets_nobody_in(bare: House) -> None:
    """From the next call on, however often it was let in before."""
    enforcer = bare.caller(Role.ENFORCER)
    for _ in range(3):
        enforcer.get("/v1/screen?calling=1&explain=0")
    [key] = [each for each in bare.admin.get("/v1/keys")["items"] if each["role"] == "enforcer"]
    revoke_key(bare.store, bare.account, key["id"], Origin("test", None, bare.clock.now))
    assert enforcer.refused("GET", "/v1/screen?calling=1") == (401, "api_key_invalid")


@pytest.mark.parametrize("role", Role)
def test_every_role_may_ask(bare: House, role: Role) -> None:
    """A switch has a key of its own role."""
    assert bare.caller(role).get("/v1/screen?calling=1&explain=0")["disposition"] == "pass"


@pytest.mark.parametrize(
    ("target", "body", "told"),
    [
        ("/v1/screen", None, "field_missing"),
        ("/v1/screen?called=1", None, "field_missing"),
        ("/v1/screen?calling=1&direction=outbound", None, "field_missing"),
        ("/v1/screen?calling=1&direction=both", None, "field_invalid"),
        ("/v1/screen?calling=1&explain=maybe", None, "field_invalid"),
        ("/v1/screen?calling=1&calling=2", None, "field_invalid"),
        ("/v1/screen?calling=1&colour=red", None, "field_unknown"),
        ("/v1/screen?calling=1&at=now", None, "field_invalid"),
        (f"/v1/screen?calling={'1' * 251}", None, "field_invalid"),
        ("/v1/screen?calling=%00", None, "field_invalid"),
        (f"/v1/screen?calling=1&skill={'s' * 51}", None, "field_invalid"),
        ("/v1/screen", {}, "field_missing"),
        ("/v1/screen", {"calling": "1", "direction": "both"}, "field_invalid"),
        ("/v1/screen", {"calling": "1", "colour": "red"}, "field_unknown"),
        ("/v1/screen/batch", {"numbers": []}, "field_invalid"),
        ("/v1/screen/batch", {"numbers": ["1"] * (MAX_CALLS + 1)}, "field_invalid"),
        ("/v1/screen/batch", {"numbers": ["1", 2]}, "field_invalid"),
    ],
)
def test_what_is_asked_badly_is_told(bare: House, target: str, body: object, told: str) -> None:
    """By the field that is wrong."""
    answer = bare.admin.ask("GET" if body is None else "POST", target, body)
    assert (answer.status, _codes(answer)) == (422, [told])


def test_too_long_a_number_is_told_the_limit(bare: House) -> None:
    """In characters, for it is a text."""
    answer = bare.admin.ask("POST", "/v1/screen", {"calling": "1" * (MAX_SPELLING + 1)})
    assert json.loads(answer.body)["detail"] == "Value should have at most 250 characters"


def _codes(answer: Answer) -> list[str]:
    return [each["code"] for each in json.loads(answer.body)["errors"]]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer no"}, {"Authorization": "Basic eDp5"}, {"Authorization": ""}],
)
def test_without_a_key_nothing_is_told(bare: House, headers: dict[str, str]) -> None:
    """Neither in the query."""
    target = f"/v1/screen?calling=1&apiKey={bare.admin.key}"
    answer = bare.nobody.ask("GET", target, headers=headers)
    assert (answer.status, answer.header("www-authenticate")) == (401, 'Bearer realm="ringfence"')


@pytest.mark.parametrize(
    "query",
    [
        *("calling={}", "calling={}&explain=0", "calling={}&called={}&explain=0"),
        *("explain=0&calling={}", "called=1&calling={}&skill=Sales", "calling={}&skill="),
        *("calling=1&called={}&direction=outbound", "called={}&direction=outbound&explain=1"),
        *("calling={}&explain=true", "calling={}&direction=inbound", "calling={}&called="),
        "%63alling={}",
    ],
)
def test_quick_answers_are_the_same(house: House, query: str) -> None:
    """Those of the event loop and those of the route: of what is asked in whatever order."""
    for number in (
        SPAM,
        BLOCKED,
        FRIEND,
        OWN_NUMBER,
        "98123 00001",
        "",
        " 919812300001",
        "sip:a@b",
    ):
        written = query.replace("{}", quote(number))
        quick = house.admin.ask("GET", f"/v1/screen?{written}")
        at = quote(house.clock.now.isoformat())
        slow = house.admin.ask("GET", f"/v1/screen?{written}&at={at}")
        assert (quick.status, quick.body) == (slow.status, slow.body) == (200, slow.body)
        assert quick.header("content-type") == slow.header("content-type")
        assert slow.header("ringfence-screening") is None


@pytest.mark.parametrize("rest", ["", "&explain=0"])
def test_a_number_is_as_long_as_it_may_be(bare: House, rest: str) -> None:
    """Also behind one that was asked about with the same end, which is remembered."""
    statuses = [
        bare.admin.ask("GET", f"/v1/screen?calling=%2B{'9' * digits}{rest}").status
        for digits in (12, MAX_SPELLING - 1, MAX_SPELLING)
    ]
    assert statuses == [200, 200, 422]


def test_an_unencoded_plus_is_a_plus(house: House) -> None:
    """A query turns it into a blank."""
    assert house.admin.get(f"/v1/screen?calling={BLOCKED}&skill=Sales&explain=0") == {
        "disposition": "block",
        "reason": "number_blocked",
        "answer": {"code": 603, "phrase": "Decline"},
    }


def test_a_call_has_an_id_that_tells_when(bare: House) -> None:
    """Each another one, the later the larger; hypothetical ones have none."""
    ids = [
        bare.admin.ask("GET", "/v1/screen?calling=1").header("ringfence-screening") or ""
        for _ in range(3)
    ]
    ids.append(
        bare.admin.ask("POST", "/v1/screen", {"calling": "1"}).header("ringfence-screening") or ""
    )
    read = [parse_screening_id(each) or 0 for each in ids]
    assert read == sorted(set(read))
    assert {moment_of(each) for each in read} == {bare.clock.now}


def test_a_head_is_answered_without_a_body(bare: House) -> None:
    """As every path."""
    answer = bare.admin.ask("HEAD", "/v1/screen?calling=1")
    assert (answer.status, answer.body) == (200, b"")


def test_ten_thousand_numbers_are_told_in_their_order(bare: House) -> None:
    """Also those that are there twice, and those that are none."""
    block(bare, "+91981234*")
    numbers = [f"98123{place:05}" for place in range(MAX_CALLS - 3)] + ["x", "", "9812340000"]
    told = bare.admin.post("/v1/screen/batch", numbers=numbers)
    assert [each["number"] for each in told["results"]] == numbers
    blocked = [each["number"] for each in told["results"] if each["disposition"] == "block"]
    assert blocked == [each for each in numbers if each.startswith("981234")]
    assert told["counts"] == {"pass": MAX_CALLS - len(blocked), "block": len(blocked)}
    assert [each["reason"] for each in told["results"][-3:]] == [
        *("no_number", "not_blocked", "prefix_blocked"),
    ]


def test_accounts_are_apart(store: OpenStore, clock: Clock) -> None:
    """What one blocks, allows and owns is nothing to another."""
    alice, bob = build(store, clock), build(store, clock, "bob")
    block(alice)
    alice.admin.post("/v1/allowed-numbers", number=FRIEND)
    assert [disposition(alice), disposition(bob)] == ["block", "pass"]
    assert screen(bob, FRIEND)["reason"] == "not_blocked"
