"""Patterns of groups in memory: which groups cover a number, for many numbers at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ringfence.core.scrubbing.groupings import Found, Groupings
from ringfence.core.scrubbing.number_table import NumberTable
from ringfence.core.scrubbing.texts import Numbers, by_width, ended_by, whole_numbers
from ringfence.store.outbound_blocks import GroupPatterns

_WHOLE = 0
"""Stands for whole numbers among the lengths of prefixes."""

_POWERS = 10 ** np.arange(19, dtype=np.int64)


class PatternSets:
    """Patterns on their way into memory: the digits of each group's numbers and prefixes."""

    def __init__(self, parts: Iterable[GroupPatterns] = ()) -> None:
        self._held: dict[int, dict[int, list[Numbers]]] = defaultdict(lambda: defaultdict(list))
        for part in parts:
            self.add(part)

    def add(self, part: GroupPatterns) -> None:
        """Take patterns of a group; what is about no number is left out."""
        data = np.frombuffer(f"{part.patterns},".encode(), np.uint8)
        starts, ends = ended_by(data, ",")
        is_number, is_prefix = data[starts] == ord("+"), data[ends - 1] == ord("*")
        whole, begun = is_number & ~is_prefix, is_number & is_prefix
        self._add(part, _WHOLE, whole_numbers(data, starts[whole] + 1, ends[whole]))
        starts, ends = starts[begun] + 1, ends[begun] - 1
        for length, some in by_width(starts, ends):
            self._add(part, length, whole_numbers(data, starts[some], ends[some]))

    def _add(self, part: GroupPatterns, length: int, numbers: Numbers) -> None:
        if len(numbers):
            self._held[length][part.block_group_id].append(numbers)

    def tables(self, groupings: Groupings) -> dict[int, NumberTable]:
        """Return a table of the prefixes of each length, one of whole numbers among them."""
        return {length: _table(groupings, held) for length, held in self._held.items()}


class HeldPatterns:
    """Patterns in memory; a number is covered by itself and by its prefixes."""

    def __init__(self, groupings: Groupings, sets: PatternSets) -> None:
        self._groupings = groupings
        self._tables = sets.tables(groupings)

    def find(self, numbers: Numbers) -> Found:
        """Return what covers each of `numbers`."""
        found = np.zeros(len(numbers), np.int32)
        for length, table in self._tables.items():
            keys = numbers if length == _WHOLE else _beginnings(numbers, length)
            found = self._groupings.united(found, table.find(keys))
        return found


def _beginnings(numbers: Numbers, length: int) -> Numbers:
    """Return the first digits of each number; one of fewer digits as it is."""
    digits = np.searchsorted(_POWERS, numbers, side="right")
    return numbers // _POWERS[np.maximum(digits - length, 0)]


def _table(groupings: Groupings, held: Mapping[int, Sequence[Numbers]]) -> NumberTable:
    """Return the numbers of all groups, each with all groups that have it."""
    numbers = np.concatenate([part for parts in held.values() for part in parts])
    alone = [groupings.of(frozenset({group})) for group in held]
    sizes = [sum(map(len, parts)) for parts in held.values()]
    own = np.repeat(np.array(alone, np.int32), sizes)
    if np.all(numbers[1:] > numbers[:-1]):
        return NumberTable(numbers, own)
    order = np.argsort(numbers, kind="stable")
    numbers, own = numbers[order], own[order]
    firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
    together, counts = own[firsts], np.diff(firsts, append=len(numbers))
    for nth in range(1, counts.max()):
        more = np.flatnonzero(counts > nth)
        together[more] = groupings.united(together[more], own[firsts[more] + nth])
    return NumberTable(numbers[firsts], together)
