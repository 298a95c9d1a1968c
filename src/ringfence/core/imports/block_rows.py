"""Rows of a file of blocked numbers: the line that each becomes, or why it fails."""

from collections.abc import Sequence
from itertools import repeat
from typing import cast

from ringfence.core.csv_columns import EXPIRES_AT, GROUP, NUMBER, REASON, Columns
from ringfence.core.csv_files import Block
from ringfence.core.imports.block_cells import BlockCells, Cell
from ringfence.core.imports.quoted_rows import QuotedRows
from ringfence.core.imports.row_lines import places_of, row_lines
from ringfence.core.imports.row_problems import FailedRow, RowProblem, row_problem
from ringfence.errors import InputCode
from ringfence.model.imports import ReadingTerms

_NAMES = (NUMBER, EXPIRES_AT, REASON, GROUP)
"""The columns in the order in which a row is told what is wrong with it."""

_ENDS_EARLY = row_problem(InputCode.CSV_ROW, "the row ends before the column of the number")


class BlockRows:
    """Reads rows by the terms of an import, and the columns that its file has.

    A column of block groups is looked at only where the terms have none.
    """

    def __init__(self, terms: ReadingTerms, columns: Columns, quoted: QuotedRows) -> None:
        """Take them, and what finds rows with wrong quotes."""
        self._columns = columns
        self._quoted = quoted
        self._cells = BlockCells(terms)

    def read(self, block: Block) -> tuple[list[str], list[FailedRow]]:
        """Return the lines of a block's rows, and the rows that failed; blank ones are neither."""
        whole, problems = self._quoted.apart(block)
        even, failed = self._evened(whole)
        failed += [
            self._failed(block.lines[place], block.rows[place], problem)
            for place, problem in problems.items()
        ]
        failed.sort()
        if not even.rows:
            return [], failed
        columns = list(zip(*even.rows, strict=True))
        cells = [self._cells.read(name, self._column(columns, name)) for name in _NAMES]
        if all(set(map(type, column)) == {str} for column in cells):
            numbers, expiries, reasons, groups = cast("list[list[str]]", cells)
            return row_lines(groups, numbers, expiries, places_of(even.lines), reasons), failed
        lines, wrong = self._told_apart(even, cells)
        return lines, sorted(failed + wrong)

    def _column(self, columns: list[tuple[str, ...]], name: str) -> Sequence[str]:
        place = self._columns.places.get(name, len(columns))
        return columns[place] if place < len(columns) else ("",) * len(columns[0])

    def _evened(self, block: Block) -> tuple[Block, list[FailedRow]]:
        """Return the rows that have as many cells as each other, and those that cannot be so."""
        widths = set(map(len, block.rows))
        if len(widths) == 1 and self._columns.places[NUMBER] < max(widths) <= self._columns.width:
            return block, []
        even, failed = list[tuple[int, list[str]]](), list[FailedRow]()
        for line, cells in zip(block.lines, block.rows, strict=True):
            if not any(map(str.strip, cells)):
                continue
            if problem := self._raggedness(cells):
                failed.append(self._failed(line, cells, problem))
            else:
                even.append((line, self._filled(cells)))
        return Block([line for line, _ in even], [cells for _, cells in even], ()), failed

    def _raggedness(self, cells: list[str]) -> RowProblem | None:
        width = self._columns.width
        if len(cells) > width and any(map(str.strip, cells[width:])):
            rule = f"the row has {len(cells)} cells for {width} columns"
            return row_problem(InputCode.CSV_ROW, f"{rule}: is there text that needs quotes?")
        return _ENDS_EARLY if len(cells) <= self._columns.places[NUMBER] else None

    def _filled(self, cells: list[str]) -> list[str]:
        missing = self._columns.width - len(cells)
        return cells[: self._columns.width] + [""] * missing if missing else cells

    def _told_apart(
        self, block: Block, columns: list[list[Cell]]
    ) -> tuple[list[str], list[FailedRow]]:
        """Return the lines of the rows that are right, and the others; `columns` as _NAMES."""
        lines, failed = list[str](), list[FailedRow]()
        places = places_of(block.lines)
        for line, place, cells, *found in zip(
            block.lines, places, block.rows, *columns, strict=True
        ):
            problem = next((each for each in found if type(each) is not str), None)
            if problem is None:
                number, expiry, reason, group = found
                lines.append(f"{group}\t{number}\t{expiry}\t{place}\t{reason}")
            elif any(map(str.strip, cells)):
                failed.append(self._failed(line, cells, problem))
        return lines, failed

    def _failed(self, line: int, cells: list[str], problem: RowProblem) -> FailedRow:
        told = [
            cells[place] if place < len(cells) else ""
            for place in map(self._columns.places.get, _NAMES[:3], repeat(len(cells)))
        ]
        return FailedRow(line, told[0], told, problem)
