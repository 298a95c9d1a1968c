"""The verb: a calling list without the rows that may not be called, otherwise byte for byte."""

from codecs import getincrementaldecoder
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from ringfence.core.csv_columns import (
    NAMES,
    NUMBER,
    find_column,
    missing_column,
    read_columns,
    refuse_doubt,
)
from ringfence.core.csv_files import MAX_RECORD, CsvFile, Record, open_csv
from ringfence.core.scrubbing.feed import LONGEST_BLOCK, Feed, OnBytes
from ringfence.core.scrubbing.outbound import OutboundBlocks, outbound_blocks
from ringfence.core.scrubbing.workers import in_order
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.scrubs import GroupDrops, ScrubReport, Tally
from ringfence.model.spellings import read_number
from ringfence.store import Store

if TYPE_CHECKING:
    from ringfence.core.scrubbing.scrubber import Scrubber

HEAD_BYTES = 4 * MAX_RECORD
"""How much of a list is read to tell its make and its columns."""


@dataclass(frozen=True, slots=True)
class ScrubOptions:
    """How a calling list is scrubbed.

    `column` is the name of the column with the numbers, letter case aside, or its place from 1;
    None looks for one of the usual names. `size` is how many bytes the list has, where that is
    known. Up to `processes` are forked to work side by side: 1, for a process that serves others,
    forks none. `on_bytes` hears how many bytes were read so far.
    """

    column: str | None = None
    size: int | None = None
    processes: int = 1
    on_bytes: OnBytes = lambda _: None


def scrub(
    store: Store,
    account: Account,
    source: BinaryIO,
    target: BinaryIO,
    options: ScrubOptions,
    *,
    at: datetime,
) -> ScrubReport:
    """Copy a calling list from `source` to `target` without the rows that may not be called.

    What may not is told by `outbound.py`, as it is at the moment `at`. The header and every row
    whose cell spells no number are kept, and so is every byte of what is kept. Raises InvalidInput
    for what is no CSV file or lacks the column: before anything is written, unless it is only seen
    later that the file ends within a quote or is not text.
    """
    blocks = outbound_blocks(store, account, at, options.size)
    return scrub_list(account, blocks, source, target, options)


def scrub_list(
    account: Account,
    blocks: OutboundBlocks,
    source: BinaryIO,
    target: BinaryIO,
    options: ScrubOptions,
) -> ScrubReport:
    """Do what `scrub` does with blocks that were looked up before.

    Unless they need it, the store may be closed: a process of several threads is never forked.
    """
    from ringfence.core.scrubbing.scrubber import Scrubber  # noqa: PLC0415  numpy is late

    file, start = _begin(source, account.region, options.column)
    target.write(start.kept)
    tally = Tally()
    done = len(start.kept) + len(start.rest)
    feed = Feed(start.rest, source, done, options.on_bytes)
    scrubber = Scrubber(blocks, account.region, file, start.column)
    processes = 1 if blocks.needs_store else options.processes
    with closing(_scrubbed(feed, scrubber, start, tally, processes)) as scrubbed:
        for kept, counts in scrubbed:
            target.write(kept)
            tally.add(counts)
    return _report(tally, blocks)


class _Start(NamedTuple):
    """What was read of a list: what is kept whatever it says, and what begins its rows.

    `line` is the one in which they begin, `column` the place of the numbers, from 0.
    """

    kept: bytes
    rest: bytes
    line: int
    column: int


class _Rest(CsvFile):
    """What a file still has, read as the file is, from a line on."""

    def __init__(self, file: CsvFile, feed: Feed, line: int) -> None:
        super().__init__(b"", cast("BinaryIO", feed))
        self._encoding = file.encoding
        self._decoder = getincrementaldecoder(file.encoding.codec)(file.encoding.errors)
        self._line = line
        self.delimiter = file.delimiter


def _begin(source: BinaryIO, region: str, column: str | None) -> tuple[CsvFile, _Start]:
    head = _read_head(source)
    file = open_csv(BytesIO(head))
    text = ""
    for record in file.records():
        if record.cells:
            break
        text += record.text
    else:
        raise InvalidInput(Problem(InputCode.CSV_EMPTY, "file", "the file is empty"))
    place, is_header = _column(record, region, column)
    kept = file.preamble + file.encode(text + record.text if is_header else text)
    return file, _Start(kept, head[len(kept) :], record.line + is_header, place)


def _read_head(source: BinaryIO) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES and (data := source.read(HEAD_BYTES - len(head))):
        head += data
    return head


def _column(first: Record, region: str, name: str | None) -> tuple[int, bool]:
    """Return the place of the numbers, and whether the first record is a header: if none is there.

    A list of several columns without a name for them has to be told which one it is.
    """

    def is_number(cell: str) -> bool:
        return read_number(cell, region) is not None

    if name is not None:
        place = _place(first.cells, name)
        return place, not is_number(first.cells[place])
    names = {NUMBER: NAMES[NUMBER]}
    columns = read_columns(first.cells, is_number, names, (NUMBER,))
    # Whoever is blocked and stands in the other column would be called.
    refuse_doubt(first.cells, columns, names)
    if not columns.are_named and len(first.cells) > 1:
        raise missing_column(NUMBER, first.cells)
    return columns.places[NUMBER], columns.are_named


def _place(cells: Sequence[str], name: str) -> int:
    keys = [cell.strip().casefold() for cell in cells]
    key = name.strip().casefold()
    exact = name in map(str.strip, cells)
    return keys.index(key) if key in keys and not exact else find_column(cells, name)


def _scrubbed(
    feed: Feed, scrubber: "Scrubber", start: _Start, tally: Tally, processes: int
) -> Generator[tuple[bytes | memoryview, Tally]]:
    """Yield what is kept: of plain lines as long as there are any, then of what a reader reads.

    What was yielded before has to be in `tally`, for it tells the line that a reader begins with.
    """
    file = scrubber.file
    if file.encoding.codec == "utf-8" and file.delimiter.isascii():
        yield from in_order(scrubber.lines, feed.plain_blocks(), processes, LONGEST_BLOCK)
    yield from map(scrubber.records, _Rest(file, feed, start.line + tally.lines).blocks())


def _report(tally: Tally, blocks: OutboundBlocks) -> ScrubReport:
    drops = (
        GroupDrops(block_group_id, blocks.names[block_group_id], rows)
        for block_group_id, rows in sorted(tally.by_group.items())
    )
    return ScrubReport(tally.rows, tally.dropped, tally.unreadable, tuple(drops))
