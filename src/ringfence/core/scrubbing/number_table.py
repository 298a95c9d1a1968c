"""Numbers in memory with their groupings, looked up thousands at a time."""

import numpy as np

from ringfence.core.scrubbing.groupings import Found
from ringfence.core.scrubbing.texts import Numbers, Places

_NOWHERE = -1


class NumberTable:
    """Numbers and the grouping of each; they ascend, and none is there twice.

    The last bits of a number tell the slot that has its place, unless another number has the same:
    then it is searched for, which takes several times as long.
    """

    def __init__(self, numbers: Numbers, groupings: Found) -> None:
        self._numbers = numbers
        self._groupings = groupings
        # Four to eight slots a number: most numbers that are not there meet an empty one.
        self._mask = (4 << len(numbers).bit_length()) - 1
        self._slots = np.full(self._mask + 1, _NOWHERE, np.int32)
        self._slots[numbers & self._mask] = np.arange(len(numbers), dtype=np.int32)

    def find(self, numbers: Numbers) -> Found:
        """Return the grouping of each of `numbers`."""
        if not len(self._numbers):
            return np.zeros(len(numbers), np.int32)
        places = self._slots[numbers & self._mask]
        is_there = self._numbers[places] == numbers
        others = np.flatnonzero(~is_there & (places != _NOWHERE))
        places[others] = self._searched(numbers[others])
        is_there[others] = self._numbers[places[others]] == numbers[others]
        found = np.zeros(len(numbers), np.int32)
        found[is_there] = self._groupings[places[is_there]]
        return found

    def _searched(self, numbers: Numbers) -> Places:
        """Return where each number would stand, or before: in their order, for the cache's sake."""
        order = np.argsort(numbers)
        places = np.empty_like(order)
        places[order] = np.searchsorted(self._numbers, numbers[order])
        return np.minimum(places, len(self._numbers) - 1)
