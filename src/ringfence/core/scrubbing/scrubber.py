"""Rows of a calling list, many at a time: which are kept, and the counts of all of them."""

from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np

from ringfence.core.csv_files import Block, CsvFile
from ringfence.core.scrubbing.columns import ColumnReader
from ringfence.core.scrubbing.groupings import Found
from ringfence.core.scrubbing.lines import Lines
from ringfence.core.scrubbing.outbound import OutboundBlocks
from ringfence.core.scrubbing.texts import NONE, Numbers
from ringfence.model.scrubs import Tally


class Scrubbed(NamedTuple):
    """What was kept of some rows, and their counts."""

    kept: bytes
    tally: Tally


class Scrubber:
    """Looks the numbers up that stand in one column of a file, from 0, spelled as in a region."""

    def __init__(self, blocks: OutboundBlocks, region: str, file: CsvFile, column: int) -> None:
        self._blocks = blocks
        self._reader = ColumnReader(region)
        self.file = file
        self._column = column

    def lines(self, block: bytes) -> Scrubbed:
        """Scrub whole plain lines; the last may lack its end."""
        lines = Lines(block, self.file.delimiter)
        starts, ends = lines.cells(self._column)
        numbers = self._reader.read_bytes(lines.data, starts, ends, self._decoded)
        found, tally = self._found(numbers, lines.count_blank())
        return Scrubbed(lines.without(found != 0), tally)

    def records(self, block: Block) -> Scrubbed:
        """Scrub records as they were read."""
        cells = [_cell(row, self._column) for row in block.rows]
        found, tally = self._found(self._reader.read_texts(cells), block.rows.count([]))
        kept = compress(block.texts, (found == 0).tolist())
        return Scrubbed(self.file.encode("".join(kept)), tally)

    def _decoded(self, column: bytes) -> str:
        encoding = self.file.encoding
        return column.decode(encoding.codec, encoding.errors)

    def _found(self, numbers: Numbers, blank: int) -> tuple[Found, Tally]:
        """Return what blocks each number, and the counts; of the rows, `blank` are blank lines.

        Those spell nothing, and are no rows.
        """
        found = self._blocks.find(numbers)
        lines, empty = len(numbers), int(np.count_nonzero(numbers == NONE))
        counts = np.bincount(found, minlength=1)
        tally = Tally(lines, lines - blank, lines - int(counts[0]), empty - blank)
        for grouping in (np.flatnonzero(counts[1:]) + 1).tolist():
            groups = self._blocks.groups(grouping)
            tally.by_group.update(dict.fromkeys(groups, int(counts[grouping])))
        return found, tally


def _cell(row: Sequence[str], place: int) -> str:
    """Return a cell in one line, empty where the row has no such column."""
    return row[place].replace("\r", " ").replace("\n", " ") if place < len(row) else ""
