"""Rows of a calling list, many at a time: which are kept, and the counts of all of them."""

from collections.abc import Iterator, Sequence
from itertools import compress
from operator import not_
from typing import NamedTuple

from ringfence.core.csv_files import Block, CsvFile
from ringfence.core.scrubbing.columns import NONE, read_column
from ringfence.core.scrubbing.feed import line_end
from ringfence.core.scrubbing.outbound import OutboundBlocks
from ringfence.core.scrubbing.patterns import Found
from ringfence.model.scrubs import Tally

# Has a character for every byte, so that nothing need be known of those beyond ASCII.
_BYTES = "latin-1"

SLICE_BYTES = 65_536
"""How many bytes of plain lines are looked at together: few, for they become 20 times as many."""


class Scrubbed(NamedTuple):
    """What was kept of some rows, and their counts."""

    kept: bytes
    tally: Tally


class Scrubber:
    """Looks the numbers up that stand in one column of a file, from 0, spelled as in a region."""

    def __init__(self, blocks: OutboundBlocks, region: str, file: CsvFile, column: int) -> None:
        self._blocks = blocks
        self._region = region
        self.file = file
        self._column = column

    def lines(self, block: bytes) -> Scrubbed:
        """Scrub whole plain lines; the last may lack its end."""
        end = line_end(block)
        kept, tally = list[bytes](), Tally()
        for some in _slices(block):
            scrubbed = self._lines(some, end.decode())
            kept.append(scrubbed.kept)
            tally.add(scrubbed.tally)
        return Scrubbed(b"".join(kept), tally)

    def _lines(self, block: bytes, end: str) -> Scrubbed:
        rows = block.decode(_BYTES).split(end)
        # Behind the end of the last line is nothing, which is no line.
        is_whole = not rows[-1] and rows.pop() == ""
        numbers = read_column(self._cells(rows), self._region, self._decoded)
        found, tally = self._found(numbers, _count_empty(rows))
        if not tally.dropped:
            return Scrubbed(block, tally)
        kept = list(compress(rows, map(not_, found)))
        if kept and (is_whole or found[-1]):
            kept.append("")
        return Scrubbed(end.join(kept).encode(_BYTES), tally)

    def records(self, block: Block) -> Scrubbed:
        """Scrub records as they were read."""
        cells = [_cell(row, self._column) for row in block.rows]
        found, tally = self._found(read_column(cells, self._region), block.rows.count([]))
        kept = compress(block.texts, map(not_, found))
        return Scrubbed(self.file.encode("".join(kept)), tally)

    def _cells(self, lines: Sequence[str]) -> Sequence[str]:
        delimiter, place = self.file.delimiter, self._column
        try:
            return [line.split(delimiter, place + 1)[place] for line in lines]
        except IndexError:
            rows = [line.split(delimiter, place + 1) for line in lines]
            return [_cell(row, place) for row in rows]

    def _decoded(self, cell: str) -> str:
        encoding = self.file.encoding
        return cell.encode(_BYTES).decode(encoding.codec, encoding.errors)

    def _found(self, numbers: Sequence[str], blank: int) -> tuple[Sequence[Found], Tally]:
        """Return what blocks each number, and the counts; of the rows, `blank` are blank lines.

        Those spell nothing, and are no rows.
        """
        found = self._blocks.find(numbers)
        lines, empty = len(numbers), _count_empty(numbers)
        tally = Tally(lines, lines - blank, unreadable=empty - blank)
        for grouping in filter(None, set(found)):
            count = found.count(grouping)
            tally.dropped += count
            tally.by_group.update(dict.fromkeys(self._blocks.groups(grouping), count))
        return found, tally


def _slices(block: bytes) -> Iterator[bytes]:
    """Yield the lines of a block, so many at a time as the cache of a processor holds."""
    start = 0
    while start < len(block):
        end = block.rfind(b"\n", start, start + SLICE_BYTES) + 1
        if not end:
            end = block.find(b"\n", start) + 1 or len(block)
        yield block[start:end]
        start = end


def _count_empty(texts: Sequence[str]) -> int:
    """Return how many of `texts` are empty, as NONE is; mostly none is, which is seen sooner."""
    return 0 if all(texts) else texts.count(NONE)


def _cell(row: Sequence[str], place: int) -> str:
    """Return a cell in one line, empty where the row has no such column."""
    return row[place].replace("\r", " ").replace("\n", " ") if place < len(row) else ""
