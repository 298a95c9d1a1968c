"""/v1/phone-numbers and /v1/hunt, from end to end."""

from typing import Any

import pytest

from ringfence.core.accounts import set_account
from ringfence.model.accounts import AccountChange
from ringfence.model.changes import Origin
from tests.api.house import OWN_NUMBER, SKILL, House
from tests.store.contents import contents

PHONES = "/v1/phone-numbers"


def names(house: House, query: str) -> list[str]:
    """Return the names that a search finds, in order."""
    return [each["name"] for each in house.admin.get(f"{PHONES}?{query}")["items"]]


def hunted(house: House, skill: str = SKILL) -> list[str]:
    """Return who is to ring for a skill, in order."""
    return [each["name"] for each in house.admin.get(f"/v1/hunt?skill={skill}")["items"]]


@pytest.fixture
def staffed(house: House) -> House:
    """Return a house with some phones more."""
    for name, number, fields in (
        ("sales.main", "+1 415 555 0100", {"skills": ["sales"], "priority": 2}),
        ("Sales.Night", "080-4123-0044", {"skills": ["SALES", "Unused"], "priority": 2}),
        ("Off.Desk", "1234", {"skills": ["Sales"], "state": "off"}),
    ):
        house.admin.post(PHONES, name=name, number=number, **fields)
    return house


def test_what_is_made_is_read(house: House) -> None:
    """Its name and number as they were sent, its canonical form beside them."""
    fields: dict[str, Any] = {"name": "New.Desk", "number": "080 4123 0009"}
    made = house.admin.post(PHONES, **fields, priority=20, state="off", skills=["unused", "Sales"])
    assert made == house.admin.get(f"{PHONES}/{made['id']}")
    assert (made["name"], made["canonical"]) == ("New.Desk", "+918041230009")
    assert (made["priority"], made["state"]) == (20, "off")
    assert sorted(made["skills"]) == ["Sales", "Unused"]
    assert made["created_at"] == made["updated_at"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "desk1", "number": "+918041230009"},
        {"name": "Desk9", "number": "080 4123 0001"},
        {"name": "DESK1", "number": OWN_NUMBER},
    ],
)
def test_name_and_number_are_unique(house: House, fields: dict[str, str]) -> None:
    """The name in any letter case, the number in any spelling; on an edit, too."""
    before = contents(house.store)
    assert house.admin.refused("POST", PHONES, fields) == (409, "phone_number_exists")
    assert house.admin.refused("PATCH", f"{PHONES}/2", fields) == (409, "phone_number_exists")
    assert contents(house.store) == before


def test_an_account_has_a_limit(house: House) -> None:
    """One more is refused; an edit is not."""
    origin = Origin("test", None, house.clock.now)
    set_account(house.store, "alice", AccountChange(phone_number_limit=2), origin)
    fields = {"name": "Desk9", "number": "+918041230009"}
    assert house.admin.refused("POST", PHONES, fields) == (409, "phone_number_limit_reached")
    house.admin.patch(f"{PHONES}/2", **fields)
    house.admin.delete(f"{PHONES}/1")
    house.admin.post(PHONES, name="Desk1", number=OWN_NUMBER)


def test_an_edit_changes_what_it_names(house: House) -> None:
    """The rest stays; null is as good as not there; skills are replaced as a whole."""
    before = house.admin.get(f"{PHONES}/1")
    after = house.admin.patch(f"{PHONES}/1", priority=5, name=None, skills=["Unused", "General"])
    assert after == {**before, "priority": 5, "skills": after["skills"]}
    assert sorted(after["skills"]) == ["General", "Unused"]
    assert house.admin.patch(f"{PHONES}/1", skills=[])["skills"] == []
    assert house.admin.patch(f"{PHONES}/1", number="12345")["canonical"] == "12345"
    told = house.admin.refused("PATCH", f"{PHONES}/1", {"skills": ["nope"], "priority": 6})
    assert told == (422, "invalid_input")
    assert house.admin.get(f"{PHONES}/1")["priority"] == 5


def test_what_is_deleted_is_gone(house: House) -> None:
    """Its id does not come back."""
    house.admin.delete(f"{PHONES}/2")
    for method, body in (("GET", None), ("PATCH", {"priority": 2}), ("DELETE", None)):
        refusal = house.admin.refused(method, f"{PHONES}/2", body)
        assert refusal == (404, "phone_number_not_found")
    assert house.admin.post(PHONES, name="Desk2", number="+918041230002")["id"] == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("number=%2B9180", ["Desk1", "Desk2", "Sales.Night"]),
        ("number=080-4123-00", ["Desk1", "Desk2", "Sales.Night"]),
        ("number=0804123004", ["Sales.Night"]),
        ("number=%2B1415", ["sales.main"]),
        ("number=12", ["Off.Desk"]),
        ("number=99999", []),
        ("last=0044", ["Sales.Night"]),
        ("last=41230002", ["Desk2"]),
        ("last=5550100", ["sales.main"]),
        ("last=1234", ["Off.Desk"]),
        ("name=SALES", ["sales.main", "Sales.Night"]),
        ("name=desk", ["Desk1", "Desk2"]),
        ("name=esk", []),
        ("skill=sales", ["Desk1", "sales.main", "Sales.Night", "Off.Desk"]),
        ("skill=sales&state=active", ["Desk1", "sales.main", "Sales.Night"]),
        ("skill=sales&state=off&name=off", ["Off.Desk"]),
        ("skill=nope", []),
        ("state=off", ["Off.Desk"]),
        ("name=%25", []),
        ("name=_", []),
    ],
)
def test_a_search_finds(staffed: House, query: str, expected: list[str]) -> None:
    """By leading digits, last digits or the start of the name, by skill and by state."""
    found = names(staffed, query)
    assert sorted(found, key=str.lower) == sorted(expected, key=str.lower)


@pytest.mark.parametrize(
    "query", ["last=123", "last=12a4", "name=", "number=", "number=1&last=1234"]
)
def test_a_search_has_rules(house: House, query: str) -> None:
    """Four last digits at the least, and one kind of search at a time."""
    assert house.admin.refused("GET", f"{PHONES}?{query}") == (422, "invalid_input")


def test_a_hunt_is_by_priority_then_name(staffed: House) -> None:
    """Phones that are off do not ring; the skill is in any letter case."""
    assert hunted(staffed) == hunted(staffed, "sALES") == ["Desk1", "sales.main", "Sales.Night"]
    staffed.admin.patch(f"{PHONES}/1", priority=9)
    staffed.admin.patch(f"{PHONES}/5", state="active")
    assert hunted(staffed) == ["Off.Desk", "sales.main", "Sales.Night", "Desk1"]
    staffed.admin.patch(f"{PHONES}/3", name="zales")
    assert hunted(staffed) == ["Off.Desk", "Sales.Night", "zales", "Desk1"]
    staffed.admin.delete(f"{PHONES}/4")
    assert hunted(staffed) == ["Off.Desk", "zales", "Desk1"]
    assert hunted(staffed, "Unused") == []
    assert staffed.admin.refused("GET", "/v1/hunt?skill=nope") == (404, "skill_not_found")
