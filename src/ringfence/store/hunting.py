"""Which skills each phone number has, and its place in their hunts, in the database.

A hunt is read in the order of an index, so every row has the key it stands by: a change of a
record goes through `reorder_hunts`.
"""

from collections.abc import Iterable

from ringfence.store.database import Transaction

# By priority, then by name: two digits keep ten behind nine.
HUNT_KEY = (
    "case when state = 'active' "
    "then case when priority < 10 then '0' else '' end || priority || name_key end"
)


def attach_skills(
    tx: Transaction, account_id: int, phone_number_id: int, skill_ids: Iterable[int]
) -> None:
    """Give a record these skills; one that it has already stays."""
    for skill_id in skill_ids:
        given = tx.run(
            "insert into phone_number_skill (account_id, phone_number_id, skill_id, hunt_key) "
            f"select account_id, phone_number_id, ?, {HUNT_KEY} from phone_number "
            "where account_id = ? and phone_number_id = ? on conflict do nothing",
            (skill_id, account_id, phone_number_id),
        )
        _count(tx, account_id, skill_id, given)


def detach_skills(
    tx: Transaction, account_id: int, phone_number_id: int, skill_ids: Iterable[int]
) -> None:
    """Take these skills from a record; one that it has not does not matter."""
    for skill_id in skill_ids:
        taken = tx.run(
            "delete from phone_number_skill "
            "where account_id = ? and phone_number_id = ? and skill_id = ?",
            (account_id, phone_number_id, skill_id),
        )
        _count(tx, account_id, skill_id, -taken)


def _count(tx: Transaction, account_id: int, skill_id: int, more: int) -> None:
    if more:
        tx.run(
            "update skill set phone_numbers = phone_numbers + ? "
            "where account_id = ? and skill_id = ?",
            (more, account_id, skill_id),
        )


def reorder_hunts(tx: Transaction, account_id: int, phone_number_id: int) -> None:
    """Follow a change of the name, the priority or the state of a record."""
    tx.run(
        f"update phone_number_skill set hunt_key = (select {HUNT_KEY} from phone_number "
        "where phone_number.account_id = phone_number_skill.account_id "
        "and phone_number.phone_number_id = phone_number_skill.phone_number_id) "
        "where account_id = ? and phone_number_id = ?",
        (account_id, phone_number_id),
    )


def select_held(tx: Transaction, account_id: int, phone_number_id: int) -> list[int]:
    """Return the ids of the skills that a record has."""
    rows = tx.all(
        "select skill_id from phone_number_skill where account_id = ? and phone_number_id = ?",
        (account_id, phone_number_id),
    )
    return [skill_id for (skill_id,) in rows]


def select_hunt(
    tx: Transaction, account_id: int, skill_id: int, after: str, limit: int
) -> list[tuple[int, str]]:
    """Return the ids of active numbers that have a skill, by priority, then name.

    With each comes the key it stands by; `after` is that of the last one of the page before.
    """
    rows = tx.all(
        "select phone_number_id, hunt_key from phone_number_skill "
        "where account_id = ? and skill_id = ? and hunt_key > ? order by hunt_key limit ?",
        (account_id, skill_id, after, limit),
    )
    return [(row[0], row[1]) for row in rows]
