"""/v1/block-groups, their numbers, and /v1/blocked-numbers, from end to end."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.house import BLOCKED, House
from tests.conftest import Clock

GROUPS = "/v1/block-groups"
NUMBERS = f"{GROUPS}/2/numbers"
SOON, LATER, NEVER = "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", None


def outcomes(told: Any) -> list[str]:  # noqa: ANN401  any JSON
    """Return what became of each number."""
    return [each["result"] for each in told["results"]]


def listed(house: House, query: str = "") -> list[str]:
    """Return the numbers of the second group."""
    return [each["number"] for each in house.admin.get(f"{NUMBERS}?{query}")["items"]]


def test_a_group_is_made_with_what_is_usual(house: House) -> None:
    """It blocks in both directions, for every call, with the account's answer."""
    made = house.admin.post(GROUPS, name="Plain")
    assert made == house.admin.get(f"{GROUPS}/{made['id']}")
    assert {k: v for k, v in made.items() if k not in {"id", "created_at", "updated_at"}} == {
        "name": "Plain",
        "description": "",
        "mode": "enforce",
        "direction": "both",
        "scope": {"skills": [], "called": []},
        "answer": None,
    }


def test_a_group_is_made_in_full(house: House) -> None:
    """What it is for comes back in one form, each once."""
    scope = {"skills": ["sales", "Unused", "SALES"], "called": ["080 4123 0001", "+918041230001"]}
    answer = {"code": 486, "phrase": None}
    fields = {"description": "d", "mode": "monitor", "direction": "inbound"}
    made = house.admin.post(GROUPS, name="Full", **fields, scope=scope, answer=answer)
    assert made["scope"] == {"skills": ["Sales", "Unused"], "called": ["+918041230001"]}
    assert made["answer"] == {"code": 486, "phrase": "Busy Here"}
    assert {name: made[name] for name in fields} == fields


def test_a_group_is_edited_in_parts(house: House) -> None:
    """Null leaves a field as it is, but for the answer, of which it is the account's own."""
    house.admin.patch(f"{GROUPS}/1", answer={"code": 403})
    before = house.admin.get(f"{GROUPS}/1")
    after = house.admin.patch(f"{GROUPS}/1", description="New", name=None, scope={"called": None})
    assert after == {**before, "description": "New"}
    assert house.admin.patch(f"{GROUPS}/1", answer=None)["answer"] is None
    scope = house.admin.patch(f"{GROUPS}/1", scope={"skills": []})["scope"]
    assert scope == {"skills": [], "called": []}


def test_a_name_is_unique_in_any_letter_case(house: House) -> None:
    """Until its group is deleted."""
    taken = (409, "block_group_exists")
    assert house.admin.refused("POST", GROUPS, {"name": "NUISANCE"}) == taken
    assert house.admin.refused("PATCH", f"{GROUPS}/2", {"name": "nuisance"}) == taken
    house.admin.patch(f"{GROUPS}/1", name="NUISANCE")
    house.admin.delete(f"{GROUPS}/1")
    assert house.admin.post(GROUPS, name="Nuisance")["id"] == 3


def test_a_deleted_group_is_gone_with_its_numbers(house: House) -> None:
    """At once, for every route, whatever is still to be cleared away."""
    house.admin.delete(f"{GROUPS}/1")
    for method, target, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "Other"}),
        ("DELETE", "", None),
        ("GET", "/numbers", None),
        ("POST", "/numbers", {"numbers": [BLOCKED]}),
        ("POST", "/numbers/remove", {"numbers": [BLOCKED]}),
        ("GET", f"/numbers/{BLOCKED}", None),
        ("PATCH", f"/numbers/{BLOCKED}", {"reason": "x"}),
        ("DELETE", f"/numbers/{BLOCKED}", None),
    ):
        refusal = house.admin.refused(method, f"{GROUPS}/1{target}", body)
        assert refusal == (404, "block_group_not_found"), (method, target)
    assert house.admin.get(f"/v1/blocked-numbers?number=%2B{BLOCKED[1:]}")["items"] == []


def test_each_number_has_its_fate(house: House) -> None:
    """In the order sent; one that is sent twice is there already the second time."""
    house.admin.post(NUMBERS, numbers=["+919812300001"], expires_at=SOON)
    numbers = ["98123 00001", "+91140*", "Anonymous", "+919812300003", "09812300003", "x", "999999"]
    told = house.admin.post(NUMBERS, numbers=numbers, expires_at=LATER)
    assert [each["number"] for each in told["results"]] == numbers
    assert outcomes(told) == [
        *("extended", "added", "added", "added", "already_there", "invalid", "invalid")
    ]
    patterns = [each["pattern"] for each in told["results"]]
    assert patterns[:4] == ["+919812300001", "+91140*", "withheld", "+919812300003"]
    assert [each["code"] for each in told["results"][5:]] == [
        *("number_unreadable", "number_impossible")
    ]
    assert told["counts"] == {"added": 3, "extended": 1, "already_there": 1, "invalid": 2}


def test_an_entry_never_ends_sooner_by_being_added(house: House) -> None:
    """An edit makes it; adding extends, or leaves as it is."""
    for until, fate, kept in (
        *((LATER, "added", LATER), (SOON, "already_there", LATER), (NEVER, "extended", NEVER)),
        (LATER, "already_there", NEVER),
    ):
        told = house.admin.post(NUMBERS, numbers=[BLOCKED], expires_at=until)
        assert outcomes(told) == [fate]
        assert house.admin.get(f"{NUMBERS}/{BLOCKED}")["expires_at"] == kept
    edited = house.admin.patch(f"{NUMBERS}/098123%2000001", expires_at=SOON)
    assert (edited["expires_at"], edited["reason"]) == (SOON, "")
    edited = house.admin.patch(f"{NUMBERS}/{BLOCKED}", reason="rude")
    assert (edited["expires_at"], edited["reason"]) == (SOON, "rude")
    assert house.admin.patch(f"{NUMBERS}/{BLOCKED}", expires_at=None)["expires_at"] is None


def test_an_entry_says_who_put_it_there(house: House) -> None:
    """Through which door, with which key, when and why."""
    house.admin.post(NUMBERS, numbers=["withheld"], reason="hides")
    assert house.admin.get(f"{NUMBERS}/anonymous") == {
        "number": "withheld",
        "kind": "withheld",
        "group_id": 2,
        "expires_at": None,
        "reason": "hides",
        "added_at": "2026-01-01T00:00:00Z",
        "added_by": {"door": "v1", "key_id": 1},
        "hits": 0,
        "last_hit_at": None,
    }


def test_numbers_are_taken_out(house: House) -> None:
    """One by one or many at once, in any spelling."""
    house.admin.post(NUMBERS, numbers=[BLOCKED, "+91140*", "withheld", "+919812300003"])
    sent = ["9812300001", "+91140*", "+919812300009", "x"]
    told = house.admin.post(f"{NUMBERS}/remove", numbers=sent)
    assert outcomes(told) == ["removed", "removed", "not_there", "invalid"]
    house.admin.delete(f"{NUMBERS}/withheld")
    assert house.admin.refused("DELETE", f"{NUMBERS}/withheld")[1] == "blocked_number_not_found"
    assert listed(house) == ["+919812300003"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["+91140*", "+919812300001", "withheld"]),
        ("state=all", ["+91140*", "+919812300001", "+919812300003", "withheld"]),
        ("state=expired", ["+919812300003"]),
        ("kind=exact", ["+919812300001"]),
        ("kind=prefix", ["+91140*"]),
        ("kind=withheld", ["withheld"]),
        ("number=98123", ["+919812300001"]),
        ("number=%2B91&state=all", ["+91140*", "+919812300001", "+919812300003"]),
        ("number=withheld", ["withheld"]),
        ("number=x", []),
    ],
)
def test_numbers_are_searched(house: House, clock: Clock, query: str, expected: list[str]) -> None:
    """By leading digits, by kind, and by whether they block now."""
    house.admin.post(NUMBERS, numbers=[BLOCKED, "+91140*", "withheld"])
    house.admin.post(NUMBERS, numbers=["+919812300003"], expires_at=SOON)
    clock.now += timedelta(days=1)
    assert listed(house, query) == expected


def test_whatever_blocks_a_number_is_found(house: House, clock: Clock) -> None:
    """Itself and its prefixes, in groups of any mode, while they are live."""
    house.admin.patch(f"{GROUPS}/2", mode="monitor")
    house.admin.post(NUMBERS, numbers=["+9198*", BLOCKED], expires_at=SOON)

    def found(number: str) -> list[tuple[str, int, str]]:
        told = house.admin.get(f"/v1/blocked-numbers?number={number}")["items"]
        return [(each["number"], each["group"]["id"], each["group"]["mode"]) for each in told]

    first = (BLOCKED, 1, "enforce")
    assert sorted(found("9812300001")) == sorted(
        [("+9198*", 2, "monitor"), first, (BLOCKED, 2, "monitor")]
    )
    assert found("9812399999") == [("+9198*", 2, "monitor")]
    assert found("anonymous") == [("withheld", 1, "enforce")]
    clock.now += timedelta(days=1)
    assert found("9812300001") == [first]
    assert house.admin.refused("GET", "/v1/blocked-numbers?number=%2B9198*")[0] == 422
