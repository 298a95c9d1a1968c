"""Block number groups in the database, and the numbers in each."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ringfence.errors import BlockGroupExists, BlockGroupNotFound
from ringfence.model.block_groups import BlockedNumber, BlockGroup, group_key
from ringfence.model.changes import Origin
from ringfence.model.numbers import E164
from ringfence.store.accounts import next_id
from ringfence.store.database import Clash, Row, Transaction
from ringfence.store.times import from_optional_ms, to_ms, to_optional_ms

_COLUMNS = "block_group.block_group_id, block_group.name, block_group.description"
_LIVE = "(expires_at is null or expires_at > ?)"


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
        f"select {_COLUMNS} from block_group where account_id = ? and block_group_id = ?",
        (account_id, block_group_id),
    )
    if row is None:
        raise BlockGroupNotFound
    return BlockGroup(*row)


def select_named_group(tx: Transaction, account_id: int, name: str) -> BlockGroup:
    """Return the group of this name, letter case aside. Raises BlockGroupNotFound."""
    row = tx.one(
        f"select {_COLUMNS} from block_group where account_id = ? and name_key = ?",
        (account_id, group_key(name)),
    )
    if row is None:
        raise BlockGroupNotFound
    return BlockGroup(*row)


def select_block_group_id(tx: Transaction, account_id: int, name: str) -> int | None:
    """Return the id of the group of this name, or None."""
    row = tx.one(
        "select block_group_id from block_group where account_id = ? and name_key = ?",
        (account_id, group_key(name)),
    )
    return None if row is None else int(row[0])


def update_block_group(tx: Transaction, account_id: int, group: BlockGroup, at: datetime) -> None:
    """Store a group's name and description. Raises BlockGroupExists."""
    try:
        tx.run(
            "update block_group set name = ?, name_key = ?, description = ?, updated_at = ? "
            "where account_id = ? and block_group_id = ?",
            (
                group.name,
                group_key(group.name),
                group.description,
                to_ms(at),
                account_id,
                group.block_group_id,
            ),
        )
    except Clash as clash:
        raise BlockGroupExists(name=group.name) from clash


def insert_batch(tx: Transaction, account_id: int, origin: Origin) -> int:
    """Store who changes blocked numbers and return the id to put beside each."""
    batch_id = next_id(tx, account_id, "last_batch_id")
    tx.run(
        "insert into batch (account_id, batch_id, door, key_id, created_at) values (?, ?, ?, ?, ?)",
        (account_id, batch_id, origin.door, origin.key_id, to_ms(origin.at)),
    )
    return batch_id


def upsert_blocked_numbers(
    tx: Transaction,
    account_id: int,
    block_group_id: int,
    numbers: Iterable[E164],
    expires_at: datetime | None,
    batch_id: int,
) -> None:
    """Put numbers into a group; those there already take the new expiry."""
    until = to_optional_ms(expires_at)
    tx.run_many(
        "insert into blocked_number (account_id, pattern, block_group_id, expires_at, batch_id) "
        "values (?, ?, ?, ?, ?) on conflict (account_id, pattern, block_group_id) "
        "do update set expires_at = excluded.expires_at, batch_id = excluded.batch_id",
        [(account_id, number, block_group_id, until, batch_id) for number in numbers],
    )


def select_holding_groups(
    tx: Transaction, account_id: int, numbers: Sequence[E164], at: datetime
) -> dict[E164, set[int]]:
    """Return the ids of the groups that hold each of `numbers` live at the moment `at`."""
    holding: dict[E164, set[int]] = {number: set() for number in numbers}
    if not numbers:
        return holding
    marks = ", ".join("?" * len(numbers))
    rows = tx.all(
        "select pattern, block_group_id from blocked_number "
        f"where account_id = ? and pattern in ({marks}) and {_LIVE}",
        (account_id, *numbers, to_ms(at)),
    )
    for pattern, block_group_id in rows:
        holding[pattern].add(block_group_id)
    return holding


def delete_blocked_numbers(
    tx: Transaction, account_id: int, block_group_id: int, numbers: Iterable[E164]
) -> None:
    """Take numbers out of a group, expired ones too."""
    tx.run_many(
        "delete from blocked_number where account_id = ? and pattern = ? and block_group_id = ?",
        [(account_id, number, block_group_id) for number in numbers],
    )


def delete_everywhere(tx: Transaction, account_id: int, numbers: Iterable[E164]) -> None:
    """Take numbers out of every group of an account, expired ones too."""
    tx.run_many(
        "delete from blocked_number where account_id = ? and pattern = ?",
        [(account_id, number) for number in numbers],
    )


def select_blocks(
    tx: Transaction, account_id: int, number: E164, at: datetime
) -> list[BlockedNumber]:
    """Return every live entry of a number: the longest-lasting first, then the lowest group."""
    rows = tx.all(
        f"select {_COLUMNS}, blocked_number.expires_at from blocked_number "
        "join block_group using (account_id, block_group_id) "
        f"where account_id = ? and pattern = ? and {_LIVE} "
        "order by expires_at is not null, expires_at desc, block_group_id",
        (account_id, number, to_ms(at)),
    )
    return [_read_blocked_number(number, row) for row in rows]


def _read_blocked_number(number: E164, row: Row) -> BlockedNumber:
    *group, expires_at = row
    return BlockedNumber(BlockGroup(*group), number, from_optional_ms(expires_at))
