"""Skills in the database."""

from collections.abc import Sequence

from ringfence.errors import SkillExists, SkillNotFound
from ringfence.model.accounts import Account
from ringfence.model.skills import Skill, skill_key
from ringfence.store.accounts import next_id
from ringfence.store.database import Clash, Transaction


def insert_skill(tx: Transaction, account: Account, name: str) -> None:
    """Store a skill. Raises SkillExists."""
    skill_id = next_id(tx, account.account_id, "last_skill_id")
    try:
        tx.run(
            "insert into skill (account_id, skill_id, name, name_key) values (?, ?, ?, ?)",
            (account.account_id, skill_id, name, skill_key(name)),
        )
    except Clash as clash:
        raise SkillExists(user_name=account.user_name, name=name) from clash


def select_skills(tx: Transaction, account_id: int) -> list[Skill]:
    """Return the skills of an account by name, each with how many phone numbers have it."""
    rows = tx.all(
        "select skill.skill_id, skill.name, count(phone_number_skill.phone_number_id) "
        "from skill left join phone_number_skill "
        "on phone_number_skill.account_id = skill.account_id "
        "and phone_number_skill.skill_id = skill.skill_id "
        "where skill.account_id = ? group by skill.skill_id, skill.name order by skill.name",
        (account_id,),
    )
    return [Skill(*row) for row in rows]


def select_skill_ids(tx: Transaction, account_id: int, names: Sequence[str]) -> list[int] | None:
    """Return the ids of the skills named, or None if any is not the account's.

    The account's few skills are read, not the many names that a caller may send looked up.
    """
    rows = tx.all("select name_key, skill_id from skill where account_id = ?", (account_id,))
    ids: dict[str, int] = dict(rows)
    keys = sorted({skill_key(name) for name in names})
    return [ids[key] for key in keys] if ids.keys() >= set(keys) else None


def delete_skill(tx: Transaction, account: Account, name: str) -> None:
    """Remove a skill from the account and from every phone number. Raises SkillNotFound."""
    tx.lock_account(account.account_id)
    found = select_skill_ids(tx, account.account_id, [name])
    if not found:
        raise SkillNotFound(user_name=account.user_name, name=name)
    values = (account.account_id, found[0])
    tx.run("delete from phone_number_skill where account_id = ? and skill_id = ?", values)
    tx.run("delete from skill where account_id = ? and skill_id = ?", values)
