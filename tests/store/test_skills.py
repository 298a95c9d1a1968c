"""Skills in the database."""

import pytest

from ringfence.errors import SkillExists, SkillNotFound
from ringfence.model.accounts import Account
from ringfence.model.skills import Skill
from ringfence.store import Store, phone_numbers, skills
from tests.store.people import furnish


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with one skill, which its one phone number has."""
    return furnish(store, "alice")


def add(store: Store, account: Account, name: str) -> None:
    """Store a skill."""
    store.write(lambda tx: skills.insert_skill(tx, account, name))


def listed(store: Store, account: Account) -> list[Skill]:
    """Return the account's skills."""
    return store.read(lambda tx: skills.select_skills(tx, account.account_id))


@pytest.mark.parametrize("name", ["skill of alice", "SKILL OF ALICE", " Skill of Alice "])
def test_a_skill_is_there_once(store: Store, alice: Account, name: str) -> None:
    """Letter case and outer blanks aside."""
    with pytest.raises(SkillExists):
        add(store, alice, name)
    assert listed(store, alice) == [Skill(1, "skill of alice", 1)]


def test_all_skills_named_are_found_or_none(store: Store, alice: Account) -> None:
    """One that is not there spoils the rest; naming one twice does not."""
    add(store, alice, "Sales")

    def ids(*names: str) -> list[int] | None:
        return store.read(lambda tx: skills.select_skill_ids(tx, alice.account_id, names))

    assert sorted(ids("sales", " SKILL of alice") or []) == [1, 2]
    assert ids("Sales", "sales ") == [2]
    assert ids("Sales", "Nope") is ids("") is None
    assert ids() == []


def test_a_deleted_skill_leaves_its_phone_numbers(store: Store, alice: Account) -> None:
    """They stay, without it, and its id is not used again."""
    store.write(lambda tx: skills.delete_skill(tx, alice.account_id, 1))
    assert listed(store, alice) == []
    assert len(store.read(lambda tx: phone_numbers.select_numbers(tx, alice.account_id))) == 1
    add(store, alice, "skill of alice")
    assert listed(store, alice) == [Skill(2, "skill of alice", 0)]


@pytest.mark.parametrize("name", ["nope", "", "%", "skill of alice\0", "\0"])
def test_a_skill_that_is_not_there_is_not_found(store: Store, alice: Account, name: str) -> None:
    """The error names it."""
    with pytest.raises(SkillNotFound) as raised:
        store.read(lambda tx: skills.select_skill(tx, alice, name))
    assert raised.value.facts == {"user_name": "alice", "name": name}
