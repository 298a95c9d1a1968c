"""Hunting: which phone numbers ring for a skill, and in which order."""

from ringfence.model.accounts import Account
from ringfence.model.pages import Page
from ringfence.model.phone_numbers import PhoneNumber
from ringfence.store import Store, Transaction, hunting, phone_numbers, skills


def hunt(
    store: Store, account: Account, skill: str, after: str | None, limit: int
) -> Page[PhoneNumber]:
    """Return a page of the active numbers of a skill, by priority, then by name.

    Raises SkillNotFound.
    """

    def select(tx: Transaction) -> Page[PhoneNumber]:
        skill_id = skills.select_skill(tx, account, skill).skill_id
        rows = hunting.select_hunt(tx, account.account_id, skill_id, after or "", limit + 1)
        ids = [phone_number_id for phone_number_id, _ in rows[:limit]]
        found = phone_numbers.select_phone_numbers(tx, account.account_id, ids)
        return Page(tuple(found), (rows[limit - 1][1],) if len(rows) > limit else None)

    return store.read(select)
