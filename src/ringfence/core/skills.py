"""Adding, listing and removing the skills of an account."""

from ringfence.model.accounts import Account
from ringfence.model.skills import Skill, check_skill_name
from ringfence.store import Store, skills


def add_skill(store: Store, account: Account, name: str) -> None:
    """Add a skill. Raises InvalidInput, SkillExists."""
    check_skill_name(name)
    store.write(lambda tx: skills.insert_skill(tx, account, name.strip()))


def list_skills(store: Store, account: Account) -> list[Skill]:
    """Return the account's skills by name, each with how many phone numbers have it."""
    return store.read(lambda tx: skills.select_skills(tx, account.account_id))


def remove_skill(store: Store, account: Account, name: str) -> None:
    """Remove a skill, also from every phone number that has it. Raises SkillNotFound."""
    store.write(lambda tx: skills.delete_skill(tx, account, name))
