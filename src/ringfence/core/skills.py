"""Adding, listing and removing the skills of an account."""

from ringfence.errors import SkillInUse
from ringfence.model.accounts import Account
from ringfence.model.changes import Action, Change, Origin
from ringfence.model.skills import Skill, check_skill_name
from ringfence.store import Store, Transaction, changes, skills


def add_skill(store: Store, account: Account, name: str, origin: Origin) -> Skill:
    """Add a skill and return it. Raises InvalidInput, SkillExists."""
    check_skill_name(name)

    def add(tx: Transaction) -> Skill:
        tx.lock_account(account.account_id)
        made = skills.insert_skill(tx, account, name.strip())
        told = Change(Action.SKILL_CREATED, str(made.skill_id), None, {"name": made.name})
        changes.insert_change(tx, account.account_id, told, origin)
        return made

    return store.write(add)


def list_skills(
    store: Store, account: Account, after: str = "", limit: int = skills.ALL
) -> list[Skill]:
    """Return up to `limit` skills by name, each with how many phone numbers have it.

    `after` is the name of the last one of the page before.
    """
    return store.read(lambda tx: skills.select_skills(tx, account.account_id, after, limit))


def remove_skill(store: Store, account: Account, name: str, origin: Origin) -> None:
    """Remove a skill, also from every phone number that has it.

    Raises SkillNotFound, and SkillInUse where a block group is for this skill alone or with
    others: without it, the group would be for more calls than anybody said.
    """

    def remove(tx: Transaction) -> None:
        tx.lock_account(account.account_id)
        skill = skills.select_skill(tx, account, name)
        if skills.is_in_scope(tx, account.account_id, skill.skill_id):
            raise SkillInUse(name=skill.name)
        skills.delete_skill(tx, account.account_id, skill.skill_id)
        told = Change(Action.SKILL_DELETED, str(skill.skill_id), {"name": skill.name})
        changes.insert_change(tx, account.account_id, told, origin)

    store.write(remove)
