"""Blocks of outbound calls, held in memory or looked up in the store."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ringfence.core.scrubbing.groupings import Found, Groupings
from ringfence.core.scrubbing.patterns import HeldPatterns, PatternSets
from ringfence.core.scrubbing.texts import NONE, Numbers, text_of
from ringfence.model.accounts import Account
from ringfence.model.numbers import E164, emergency_length, is_emergency
from ringfence.model.patterns import patterns_of
from ringfence.store import Store, Transaction
from ringfence.store.outbound_blocks import (
    GroupPatterns,
    select_exempt_among,
    select_outbound_among,
)

PIECE = 2_000
"""How many numbers are looked up in the store at a time."""


class LoadedBlocks:
    """Blocks in memory, as they were at one moment."""

    needs_store = False

    def __init__(
        self, account: Account, names: Mapping[int, str], sets: PatternSets, exempt: str
    ) -> None:
        self.names = names
        self._region = account.region
        groupings = Groupings()
        self._blocks = HeldPatterns(groupings, sets)
        self._exempt = _held_exempt(exempt)
        self.groups = groupings.groups

    def find(self, numbers: Numbers) -> Found:
        """Return what blocks each of `numbers`."""
        found = self._blocks.find(numbers)
        return _without_exempt(found, numbers, self._exempt, self._region)


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

    def find(self, numbers: Numbers) -> Found:
        """Return what blocks each of `numbers`."""
        found = np.zeros(len(numbers), np.int32)
        for start in range(0, len(numbers), PIECE):
            some = slice(start, start + PIECE)
            found[some] = self._store.read(lambda tx, some=some: self._find(tx, numbers[some]))  # type: ignore[misc]
        return found

    def _find(self, tx: Transaction, numbers: Numbers) -> Found:
        found = self._covers(tx, numbers)
        blocked = np.unique(numbers[found != 0])
        patterns = _every_pattern(blocked)
        exempt = select_exempt_among(tx, self._account.account_id, patterns, self._at)
        return _without_exempt(found, numbers, _held_exempt(exempt), self._account.region)

    def _covers(self, tx: Transaction, numbers: Numbers) -> Found:
        known = np.unique(numbers[numbers != NONE])
        asked = _every_pattern(known) if self._prefixes is None else _texts(known)
        parts = select_outbound_among(tx, self._account.account_id, asked, self._at)
        there = [part for part in parts if part.block_group_id in self.names]
        found = HeldPatterns(self._groupings, PatternSets(there)).find(numbers)
        if self._prefixes is None:
            return found
        return self._groupings.united(found, self._prefixes.find(numbers))


def _texts(numbers: Numbers) -> list[E164]:
    return [text_of(number) for number in numbers.tolist()]


def _every_pattern(numbers: Numbers) -> list[str]:
    return list({pattern for number in _texts(numbers) for pattern in patterns_of(number)})


def _held_exempt(exempt: str) -> HeldPatterns:
    parts = [GroupPatterns(0, exempt)] if exempt else []
    return HeldPatterns(Groupings(), PatternSets(parts))


def _without_exempt(found: Found, numbers: Numbers, exempt: HeldPatterns, region: str) -> Found:
    """Take out of `found` what is not blocked all the same, and return it."""
    places = np.flatnonzero(found)
    blocked = numbers[places]
    is_exempt = (exempt.find(blocked) != 0) | _are_emergency(blocked, region)
    found[places[is_exempt]] = 0
    return found


def _are_emergency(numbers: Numbers, region: str) -> NDArray[np.bool_]:
    # One character of the longest is the plus.
    short = np.unique(numbers[numbers < 10 ** (emergency_length(region) - 1)])
    found = [each for each in short.tolist() if is_emergency(text_of(each), region)]
    return np.isin(numbers, found) if found else np.zeros(len(numbers), np.bool_)
