"""Patterns of groups in memory: which groups cover a number, for many numbers at a time.

A million numbers are looked up in a second, so what is done for each number is done by the loops
inside of the interpreter. What is found for a number is one integer, its grouping.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import starmap
from typing import TypeAlias

from ringfence.store.outbound_blocks import GroupPatterns

Found: TypeAlias = int | None
"""A grouping; 0, False or None for no group at all. The first grouping may stand as True."""

_Held: TypeAlias = tuple[int, Sequence[str]]


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
        pair = (one or 0, other or 0)
        if pair not in self._together:
            self._together[pair] = self.of(self.groups(pair[0]) | self.groups(pair[1]))
        return self._together[pair]

    def united(self, some: Iterable[Found], others: Iterable[Found]) -> list[Found]:
        """Return what was found for each number in two places."""
        return list(starmap(self.together, zip(some, others, strict=True)))


class HeldPatterns:
    """Patterns in memory; a number is covered by itself and by its prefixes."""

    def __init__(self, groupings: Groupings, parts: Sequence[GroupPatterns]) -> None:
        held = [
            (groupings.of(frozenset({part.block_group_id})), part.patterns.split(","))
            for part in parts
        ]
        self._groupings = groupings
        self._find = _finder(groupings, held)
        self._prefixes = _prefixes_by_length(
            groupings,
            [each for each, part in zip(held, parts, strict=True) if "*" in part.patterns],
        )
        self.is_empty = not parts

    def find(self, numbers: Sequence[str]) -> list[Found]:
        """Return what covers each of `numbers` (E.164, or nothing where there is none)."""
        found: list[Found] = list(map(self._find, numbers))
        for length, prefixes in self._prefixes.items():
            begun = [prefixes.get(number[:length]) for number in numbers]
            if any(begun):
                found = self._groupings.united(found, begun)
        return found


def _finder(groupings: Groupings, held: Sequence[_Held]) -> Callable[[str], Found]:
    # A set takes half the time of a dictionary to make, and tells False and True: 0 and 1.
    if len(held) == 1 and held[0][0] == 1:
        return frozenset(held[0][1]).__contains__
    return _merged(groupings, held).get


def _merged(groupings: Groupings, held: Iterable[_Held]) -> dict[str, int]:
    merged: dict[str, int] = {}
    for grouping, patterns in held:
        fresh = dict.fromkeys(patterns, grouping)
        for pattern in merged.keys() & fresh.keys():
            fresh[pattern] = groupings.together(merged[pattern], grouping)
        merged |= fresh
    return merged


def _prefixes_by_length(
    groupings: Groupings, held: Iterable[_Held]
) -> Mapping[int, Mapping[str, int]]:
    beginnings = (
        (grouping, [pattern[:-1] for pattern in patterns if pattern.endswith("*")])
        for grouping, patterns in held
    )
    by_length: dict[int, dict[str, int]] = defaultdict(dict)
    for prefix, grouping in _merged(groupings, beginnings).items():
        by_length[len(prefix)][prefix] = grouping
    return by_length
