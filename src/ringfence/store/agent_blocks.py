"""Agent blocks in the database, each with what its entry was before it."""

from collections.abc import Sequence
from typing import NamedTuple

from ringfence.errors import AgentBlockNotFound
from ringfence.store.blocked_numbers import Entry, in_chunks, marks
from ringfence.store.database import Row, Transaction

_COLUMNS = (
    "agent_block_id, block_group_id, pattern, screening_id, reason, key_id, created_at, "
    "expires_at, batch_id, outcome, had_entry, former_expires_at, former_batch_id, "
    "undone_at, undone_by"
)


class Held(NamedTuple):
    """What a group holds of a pattern: until when, in ms, None for good; and by which batch."""

    expires_at: int | None
    batch_id: int

    @classmethod
    def of(cls, entry: Entry | None) -> "Held | None":
        """Return what an entry holds."""
        return None if entry is None else cls(entry.expires_at, entry.batch_id)


class BlockRow(NamedTuple):
    """An agent block as the database has it; moments in ms.

    `former` is what the group would hold without it, and without those after it.
    """

    agent_block_id: int
    block_group_id: int
    pattern: str
    screening_id: int | None
    reason: str
    key_id: int | None
    created_at: int
    expires_at: int | None
    batch_id: int
    outcome: str
    former: Held | None
    undone_at: int | None = None
    undone_by: int | None = None

    @property
    def left(self) -> Held:
        """What the group holds with it, and without those after it: whatever lasts longest."""
        former, until = self.former, self.expires_at
        if former is None:
            return Held(until, self.batch_id)
        if former.expires_at is None or (until is not None and until <= former.expires_at):
            return former
        return Held(until, self.batch_id)


def insert_agent_block(tx: Transaction, account_id: int, block: BlockRow) -> None:
    """Store an agent block."""
    values = (*block[:10], *_former(block), block.undone_at, block.undone_by)
    tx.run(
        f"insert into agent_block (account_id, {_COLUMNS}) values (?, {marks(values)})",
        (account_id, *values),
    )


def select_agent_block(tx: Transaction, account_id: int, agent_block_id: int) -> BlockRow:
    """Return an agent block. Raises AgentBlockNotFound."""
    row = tx.one(
        f"select {_COLUMNS} from agent_block where account_id = ? and agent_block_id = ?",
        (account_id, agent_block_id),
    )
    if row is None:
        raise AgentBlockNotFound
    return _read(row)


def select_agent_blocks(
    tx: Transaction, account_id: int, pattern: str | None, before: int, limit: int
) -> list[BlockRow]:
    """Return up to `limit` agent blocks with ids below `before`, of one pattern or of all.

    The newest first.
    """
    own, values = ("", ()) if pattern is None else ("and pattern = ?", (pattern,))
    rows = tx.all(
        f"select {_COLUMNS} from agent_block where account_id = ? {own} and agent_block_id < ? "
        "order by agent_block_id desc limit ?",
        (account_id, *values, before, limit),
    )
    return [_read(row) for row in rows]


def select_standing_blocks(
    tx: Transaction, account_id: int, patterns: Sequence[str]
) -> list[BlockRow]:
    """Return every agent block of these patterns that was not undone, by id."""
    rows: list[Row] = []
    for some in in_chunks(patterns):
        rows += tx.all(
            f"select {_COLUMNS} from agent_block where account_id = ? "
            f"and pattern in ({marks(some)}) and undone_at is null",
            (account_id, *some),
        )
    return sorted(_read(row) for row in rows)


def update_agent_block(tx: Transaction, account_id: int, block: BlockRow) -> None:
    """Store what became of an agent block."""
    tx.run(
        "update agent_block set expires_at = ?, batch_id = ?, had_entry = ?, "
        "former_expires_at = ?, former_batch_id = ?, undone_at = ?, undone_by = ? "
        "where account_id = ? and agent_block_id = ?",
        (
            *(block.expires_at, block.batch_id, *_former(block)),
            *(block.undone_at, block.undone_by),
            *(account_id, block.agent_block_id),
        ),
    )


def select_key_labels(tx: Transaction, account_id: int, key_ids: Sequence[int]) -> dict[int, str]:
    """Return what keys are called by their ids: their labels, or their first characters."""
    rows: list[Row] = []
    for some in in_chunks(key_ids):
        rows += tx.all(
            "select key_id, label, prefix from api_key where account_id = ? "
            f"and key_id in ({marks(some)})",
            (account_id, *some),
        )
    return {row[0]: row[1] or row[2] for row in rows}


def select_group_names(
    tx: Transaction, account_id: int, group_ids: Sequence[int]
) -> dict[int, str]:
    """Return the names of groups that are there, by their ids."""
    rows: list[Row] = []
    for some in in_chunks(group_ids):
        rows += tx.all(
            "select block_group_id, name from block_group where account_id = ? "
            f"and block_group_id in ({marks(some)}) and deleted_at is null",
            (account_id, *some),
        )
    return {row[0]: row[1] for row in rows}


def _former(block: BlockRow) -> tuple[int, int | None, int | None]:
    return (0, None, None) if block.former is None else (1, *block.former)


def _read(row: Row) -> BlockRow:
    *known, had_entry, expires_at, batch_id, undone_at, undone_by = row
    former = Held(expires_at, batch_id) if had_entry else None
    return BlockRow._make((*known, former, undone_at, undone_by))
