"""Block number groups in the database, without their numbers.

A deleted group is gone for every reader here; its rows are cleared away by `housekeeping`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from ringfence.errors import BlockGroupExists, BlockGroupNotFound
from ringfence.model.block_groups import BlockGroup, Direction, Mode, Scope, group_key
from ringfence.model.sip_answers import SipAnswer
from ringfence.store.accounts import next_id
from ringfence.store.database import Clash, Row, Transaction
from ringfence.store.times import from_ms, to_ms

GROUP_COLUMNS = (
    "block_group.block_group_id, block_group.name, block_group.description, "
    "block_group.mode, block_group.direction, block_group.scope_skills, "
    "block_group.scope_called, block_group.answer_code, block_group.answer_phrase, "
    "block_group.created_at, block_group.updated_at"
)
IS_THERE = "block_group.deleted_at is null"

_NO_SKILLS = "[]"
# Longer than the key of any name: those have 50 characters, of which folding makes three at most.
_KEY_OF_NO_NAME = " " * 200


def insert_block_group(
    tx: Transaction, account_id: int, name: str, description: str, at: datetime
) -> int:
    """Store a group without numbers and return its id. Raises BlockGroupExists."""
    block_group_id = next_id(tx, account_id, "last_block_group_id")
    stamp = to_ms(at)
    try:
        tx.run(
            "insert into block_group (account_id, block_group_id, name, name_key, description, "
            "created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?)",
            (account_id, block_group_id, name, group_key(name), description, stamp, stamp),
        )
    except Clash as clash:
        raise BlockGroupExists(name=name) from clash
    return block_group_id


def select_block_group(tx: Transaction, account_id: int, block_group_id: int) -> BlockGroup:
    """Return a group. Raises BlockGroupNotFound."""
    row = tx.one(
        f"select {GROUP_COLUMNS} from block_group "
        f"where account_id = ? and block_group_id = ? and {IS_THERE}",
        (account_id, block_group_id),
    )
    if row is None:
        raise BlockGroupNotFound
    return read_groups(tx, account_id, [row])[0]


def select_named_group(tx: Transaction, account_id: int, name: str) -> BlockGroup:
    """Return the group of this name, letter case aside. Raises BlockGroupNotFound."""
    row = tx.one(
        f"select {GROUP_COLUMNS} from block_group "
        f"where account_id = ? and name_key = ? and {IS_THERE}",
        (account_id, group_key(name)),
    )
    if row is None:
        raise BlockGroupNotFound
    return read_groups(tx, account_id, [row])[0]


def select_block_group_id(tx: Transaction, account_id: int, name: str) -> int | None:
    """Return the id of the group of this name, or None."""
    row = tx.one(
        f"select block_group_id from block_group where account_id = ? and name_key = ? "
        f"and {IS_THERE}",
        (account_id, group_key(name)),
    )
    return None if row is None else int(row[0])


def select_group_ids(tx: Transaction, account_id: int) -> dict[str, int]:
    """Return the id of each group by the key of its name; see `name_key`."""
    rows = tx.all(
        f"select name_key, block_group_id from block_group where account_id = ? and {IS_THERE}",
        (account_id,),
    )
    return {row[0]: row[1] for row in rows}


def select_block_groups(
    tx: Transaction, account_id: int, after: int, limit: int
) -> list[BlockGroup]:
    """Return up to `limit` groups whose ids come after `after`, by id."""
    rows = tx.all(
        f"select {GROUP_COLUMNS} from block_group "
        f"where account_id = ? and block_group_id > ? and {IS_THERE} "
        "order by block_group_id limit ?",
        (account_id, after, limit),
    )
    return read_groups(tx, account_id, rows)


def select_skill_names(tx: Transaction, account_id: int) -> dict[int, str]:
    """Return the name of each skill of an account, by its id."""
    rows = tx.all("select skill_id, name from skill where account_id = ?", (account_id,))
    return {row[0]: row[1] for row in rows}


def update_block_group(
    tx: Transaction,
    account_id: int,
    group: BlockGroup,
    at: datetime,
    skill_ids: Sequence[int] | None = None,
) -> None:
    """Store what a group is set to. Raises BlockGroupExists.

    `skill_ids` are those of its scope; None leaves them, whatever the names in `group`.
    """
    answer = group.answer
    try:
        tx.run(
            "update block_group set name = ?, name_key = ?, description = ?, mode = ?, "
            "direction = ?, scope_skills = coalesce(?, scope_skills), scope_called = ?, "
            "answer_code = ?, answer_phrase = ?, updated_at = ? "
            "where account_id = ? and block_group_id = ?",
            (
                *(group.name, group_key(group.name), group.description),
                *(group.mode.value, group.direction.value),
                *(None if skill_ids is None else json.dumps(skill_ids),),
                *(json.dumps(group.scope.called),),
                *((None, None) if answer is None else (answer.code, answer.own_phrase)),
                *(to_ms(at), account_id, group.block_group_id),
            ),
        )
    except Clash as clash:
        raise BlockGroupExists(name=group.name) from clash


def delete_block_group(tx: Transaction, account_id: int, block_group_id: int, at: datetime) -> None:
    """Hide a group from every reader and give its name free; its rows stay for now."""
    tx.run(
        "update block_group set deleted_at = ?, name_key = ? "
        "where account_id = ? and block_group_id = ?",
        (to_ms(at), f"{_KEY_OF_NO_NAME}{block_group_id}", account_id, block_group_id),
    )


def read_groups(tx: Transaction, account_id: int, rows: Sequence[Row]) -> list[BlockGroup]:
    """Make groups of rows of GROUP_COLUMNS; skills are looked up where a scope has any."""
    scoped = any(row[5] != _NO_SKILLS for row in rows)
    skill_names = select_skill_names(tx, account_id) if scoped else {}
    return [_read_group(row, skill_names) for row in rows]


def _read_group(row: Row, skill_names: Mapping[int, str]) -> BlockGroup:
    group_id, name, description, mode, direction, skill_ids, called, code, phrase, *times = row
    known = (skill_names.get(skill_id) for skill_id in json.loads(skill_ids))
    scope = Scope(tuple(each for each in known if each is not None), tuple(json.loads(called)))
    return BlockGroup(
        *(group_id, name, description, Mode(mode), Direction(direction), scope),
        None if code is None else SipAnswer(code, phrase),
        *(from_ms(stamp) for stamp in times),
    )
