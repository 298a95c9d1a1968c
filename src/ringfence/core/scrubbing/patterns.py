"""Patterns of groups in memory: which groups cover a number, for many numbers at a time.

A million numbers are looked up in a second, so what is done for each number is done by the loops
inside of the interpreter. What is found for a number is one integer, its grouping.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat, starmap
from time import sleep
from typing import TypeAlias

from ringfence.store.outbound_blocks import GroupPatterns

Found: TypeAlias = int
"""A grouping: 0 for no group at all. The first two may stand as False and True."""

_LookUp: TypeAlias = Callable[[Sequence[str]], list[Found]]


LONGEST = 1_000
"""More characters than any number has."""


class Groupings:
    """Sets of groups, each known by an integer: 0 is the empty set."""

    def __init__(self) -> None:
        self._sets: list[frozenset[int]] = [frozenset()]
        self._places = {self._sets[0]: 0}
        self._together: dict[tuple[int, int], int] = {}

    def of(self, groups: frozenset[int]) -> int:
        """Return the integer of a set of groups."""
        place = self._places.setdefault(groups, len(self._sets))
        if place == len(self._sets):
            self._sets.append(groups)
        return place

    def groups(self, grouping: int) -> frozenset[int]:
        """Return the groups that an integer stands for."""
        return self._sets[grouping]

    def together(self, one: Found, other: Found) -> int:
        """Return the integer of the groups of both."""
        pair = (one, other)
        if pair not in self._together:
            self._together[pair] = self.of(self.groups(pair[0]) | self.groups(pair[1]))
        return self._together[pair]

    def united(self, some: Iterable[Found], others: Iterable[Found]) -> list[Found]:
        """Return what was found for each number in two places."""
        return list(starmap(self.together, zip(some, others, strict=True)))


def _give_way() -> None:
    """Let another thread go on, as the one in which the database is at work.

    It asks for the interpreter lock for a moment at a time, and would wait much longer for it.
    """
    sleep(0)


class PatternSets:
    """Patterns on their way into memory: of each group a set of numbers and one of prefixes."""

    def __init__(self, parts: Iterable[GroupPatterns] = ()) -> None:
        self.shortest = LONGEST
        self.numbers: dict[int, set[str]] = {}
        self.prefixes: dict[int, set[str]] = {}
        for part in parts:
            self.add(part)

    def add(self, part: GroupPatterns) -> None:
        """Take patterns of a group."""
        self.shortest = min(self.shortest, part.shortest)
        listed = part.patterns.split(",")
        _give_way()
        patterns = set(listed)
        _give_way()
        if "*" in part.patterns:
            prefixes = {pattern for pattern in patterns if pattern.endswith("*")}
            self.prefixes.setdefault(part.block_group_id, set()).update(prefixes)
            patterns -= prefixes
        # A set takes in a set faster than anything else: its hashes are there.
        held = self.numbers.setdefault(part.block_group_id, set())
        held |= patterns
        _give_way()


class HeldPatterns:
    """Patterns in memory; a number is covered by itself and by its prefixes."""

    def __init__(self, groupings: Groupings, sets: PatternSets) -> None:
        self.shortest = sets.shortest
        self._groupings = groupings
        self._numbers = _looked_up(groupings, sets.numbers)
        self._prefixes: dict[int, dict[str, int]] = defaultdict(dict)
        for prefix, grouping in _merged(groupings, sets.prefixes).items():
            self._prefixes[len(prefix) - 1][prefix[:-1]] = grouping

    def find(self, numbers: Sequence[str]) -> list[Found]:
        """Return what covers each of `numbers` (E.164, or nothing where there is none)."""
        found = self._numbers(numbers)
        for length, prefixes in self._prefixes.items():
            begun = [prefixes.get(number[:length], 0) for number in numbers]
            if any(begun):
                found = self._groupings.united(found, begun)
        return found


def _looked_up(groupings: Groupings, held: Mapping[int, set[str]]) -> _LookUp:
    """Return what finds numbers that are held.

    Two sets are intersected in half the time that asking one for each number takes: the processor
    fetches the next places from memory meanwhile.
    """
    if len(held) == 1 and groupings.of(frozenset(held)) == 1:
        [alone] = held.values()
        return lambda numbers: list(map((alone & set(numbers)).__contains__, numbers))
    merged = _merged(groupings, held)

    def find(numbers: Sequence[str]) -> list[Found]:
        here = {number: merged[number] for number in merged.keys() & set(numbers)}
        return list(map(here.get, numbers, repeat(0)))

    return find


def _merged(groupings: Groupings, held: Mapping[int, set[str]]) -> dict[str, int]:
    """Return the groups of each pattern."""
    merged: dict[str, int] = {}
    for block_group_id, patterns in held.items():
        alone = groupings.of(frozenset({block_group_id}))
        fresh = dict.fromkeys(patterns, alone)
        for pattern in merged.keys() & patterns:
            fresh[pattern] = groupings.together(merged[pattern], alone)
        merged |= fresh
    return merged
