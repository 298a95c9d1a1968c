"""Whom an account does not call: its blocks of outbound calls, in memory or in the store.

A number is blocked if, at one moment, an entry covers it, exact or prefix, that is live and whose
group is there, enforces, has the direction outbound or both, and is for every call: its scope names
no skill and no called number. Whatever blocks them, allowed numbers, the account's own phone
numbers and the emergency numbers of its region are not blocked (`core.protection`).
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import compress
from typing import Protocol

from ringfence.core.scrubbing.patterns import Found, Groupings, HeldPatterns, PatternSets
from ringfence.model.accounts import Account
from ringfence.model.numbers import E164, emergency_length, is_emergency
from ringfence.model.patterns import patterns_of
from ringfence.store import Store, Transaction
from ringfence.store.outbound_blocks import (
    GroupPatterns,
    select_exempt_among,
    select_exempt_patterns,
    select_outbound_among,
    select_outbound_groups,
    stream_outbound_patterns,
)

MAX_ENTRIES = 2_000_000
"""How many entries are taken into memory at most: some 300 MB.

So many numbers that are exempt may be there too.
"""

MIN_ENTRIES = 1_000
"""How many are taken into memory for the smallest calling list."""

PIECE = 2_000
"""How many numbers are looked up in the store at a time."""


class OutboundBlocks(Protocol):
    """The blocks that count for the outbound calls of an account, wherever they are.

    `names` are those of the groups, by id; `needs_store` says whether the store has to stay open.
    """

    names: Mapping[int, str]
    needs_store: bool

    def find(self, numbers: Sequence[str]) -> Sequence[Found]:
        """Return what blocks each of `numbers`: something false for nothing."""

    def groups(self, grouping: int) -> frozenset[int]:
        """Return the ids of the groups that something true stands for."""


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
    owner = account.account_id
    names = select_outbound_groups(tx, owner)
    sets = _load(stream_outbound_patterns(tx, owner, at), limit)
    exempt = None if sets is None else select_exempt_patterns(tx, owner, at, limit)
    if sets is not None and exempt is not None:
        return LoadedBlocks(account, names, sets, exempt)
    # A short list is looked up prefix by prefix; a long one is worth a walk for the prefixes.
    is_long = limit == MAX_ENTRIES
    prefixes = _load(stream_outbound_patterns(tx, owner, at, prefixes=True), limit * is_long)
    return StoredBlocks(store, account, at, names, prefixes)


def _load(parts: Iterable[GroupPatterns], limit: int) -> PatternSets | None:
    """Return patterns in memory, or None where they are more than `limit`.

    While the database is at work on some, another thread takes those before them.
    """
    sets, loaded = PatternSets(), 0
    with ThreadPoolExecutor(1) as thread:
        added = []
        for part in parts:
            loaded += 1 + part.patterns.count(",")
            if loaded > limit:
                return None
            added.append(thread.submit(sets.add, part))
        for each in added:
            each.result()
    return sets


class LoadedBlocks:
    """Blocks in memory, as they were at one moment."""

    needs_store = False

    def __init__(
        self,
        account: Account,
        names: Mapping[int, str],
        sets: PatternSets,
        exempt: str,
    ) -> None:
        self.names = names
        self._region = account.region
        self._groupings = Groupings()
        self._blocks = HeldPatterns(self._groupings, sets)
        self._exempt = _held_exempt(exempt)
        # No number is shorter than the shortest prefix that covers it.
        may_be_emergency = sets.shortest <= emergency_length(account.region)
        self._has_exempt = bool(exempt) or may_be_emergency
        self.groups = self._groupings.groups

    def find(self, numbers: Sequence[str]) -> Sequence[Found]:
        """Return what blocks each of `numbers`."""
        found = self._blocks.find(numbers)
        if not self._has_exempt:
            return found
        blocked = list(compress(numbers, found))
        return _without(found, numbers, _exempt_of(blocked, self._exempt, self._region))


class StoredBlocks:
    """Blocks that are looked up in the store, a piece of the numbers at a time.

    Entries and exempt numbers may change meanwhile; the groups are those of the beginning.
    """

    needs_store = True

    def __init__(
        self,
        store: Store,
        account: Account,
        at: datetime,
        names: Mapping[int, str],
        prefixes: PatternSets | None,
    ) -> None:
        self.names = names
        self._store, self._account, self._at = store, account, at
        self._groupings = Groupings()
        held = None if prefixes is None else HeldPatterns(self._groupings, prefixes)
        self._prefixes = held
        self.groups = self._groupings.groups

    def find(self, numbers: Sequence[str]) -> Sequence[Found]:
        """Return what blocks each of `numbers`."""
        found: list[Found] = []
        for start in range(0, len(numbers), PIECE):
            some = numbers[start : start + PIECE]
            found += self._store.read(lambda tx, some=some: self._find(tx, some))  # type: ignore[misc]
        return found

    def _find(self, tx: Transaction, numbers: Sequence[str]) -> Sequence[Found]:
        found = self._covers(tx, numbers)
        blocked = list(compress(numbers, found))
        patterns = _every_pattern(blocked)
        exempt = select_exempt_among(tx, self._account.account_id, patterns, self._at)
        always = _exempt_of(blocked, _held_exempt(exempt), self._account.region)
        return _without(found, numbers, always)

    def _covers(self, tx: Transaction, numbers: Sequence[str]) -> list[Found]:
        known = [each for each in set(numbers) if each]
        patterns = _every_pattern(known) if self._prefixes is None else known
        parts = select_outbound_among(tx, self._account.account_id, patterns, self._at)
        there = [part for part in parts if part.block_group_id in self.names]
        found = HeldPatterns(self._groupings, PatternSets(there)).find(numbers)
        if self._prefixes is None:
            return found
        return self._groupings.united(found, self._prefixes.find(numbers))


def _every_pattern(numbers: Sequence[str]) -> list[str]:
    return list({pattern for number in numbers for pattern in patterns_of(E164(number))})


def _held_exempt(exempt: str) -> HeldPatterns:
    parts = [GroupPatterns(0, exempt, 0)] if exempt else []
    return HeldPatterns(Groupings(), PatternSets(parts))


def _exempt_of(blocked: Sequence[str], exempt: HeldPatterns, region: str) -> set[str]:
    """Return those of `blocked` that are not blocked all the same."""
    found = set(compress(blocked, exempt.find(blocked)))
    longest = emergency_length(region)
    short = {E164(number) for number in blocked if len(number) <= longest}
    return found.union(number for number in short if is_emergency(number, region))


def _without(found: Sequence[Found], numbers: Sequence[str], exempt: set[str]) -> Sequence[Found]:
    if not exempt:
        return found
    return [0 if number in exempt else each for each, number in zip(found, numbers, strict=True)]
