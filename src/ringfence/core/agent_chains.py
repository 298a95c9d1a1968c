"""Agent blocks of one number, one upon the other: what is left when one of them is taken out.

Each block asks for a number to be blocked until some moment, on top of whatever blocked it before.
What blocks it is the one that asked for the longest, or what was there before all of them where
that lasts longer. So taking one out, in whatever order, leaves what there would be had nobody asked
for it: a block that came later, and found the number blocked for longer already, takes over.

Blocks are linked: the `former` of each is what the one before it `left`, and what the last one left
is the entry. Where somebody else has changed or removed the entry, it is not, and then none of them
says any more how long the number is blocked; unless what they did is taken back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ringfence.core.group_entries import give_back_entry, take_entries
from ringfence.core.imports.blocked_chunks import held_before
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.store import Transaction, agent_blocks, blocked_numbers
from ringfence.store.agent_blocks import BlockRow, Held
from ringfence.store.blocked_numbers import Entry

Chain = Sequence[BlockRow]


def chain_of(tx: Transaction, account: Account, block: BlockRow) -> Chain:
    """Return the blocks that are linked to what now blocks the number of `block`, oldest first."""
    return chains_of(tx, account, [block])[block.block_group_id, block.pattern]


def chains_of(
    tx: Transaction, account: Account, blocks: Iterable[BlockRow]
) -> Mapping[tuple[int, str], Chain]:
    """Return the chain at each place of `blocks`, by group and pattern."""
    patterns = sorted({block.pattern for block in blocks})
    entries = {
        (entry.block_group_id, entry.pattern): entry
        for entry in blocked_numbers.select_entries(tx, account.account_id, patterns)
    }
    standing: defaultdict[tuple[int, str], list[BlockRow]] = defaultdict(list)
    for block in agent_blocks.select_standing_blocks(tx, account.account_id, patterns):
        standing[block.block_group_id, block.pattern].append(block)
    return defaultdict(
        list, {place: linked(rows, entries.get(place)) for place, rows in standing.items()}
    )


def linked(standing: Chain, entry: Entry | None) -> Chain:
    """Return those of a place's blocks, oldest first, that are linked to its entry."""
    held = Held.of(entry)
    start = len(standing)
    while start > 0 and standing[start - 1].left == held:
        start -= 1
        held = standing[start].former
    return standing[start:]


def settle(tx: Transaction, account: Account, before: Chain, after: Chain, origin: Origin) -> None:
    """Link the blocks of a chain anew, some of them changed or gone, and let the entry follow.

    The caller holds the account's lock, and `before` is the chain as it was.
    """
    first = before[0]
    held: Held | None = _beneath(tx, account, first)
    for block in after:
        moved = block._replace(former=held)
        if moved not in before:
            agent_blocks.update_agent_block(tx, account.account_id, moved)
        held = moved.left
    was = before[-1].left
    if held == was:
        return
    entry = Entry(first.block_group_id, first.pattern, *was)
    if held is None:
        take_entries(tx, account, [entry], origin)
    else:
        give_back_entry(tx, account, entry, Entry(*entry[:2], *held), origin)


def _beneath(tx: Transaction, account: Account, first: BlockRow) -> Held | None:
    """Return what was there before a chain, and before imports that were taken back since."""
    was = None if first.former is None else list(first.former)
    found = held_before(tx, account, {first.pattern: was})[first.pattern]
    return None if found is None else Held(*found)
