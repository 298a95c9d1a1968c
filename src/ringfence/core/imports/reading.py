"""Reading a file of blocked numbers into parts that the store takes as they are."""

from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from ringfence.core.csv_columns import (
    GROUP,
    NAMES,
    Columns,
    missing_column,
    read_columns,
    refuse_doubt,
)
from ringfence.core.csv_files import CsvFile, open_csv
from ringfence.core.imports.block_rows import BlockRows
from ringfence.core.imports.number_cells import NumberCells
from ringfence.core.imports.packing import Packing
from ringfence.core.imports.quoted_rows import QuotedRows
from ringfence.core.imports.row_problems import FailedLines, FailedRow, RowProblem
from ringfence.core.imports.sorting import SortedLines
from ringfence.core.imports.tally import Tally
from ringfence.model.imports import Part, ReadingTerms, RowOutcome


def read_rows(source: BinaryIO, terms: ReadingTerms) -> Iterator[Part]:
    """Yield what the CSV file in `source` has: failed rows as they are found, chunks, a summary.

    The chunks are in the order of groups and patterns; of rows with one pattern that which lasts
    longest stays. Memory is bounded; what it cannot hold is kept in unnamed files meanwhile.
    Raises InvalidInput for a file that cannot be read, has no column that is needed, or has no rows
    or too many.
    """
    tally = Tally()
    failures = FailedLines()
    packing = Packing()
    with closing(SortedLines()) as lines:
        for some, failed in _read(open_csv(source), terms):
            tally.add(len(some), failed)
            lines.add(some)
            yield from failures.add(failed)
        yield from failures.rest()
        tally.refuse_none()
        yield from packing.chunks(lines.give())
    yield tally.summary(packing.duplicates, packing.first_duplicate)


def _read(file: CsvFile, terms: ReadingTerms) -> Iterator[tuple[list[str], list[FailedRow]]]:
    """Yield the lines of rows, and the rows that failed; what comes first says how to read them."""
    reader: BlockRows | None = None
    quoted = QuotedRows(file.delimiter, terms.groups)
    for each in file.blocks():
        block = each
        if reader is None:
            place = next((n for n, row in enumerate(block.rows) if "".join(row).strip()), None)
            if place is None:
                continue
            columns = _columns(block.rows[place], terms)
            reader = BlockRows(terms, columns, quoted)
            if columns.are_named:
                quoted.check_header(block, place)
            block = block.without_first(place + columns.are_named)
        yield reader.read(block)


def _columns(first: list[str], terms: ReadingTerms) -> Columns:
    numbers = NumberCells(terms.region)

    def is_number(cell: str) -> bool:
        found = numbers.read(cell)
        return not isinstance(found, RowProblem) or found.outcome is RowOutcome.PROTECTED

    columns = read_columns(first, is_number)
    if terms.target.block_group_id is None and GROUP not in columns.places:
        raise missing_column(GROUP, first)
    is_read = terms.target.block_group_id is None
    refuse_doubt(first, columns, {name: NAMES[name] for name in NAMES if is_read or name != GROUP})
    return columns
