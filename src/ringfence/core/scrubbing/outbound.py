"""Whom an account does not call: its blocks of outbound calls, in memory or in the store.

A number is blocked if, at one moment, an entry covers it, exact or prefix, that is live and whose
group is there, enforces, has the direction outbound or both, and is for every call: its scope names
no skill and no called number. Whatever blocks them, allowed numbers, the account's own phone
numbers and the emergency numbers of its region are not blocked (`core.protection`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ringfence.model.accounts import Account
from ringfence.store import Store, Transaction
from ringfence.store.outbound_blocks import (
    GroupPatterns,
    select_exempt_patterns,
    select_outbound_groups,
    stream_outbound_patterns,
)

if TYPE_CHECKING:
    from ringfence.core.scrubbing.groupings import Found
    from ringfence.core.scrubbing.patterns import PatternSets
    from ringfence.core.scrubbing.texts import Numbers

MAX_ENTRIES = 2_000_000
"""How many entries are taken into memory at most: some 60 MB.

So many numbers that are exempt may be there too.
"""

MIN_ENTRIES = 1_000
"""How many are taken into memory for the smallest calling list."""


class OutboundBlocks(Protocol):
    """The blocks that count for the outbound calls of an account, wherever they are.

    `names` are those of the groups, by id; `needs_store` says whether the store has to stay open.
    """

    names: Mapping[int, str]
    needs_store: bool

    def find(self, numbers: "Numbers") -> "Found":
        """Return the grouping that blocks each of `numbers`."""

    def groups(self, grouping: int) -> frozenset[int]:
        """Return the ids of the groups that a grouping stands for."""


def outbound_blocks(
    store: Store, account: Account, at: datetime, size: int | None = None
) -> OutboundBlocks:
    """Return the blocks of an account at the moment `at`, for a calling list of `size` bytes.

    Looking up a row of 40 bytes in the store takes as long as loading 40 entries and more, so as
    many are taken into memory as the list has bytes; None for a list of unknown size.
    """
    limit = MAX_ENTRIES if size is None else min(max(size, MIN_ENTRIES), MAX_ENTRIES)
    return store.read(lambda tx: _blocks(tx, store, account, at, limit))


def _blocks(
    tx: Transaction, store: Store, account: Account, at: datetime, limit: int
) -> OutboundBlocks:
    from ringfence.core.scrubbing import blocks  # noqa: PLC0415  numpy is late

    owner = account.account_id
    names = select_outbound_groups(tx, owner)
    sets = _load(stream_outbound_patterns(tx, owner, at), limit)
    exempt = None if sets is None else select_exempt_patterns(tx, owner, at, limit)
    if sets is not None and exempt is not None:
        return blocks.LoadedBlocks(account, names, sets, exempt)
    # A short list is looked up prefix by prefix; a long one is worth a walk for the prefixes.
    is_long = limit == MAX_ENTRIES
    prefixes = _load(stream_outbound_patterns(tx, owner, at, prefixes=True), limit * is_long)
    return blocks.StoredBlocks(store, account, at, names, prefixes)


def _load(parts: Iterable[GroupPatterns], limit: int) -> "PatternSets | None":
    """Return patterns in memory, or None where they are more than `limit`."""
    from ringfence.core.scrubbing.patterns import PatternSets  # noqa: PLC0415  numpy is late

    sets, loaded = PatternSets(), 0
    for part in parts:
        loaded += 1 + part.patterns.count(",")
        if loaded > limit:
            return None
        sets.add(part)
    return sets
