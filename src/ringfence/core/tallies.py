"""Counting millions of different things in little memory: sixteen bytes for each."""

from array import array
from collections import Counter
from collections.abc import Iterator

_PARTS = 64
_PENDING = 1_000


class Tally:
    """How often each of many whole numbers from 0 below 2^63 was added."""

    def __init__(self) -> None:
        self._parts = tuple(_Part() for _ in range(_PARTS))

    def add(self, code: int) -> None:
        """Count one more."""
        self._parts[code % _PARTS].add(code)

    def __len__(self) -> int:
        """Return how many different ones were added."""
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield each with how often it was added, in no order."""
        for part in self._parts:
            yield from part


class _Part:
    """Those counted lately in a dictionary, the others packed side by side."""

    def __init__(self) -> None:
        self._codes, self._counts = array("Q"), array("Q")
        self._pending = Counter[int]()

    def add(self, code: int) -> None:
        self._pending[code] += 1
        # As many as are packed, so that packing costs the same for each, however many there are.
        if len(self._pending) >= max(_PENDING, len(self._codes)):
            self._pack()

    def __len__(self) -> int:
        self._pack()
        return len(self._codes)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        self._pack()
        return zip(self._codes, self._counts, strict=True)

    def _pack(self) -> None:
        if not self._pending:
            return
        counts = Counter(dict(zip(self._codes, self._counts, strict=True)))
        counts.update(self._pending)
        self._codes, self._counts = array("Q", counts), array("Q", counts.values())
        self._pending.clear()
