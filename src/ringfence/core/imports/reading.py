"""Reading a file of blocked numbers into parts that the store takes as they are."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from ringfence.core.csv_columns import GROUP, Columns, missing_column, read_columns
from ringfence.core.csv_files import CsvFile, open_csv
from ringfence.core.imports.block_rows import BlockRows
from ringfence.core.imports.number_cells import NumberCells
from ringfence.core.imports.packing import Packing
from ringfence.core.imports.row_problems import FailedLines, FailedRow, RowProblem, shown_row
from ringfence.core.imports.sorting import SortedLines
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.imports import MAX_ROWS, Part, ReadingTerms, ReadSummary, RowOutcome, ShownRow

_NOT_STAGED = (RowOutcome.DUPLICATE, RowOutcome.INVALID, RowOutcome.PROTECTED)


def read_rows(source: BinaryIO, terms: ReadingTerms) -> Iterator[Part]:
    """Yield what the CSV file in `source` has: failed rows as they are found, chunks, a summary.

    The chunks are in the order of groups and patterns; of rows with one pattern that which lasts
    longest stays. Memory is bounded; what it cannot hold is kept in unnamed files meanwhile.
    Raises InvalidInput for a file that cannot be read, has no column that is needed, or has no rows
    or too many.
    """
    tally = _Tally()
    failures = FailedLines()
    packing = Packing()
    with closing(SortedLines()) as lines:
        for some, failed in _read(open_csv(source), terms):
            tally.add(some, failed)
            lines.add(some)
            yield from failures.add(failed)
        yield from failures.rest()
        tally.refuse_none()
        yield from packing.chunks(lines.give())
    yield tally.summary(packing)


def _read(file: CsvFile, terms: ReadingTerms) -> Iterator[tuple[list[str], list[FailedRow]]]:
    """Yield the lines of rows, and the rows that failed; what comes first says how to read them."""
    reader: BlockRows | None = None
    for each in file.blocks():
        block = each
        if reader is None:
            place = next((n for n, row in enumerate(block.rows) if "".join(row).strip()), None)
            if place is None:
                continue
            columns = _columns(block.rows[place], terms)
            reader = BlockRows(terms, columns)
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
    return columns


class _Tally:
    """How many rows there were, and what became of those that were not staged."""

    def __init__(self) -> None:
        self._rows = 0
        self._counts: Counter[RowOutcome] = Counter()
        self._first: dict[RowOutcome, ShownRow] = {}

    def add(self, lines: list[str], failed: list[FailedRow]) -> None:
        self._rows += len(lines) + len(failed)
        if self._rows > MAX_ROWS:
            rule = f"a file has up to {MAX_ROWS:,} rows: cut it into several"
            raise InvalidInput(Problem(InputCode.CSV_TOO_MANY_ROWS, "file", rule))
        for row in failed:
            self._counts[row.problem.outcome] += 1
            if row.problem.outcome not in self._first:
                self._first[row.problem.outcome] = shown_row(row)

    def refuse_none(self) -> None:
        if self._rows == 0:
            raise InvalidInput(Problem(InputCode.CSV_EMPTY, "file", "the file has no rows"))

    def summary(self, packing: Packing) -> ReadSummary:
        first = dict(self._first)
        if packing.first_duplicate is not None:
            first[RowOutcome.DUPLICATE] = packing.first_duplicate
        counts = {outcome: self._counts[outcome] for outcome in _NOT_STAGED}
        return ReadSummary(self._rows, counts | {RowOutcome.DUPLICATE: packing.duplicates}, first)
