"""Packing sorted lines into chunks for the store; of lines with one pattern the first stays."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from operator import eq, itemgetter

from ringfence.core.imports.row_lines import expiry_of_rank, lines_of, reason_of
from ringfence.model.imports import CHUNK_ROWS, ShownRow, StagedChunk

_CACHED = 8_192
_PLACE = 3
_group_of = itemgetter(0)
_pattern_of = itemgetter(1)
_expiry_of_rank = lru_cache(_CACHED)(expiry_of_rank)

_Fields = list[str]
"""A line that was cut: group, pattern, rank of its expiry, line in the file, reason."""


class Packing:
    """Packs lines, and counts the duplicates that it leaves out.

    `first_duplicate` is the one of these that is the first in the file.
    """

    def __init__(self) -> None:
        """Begin without duplicates."""
        self.duplicates = 0
        self.first_duplicate: ShownRow | None = None
        self._last: _Fields = ["", ""]

    def chunks(self, sorted_lines: Iterable[list[str]]) -> Iterator[StagedChunk]:
        """Yield chunks of one group each, of CHUNK_ROWS rows at most, in the order of the key."""
        held: list[_Fields] = []
        for lines in sorted_lines:
            rows = self._distinct([line.split("\t") for line in lines])
            for group, some in groupby(rows, _group_of):
                if held and held[0][0] != group:
                    yield _packed(held)
                    held = []
                held += some
                whole = len(held) - len(held) % CHUNK_ROWS
                for start in range(0, whole, CHUNK_ROWS):
                    yield _packed(held[start : start + CHUNK_ROWS])
                held = held[whole:]
        if held:
            yield _packed(held)

    def _distinct(self, rows: list[_Fields]) -> list[_Fields]:
        """Return the rows that are the first with their pattern in their group."""
        rows = [self._last, *rows]
        patterns = list(map(_pattern_of, rows))
        # The few that are alike are found quickly: most have no other beside them.
        alike = [place for place, same in enumerate(map(eq, patterns[1:], patterns), 1) if same]
        for place in alike:
            first = rows[place - 1]
            if first[0] == rows[place][0]:
                self._leave_out(rows[place], first)
                rows[place] = first
        self._last = rows[-1]
        return [row for before, row in pairwise(rows) if row is not before]

    def _leave_out(self, row: _Fields, first: _Fields) -> None:
        self.duplicates += 1
        line, other = lines_of((row[_PLACE], first[_PLACE]))
        if self.first_duplicate is None or line < self.first_duplicate.line:
            self.first_duplicate = ShownRow(line, row[1], f"line {other} has it as well")


def _packed(rows: list[_Fields]) -> StagedChunk:
    groups, patterns, ranks, places, reasons = zip(*rows, strict=True)
    indexes = {reason: index for index, reason in enumerate(dict.fromkeys(reasons))}
    # Patterns have no character that JSON writes otherwise.
    texts = [
        f'["{pattern}",{expiry},{reason}]'
        for pattern, expiry, reason in zip(
            patterns, map(_expiry_of_rank, ranks), map(indexes.__getitem__, reasons), strict=True
        )
    ]
    return StagedChunk(
        block_group_id=int(groups[0]),
        count=len(rows),
        rows=f"[{','.join(texts)}]",
        lines=f"[{','.join(map(str, lines_of(places)))}]",
        reasons=tuple(reason_of(reason) for reason in indexes),
    )
