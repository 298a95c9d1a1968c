"""Skills in the database."""

import json
from collections.abc import Sequence

from ringfence.errors import SkillExists, SkillNotFound
from ringfence.model.accounts import Account
from ringfence.model.skills import Skill, skill_key
from ringfence.store.accounts import next_id
from ringfence.store.database import Clash, Transaction

ALL = 2**31 - 1
_COLUMNS = "skill_id, name, phone_numbers"


def insert_skill(tx: Transaction, account: Account, name: str) -> Skill:
    """Store a skill and return it. Raises SkillExists."""
    skill_id = next_id(tx, account.account_id, "last_skill_id")
    try:
        tx.run(
            "insert into skill (account_id, skill_id, name, name_key) values (?, ?, ?, ?)",
            (account.account_id, skill_id, name, skill_key(name)),
        )
    except Clash as clash:
        raise SkillExists(user_name=account.user_name, name=name) from clash
    return Skill(skill_id, name, 0)


def select_skills(
    tx: Transaction, account_id: int, after: str = "", limit: int = ALL
) -> list[Skill]:
    """Return up to `limit` skills whose names come after `after`, letter case aside, by name."""
    rows = tx.all(
        f"select {_COLUMNS} from skill where account_id = ? and name_key > ? "
        "order by name_key limit ?",
        (account_id, skill_key(after), limit),
    )
    return [Skill(*row) for row in rows]


def select_skill(tx: Transaction, account: Account, name: str) -> Skill:
    """Return the skill of this name, letter case and outer blanks aside. Raises SkillNotFound."""
    row = None
    if "\0" not in name:  # PostgreSQL refuses even to look for it
        row = tx.one(
            f"select {_COLUMNS} from skill where account_id = ? and name_key = ?",
            (account.account_id, skill_key(name)),
        )
    if row is None:
        raise SkillNotFound(user_name=account.user_name, name=name)
    return Skill(*row)


def select_skill_ids(tx: Transaction, account_id: int, names: Sequence[str]) -> list[int] | None:
    """Return the ids of the skills named, or None if any is not the account's.

    The account's few skills are read, not the many names that a caller may send looked up.
    """
    ids = select_ids(tx, account_id)
    keys = sorted({skill_key(name) for name in names})
    return [ids[key] for key in keys] if ids.keys() >= set(keys) else None


def select_ids(tx: Transaction, account_id: int) -> dict[str, int]:
    """Return the ids of the account's skills, by what makes two spellings of a name one."""
    rows = tx.all("select name_key, skill_id from skill where account_id = ?", (account_id,))
    return dict(rows)


def is_in_scope(tx: Transaction, account_id: int, skill_id: int) -> bool:
    """Whether a block group is for calls of this skill."""
    rows = tx.all(
        "select scope_skills from block_group "
        "where account_id = ? and scope_skills <> '[]' and deleted_at is null",
        (account_id,),
    )
    return any(skill_id in json.loads(scope) for (scope,) in rows)


def delete_skill(tx: Transaction, account_id: int, skill_id: int) -> None:
    """Remove a skill from the account and from every phone number."""
    values = (account_id, skill_id)
    tx.run("delete from phone_number_skill where account_id = ? and skill_id = ?", values)
    tx.run("delete from skill where account_id = ? and skill_id = ?", values)
