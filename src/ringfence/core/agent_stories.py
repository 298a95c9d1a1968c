"""Agent blocks as they are told: by whom, in which group, and what became of each."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ringfence.core.agent_chains import Chain, chains_of
from ringfence.model.accounts import Account
from ringfence.model.agent_blocks import AgentBlock, BlockState, KeyName
from ringfence.model.blocked_numbers import Outcome
from ringfence.model.calls import GroupName
from ringfence.store import Transaction, agent_blocks
from ringfence.store.agent_blocks import BlockRow
from ringfence.store.times import from_ms, from_optional_ms, to_ms


def tell_blocks(
    tx: Transaction, account: Account, rows: Sequence[BlockRow], at: datetime
) -> list[AgentBlock]:
    """Return agent blocks as they are at the moment `at`, in the order of `rows`."""
    account_id = account.account_id
    chains = chains_of(tx, account, rows)
    groups = sorted({row.block_group_id for row in rows})
    names = agent_blocks.select_group_names(tx, account_id, groups)
    keys = {key_id for row in rows for key_id in (row.key_id, row.undone_by) if key_id is not None}
    labels = agent_blocks.select_key_labels(tx, account_id, sorted(keys))

    def key_name(key_id: int | None) -> KeyName:
        return KeyName(key_id, None if key_id is None else labels.get(key_id))

    return [
        AgentBlock(
            agent_block_id=row.agent_block_id,
            pattern=row.pattern,
            group=GroupName(row.block_group_id, names.get(row.block_group_id, "")),
            screening_id=row.screening_id,
            reason=row.reason,
            added_by=key_name(row.key_id),
            created_at=from_ms(row.created_at),
            expires_at=from_optional_ms(row.left.expires_at),
            state=_state(row, chains[row.block_group_id, row.pattern], at),
            outcome=Outcome(row.outcome),
            undone_at=from_optional_ms(row.undone_at),
            undone_by=None if row.undone_at is None else key_name(row.undone_by),
        )
        for row in rows
    ]


def tell_block(tx: Transaction, account: Account, block_id: int, at: datetime) -> AgentBlock:
    """Return one agent block. Raises AgentBlockNotFound."""
    row = agent_blocks.select_agent_block(tx, account.account_id, block_id)
    return tell_blocks(tx, account, [row], at)[0]


def _state(row: BlockRow, chain: Chain, at: datetime) -> BlockState:
    if row.undone_at is not None:
        return BlockState.UNDONE
    if not is_in(row, chain):
        return BlockState.REPLACED
    until = row.left.expires_at
    return BlockState.LIVE if until is None or until > to_ms(at) else BlockState.EXPIRED


def is_in(row: BlockRow, chain: Iterable[BlockRow]) -> bool:
    """Whether a block is one of a chain."""
    return any(each.agent_block_id == row.agent_block_id for each in chain)
