"""Hunting: which phone numbers ring for a skill, and in which order."""

import pytest

from ringfence.core.hunting import hunt
from ringfence.core.phone_inventory import change_phone_number, remove_phone_number
from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
)
from ringfence.core.skills import add_skill, remove_skill
from ringfence.errors import SkillNotFound
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import (
    PhoneNumberChange,
    PhoneNumberDraft,
    PhoneNumberEdit,
    PhoneNumberRef,
    State,
)
from ringfence.store import Store
from tests.core.people import ORIGIN, new_account
from tests.core.phones import add

DESK = PhoneNumberRef("desk", "9812345670")


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with a skill of its own."""
    return new_account(store, skills=("Sales", "Service"))


@pytest.fixture
def three(store: Store, alice: Account) -> None:
    """Give Alice three numbers for sales, all of one priority."""
    for at, name in enumerate(("desk", "Bench", "chair")):
        add(store, alice, name, f"981234567{at}", "Sales", priority=5)


def hunted(store: Store, account: Account, skill: str = "Sales", limit: int = 100) -> list[str]:
    """Return the names of the numbers that ring for a skill, page by page."""
    names: list[str] = []
    after: str | None = None
    while True:
        page = hunt(store, account, skill, after, limit)
        names += [each.name for each in page.items]
        assert len(page.items) <= limit
        if page.next is None:
            return names
        after = str(page.next[0])


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_a_lower_priority_rings_first_then_the_name(
    store: Store, alice: Account, limit: int
) -> None:
    """Ten comes after nine; what is off, or has another skill, does not ring."""
    rows = [("zoe", 1), ("Amy", 10), ("ben", 9), ("Cat", 2), ("amz", 10), ("dan", 20), ("+al", 2)]
    for at, (name, priority) in enumerate(rows):
        add(store, alice, name, f"98123456{at:02}", "Sales", "General", priority=priority)
    add(store, alice, "off", "9812345690", "Sales", state=State.OFF)
    add(store, alice, "other", "9812345691", "Service")
    expected = ["zoe", "+al", "Cat", "ben", "Amy", "amz", "dan"]
    assert hunted(store, alice, " sALES", limit) == expected
    assert hunted(store, alice, "Service", limit) == ["other"]


@pytest.mark.usefixtures("three")
def test_a_hunt_follows_every_change(store: Store, alice: Account) -> None:
    """Of the name, the priority, the state and the skills, one after the other."""
    steps = [
        (PhoneNumberEdit(), ["Bench", "chair", "desk"]),
        (PhoneNumberEdit(priority=4), ["desk", "Bench", "chair"]),
        (PhoneNumberEdit(priority=10), ["Bench", "chair", "desk"]),
        (PhoneNumberEdit(priority=5, name="Abc"), ["Abc", "Bench", "chair"]),
        (PhoneNumberEdit(state=State.OFF), ["Bench", "chair"]),
        (PhoneNumberEdit(name="car"), ["Bench", "chair"]),
        (PhoneNumberEdit(state=State.ACTIVE), ["Bench", "car", "chair"]),
        (PhoneNumberEdit(skills=("Service",)), ["Bench", "chair"]),
        (PhoneNumberEdit(skills=("Sales", "Service"), priority=1), ["car", "Bench", "chair"]),
    ]
    for edit, expected in steps:
        if edit != PhoneNumberEdit():
            change_phone_number(store, alice, 1, edit, ORIGIN)
        assert hunted(store, alice) == expected
    remove_phone_number(store, alice, 1, ORIGIN)
    assert hunted(store, alice) == ["Bench", "chair"]


@pytest.mark.usefixtures("three")
def test_a_hunt_follows_the_verbs_of_the_wire(store: Store, alice: Account) -> None:
    """They know no priority and no state, and keep both."""
    change_phone_number(store, alice, 1, PhoneNumberEdit(priority=6), ORIGIN)
    edit_phone_number(store, alice, DESK, PhoneNumberChange(name="a1"), ORIGIN)
    assert hunted(store, alice) == ["Bench", "chair", "a1"]
    desk = PhoneNumberRef("a1", DESK.number)
    edit_phone_number(store, alice, desk, PhoneNumberChange(unassign_skills=("sales",)), ORIGIN)
    assert hunted(store, alice) == ["Bench", "chair"]
    create_phone_number(store, alice, PhoneNumberDraft("zoe", "12345", ("sales",)), ORIGIN)
    assert hunted(store, alice) == ["zoe", "Bench", "chair"]
    change_phone_number(store, alice, 1, PhoneNumberEdit(state=State.OFF), ORIGIN)
    edit_phone_number(store, alice, desk, PhoneNumberChange(assign_skills=("Sales",)), ORIGIN)
    assert hunted(store, alice) == ["zoe", "Bench", "chair"]
    delete_phone_number(store, alice, PhoneNumberRef("zoe", "12345"), ORIGIN)
    assert hunted(store, alice) == ["Bench", "chair"]


@pytest.mark.usefixtures("three")
def test_a_skill_added_anew_rings_nobody(store: Store, alice: Account) -> None:
    """Its numbers lost it when it was removed."""
    remove_skill(store, alice, "Sales", ORIGIN)
    with pytest.raises(SkillNotFound):
        hunt(store, alice, "Sales", None, 10)
    add_skill(store, alice, "Sales", ORIGIN)
    assert hunted(store, alice) == []


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("skill", ["Nope", "", "Sal", "Sales\0", "%"])
def test_a_skill_that_is_not_there_is_told(store: Store, alice: Account, skill: str) -> None:
    """It may have been misspelt; an empty list would hide that."""
    with pytest.raises(SkillNotFound):
        hunt(store, alice, skill, None, 10)


@pytest.mark.usefixtures("three")
def test_a_hunt_is_one_accounts_own(store: Store, alice: Account) -> None:
    """Bob's skill of that name has nobody, and his numbers do not ring for Alice."""
    bob = new_account(store, skills=("Sales",))
    assert hunted(store, bob) == []
    add(store, bob, "bobs", "9812345670", "Sales")
    assert hunted(store, bob) == ["bobs"]
    assert hunted(store, alice) == ["Bench", "chair", "desk"]
