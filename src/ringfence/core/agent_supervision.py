"""What supervisors do with agents' blocks: let them last longer or shorter, or undo them."""

from collections.abc import Callable
from datetime import datetime

from ringfence.core.agent_chains import Chain, chain_of, settle
from ringfence.core.agent_stories import is_in, tell_block
from ringfence.core.protection import refuse_protected
from ringfence.errors import AgentBlockReplaced, AgentBlockUndone, InvalidInput
from ringfence.model.accounts import Account
from ringfence.model.agent_blocks import AgentBlock
from ringfence.model.block_groups import expiry_problems
from ringfence.model.changes import Origin
from ringfence.store import Store, Transaction, agent_blocks, blocked_numbers
from ringfence.store.agent_blocks import BlockRow
from ringfence.store.times import to_ms, to_optional_ms


def extend_agent_block(
    store: Store,
    account: Account,
    agent_block_id: int,
    expires_at: datetime | None,
    origin: Origin,
) -> AgentBlock:
    """Let an agent block last until `expires_at`, however long, or for good; return it.

    It may end sooner, too, though the number stays blocked for as long as another block of it, or
    what was there before, lasts. Raises InvalidInput for a moment that has passed,
    AgentBlockNotFound, AgentBlockUndone, AgentBlockReplaced, and NumberProtected where a number
    that is protected by now would be blocked for longer.
    """
    found = tuple(expiry_problems(expires_at, origin.at))

    def extend(tx: Transaction, block: BlockRow, chain: Chain) -> None:
        if found:
            raise InvalidInput(*found)
        if block.undone_at is not None:
            raise AgentBlockUndone
        if not is_in(block, chain):
            raise AgentBlockReplaced
        until = to_optional_ms(expires_at)
        if until != block.expires_at:
            _refuse_longer(tx, account, chain, until, origin.at)
            _last_until(tx, account, chain, block._replace(expires_at=until), origin)

    return _work_on(store, account, agent_block_id, extend, origin)


def undo_agent_block(
    store: Store, account: Account, agent_block_id: int, origin: Origin
) -> AgentBlock:
    """Let the entry be what it would be had the agent not asked for it; return the block.

    Undone again, it stays as it is. Where another agent asked for the same number meanwhile, that
    block takes over; see `agent_chains`. Raises AgentBlockNotFound, and AgentBlockReplaced where
    somebody else changed the entry since.
    """

    def undo(tx: Transaction, block: BlockRow, chain: Chain) -> None:
        if block.undone_at is not None:
            return
        if not is_in(block, chain):
            raise AgentBlockReplaced
        undone = block._replace(undone_at=to_ms(origin.at), undone_by=origin.key_id)
        agent_blocks.update_agent_block(tx, account.account_id, undone)
        others = [each for each in chain if each.agent_block_id != agent_block_id]
        settle(tx, account, chain, others, origin)

    return _work_on(store, account, agent_block_id, undo, origin)


def _work_on(
    store: Store,
    account: Account,
    agent_block_id: int,
    work: Callable[[Transaction, BlockRow, Chain], None],
    origin: Origin,
) -> AgentBlock:
    def write(tx: Transaction) -> AgentBlock:
        tx.lock_account(account.account_id)
        block = agent_blocks.select_agent_block(tx, account.account_id, agent_block_id)
        work(tx, block, chain_of(tx, account, block))
        return tell_block(tx, account, agent_block_id, origin.at)

    return store.write(write)


def _refuse_longer(
    tx: Transaction, account: Account, chain: Chain, until: int | None, at: datetime
) -> None:
    now = chain[-1].left.expires_at
    if now is not None and (until is None or until > now):
        refuse_protected(tx, account, chain[0].pattern, at)


def _last_until(
    tx: Transaction, account: Account, chain: Chain, changed: BlockRow, origin: Origin
) -> None:
    batch_id = blocked_numbers.insert_batch(tx, account.account_id, origin, changed.reason)
    changed = changed._replace(batch_id=batch_id)
    after = [changed if each.agent_block_id == changed.agent_block_id else each for each in chain]
    settle(tx, account, chain, after, origin)
