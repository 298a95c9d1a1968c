"""The lines of a plain block, as places in it: where each begins and ends, and one of its cells."""

import numpy as np
from numpy.typing import NDArray

from ringfence.core.scrubbing.feed import line_end
from ringfence.core.scrubbing.texts import Places


class Lines:
    """Whole plain lines whose cells `delimiter` divides; the last may lack its end."""

    def __init__(self, block: bytes, delimiter: str) -> None:
        self._block = block
        self._end = line_end(block)
        self._lacks_end = not block.endswith(self._end)
        self.data = np.frombuffer(block + self._end * self._lacks_end, np.uint8)
        is_mark = self.data == ord("\n")
        is_mark |= self.data == ord(delimiter)
        # What ends a cell, and which of these end a line.
        self._marks = np.flatnonzero(is_mark)
        self._lasts = np.flatnonzero(self.data[self._marks] == ord("\n"))
        self._lengths = np.diff(self._marks[self._lasts], prepend=-1)

    def count_blank(self) -> int:
        """Return how many lines have nothing in them."""
        return int(np.count_nonzero(self._lengths == len(self._end)))

    def cells(self, column: int) -> tuple[Places, Places]:
        """Return where the cell of a column, from 0, begins and ends in each line.

        One that is not there is empty.
        """
        firsts = np.zeros_like(self._lasts)
        firsts[1:] = self._lasts[:-1] + 1
        is_there = firsts + column <= self._lasts
        marks = np.where(is_there, firsts + column, self._lasts)
        ends = self._marks[marks] - (marks == self._lasts) * (len(self._end) - 1)
        starts = self._marks[marks - 1] + 1
        starts[marks == 0] = 0
        return np.where(is_there, starts, ends), ends

    def without(self, dropped: NDArray[np.bool_]) -> bytes:
        """Return the block without some of its lines, those that are `dropped`."""
        if not dropped.any():
            return self._block
        kept = self.data[np.repeat(~dropped, self._lengths)].tobytes()
        is_cut = self._lacks_end and not dropped[-1]
        return kept[: -len(self._end)] if is_cut else kept
