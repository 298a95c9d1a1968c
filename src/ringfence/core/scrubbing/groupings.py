"""Sets of groups that numbers have in common, each known by an integer: its grouping."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Found: TypeAlias = NDArray[np.int32]
"""The grouping of each of some numbers: 0 for no group at all."""


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

    def united(self, some: Found, others: Found) -> Found:
        """Return what was found for each number in two places."""
        if not others.any():
            return some
        pairs = some.astype(np.int64) << 32 | others
        distinct, places = np.unique(pairs, return_inverse=True)
        both = [self._both(int(pair) >> 32, int(pair) & 0xFFFF_FFFF) for pair in distinct]
        return np.array(both, np.int32)[places]

    def _both(self, one: int, other: int) -> int:
        pair = (one, other)
        if pair not in self._together:
            self._together[pair] = self.of(self.groups(one) | self.groups(other))
        return self._together[pair]
