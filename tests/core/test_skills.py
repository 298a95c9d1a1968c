"""Adding, listing and removing skills."""

import pytest

from ringfence.core.phone_numbers import create_phone_number
from ringfence.core.skills import add_skill, list_skills, remove_skill
from ringfence.errors import InvalidInput, SkillExists, SkillInUse, SkillNotFound
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import PhoneNumberDraft
from ringfence.store import Store
from tests.core.people import ORIGIN, new_account


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with the skill that every account has."""
    return new_account(store)


def counts(store: Store, account: Account) -> dict[str, int]:
    """Return how many phone numbers have each skill of the account."""
    return {skill.name: skill.phone_numbers for skill in list_skills(store, account)}


def test_skills_are_listed_with_how_many_have_them(store: Store, alice: Account) -> None:
    """A skill that nothing has is listed too."""
    add_skill(store, alice, "Sales", ORIGIN)
    for n in range(3):
        draft = PhoneNumberDraft(f"desk{n}", f"981234567{n}", ("sales",))
        create_phone_number(store, alice, draft, ORIGIN)
    assert counts(store, alice) == {"General": 0, "Sales": 3}


@pytest.mark.parametrize("name", ["General", "GENERAL", " general "])
def test_a_skill_is_added_once(store: Store, alice: Account, name: str) -> None:
    """Letter case and outer blanks aside."""
    with pytest.raises(SkillExists):
        add_skill(store, alice, name, ORIGIN)


@pytest.mark.parametrize("name", ["", " ", "a,b", "a" * 51, "a\nb"])
def test_a_name_that_the_wire_cannot_say_is_refused(
    store: Store, alice: Account, name: str
) -> None:
    """Skills are comma-joined there."""
    with pytest.raises(InvalidInput):
        add_skill(store, alice, name, ORIGIN)
    assert counts(store, alice) == {"General": 0}


def test_a_removed_skill_leaves_its_phone_numbers(store: Store, alice: Account) -> None:
    """They stay, without it; added anew, it starts with none."""
    draft = PhoneNumberDraft("desk", "9812345678", ("General",))
    create_phone_number(store, alice, draft, ORIGIN)
    remove_skill(store, alice, "general", ORIGIN)
    assert counts(store, alice) == {}
    add_skill(store, alice, "General", ORIGIN)
    assert counts(store, alice) == {"General": 0}


def test_a_skill_of_another_account_cannot_be_removed(store: Store, alice: Account) -> None:
    """Bob has no such skill, and Alice keeps hers."""
    bob = new_account(store)
    add_skill(store, alice, "Sales", ORIGIN)
    with pytest.raises(SkillNotFound):
        remove_skill(store, bob, "Sales", ORIGIN)
    assert counts(store, alice) == {"General": 0, "Sales": 0}
    assert counts(store, bob) == {"General": 0}


def scope(store: Store, account: Account, skill_ids: str) -> None:
    """Make a block group for calls of these skills, or give it others."""
    values = (account.account_id, skill_ids)
    store.write(
        lambda tx: tx.run(
            "insert into block_group (account_id, block_group_id, name, name_key, description, "
            "created_at, updated_at, scope_skills) values (?, 1, 'Spam', 'spam', '', 0, 0, ?) "
            "on conflict (account_id, block_group_id) do update "
            "set scope_skills = excluded.scope_skills",
            values,
        )
    )


def test_a_skill_that_a_block_group_is_for_stays(store: Store, alice: Account) -> None:
    """Alone or with others; without it the group would be for more calls than anybody said."""
    add_skill(store, alice, "Sales", ORIGIN)
    for skill_ids in ("[2]", "[1,2]", "[2, 12]"):
        scope(store, alice, skill_ids)
        with pytest.raises(SkillInUse, match="skill Sales") as refused:
            remove_skill(store, alice, "sALES", ORIGIN)
        assert refused.value.facts == {"name": "Sales"}
    assert counts(store, alice) == {"General": 0, "Sales": 0}


@pytest.mark.parametrize("skill_ids", ["[]", "[1]", "[12,22,1]"])
def test_a_skill_that_no_block_group_is_for_goes(
    store: Store, alice: Account, skill_ids: str
) -> None:
    """One of an id that looks alike does not keep it, nor does a group of another account."""
    add_skill(store, alice, "Sales", ORIGIN)
    scope(store, alice, skill_ids)
    scope(store, new_account(store), "[2]")
    remove_skill(store, alice, "Sales", ORIGIN)
    assert counts(store, alice) == {"General": 0}


def test_a_block_group_that_is_gone_keeps_no_skill(store: Store, alice: Account) -> None:
    """Though its rows are there until somebody has swept them away."""
    add_skill(store, alice, "Sales", ORIGIN)
    scope(store, alice, "[2]")
    store.write(lambda tx: tx.run("update block_group set deleted_at = 1"))
    remove_skill(store, alice, "Sales", ORIGIN)
    assert counts(store, alice) == {"General": 0}


def test_skills_are_listed_in_pages(store: Store, alice: Account) -> None:
    """By name, letter case aside, from where the page before ended."""
    for name in ("sales", "Service", "Abroad"):
        add_skill(store, alice, name, ORIGIN)
    listed = [
        [skill.name for skill in list_skills(store, alice, after, 2)]
        for after in ("", "general", "SALES", "Service", "zzz")
    ]
    assert listed == [["Abroad", "General"], ["sales", "Service"], ["Service"], [], []]
