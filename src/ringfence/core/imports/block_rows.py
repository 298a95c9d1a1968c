"""Rows of a file of blocked numbers: what each says, or what is wrong with it.

A row that says something becomes a line of text, because lines are sorted and kept with little:
group, pattern, rank of its expiry, line in the file, reason, with tabs between. Lines in ascending
order are in that of the store's key, and of several with one pattern the one that lasts longest
comes first, else the first of the file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

from ringfence.core.csv_columns import EXPIRES_AT, GROUP, NUMBER, REASON, Columns
from ringfence.core.csv_files import Block
from ringfence.core.imports.cells import tidied
from ringfence.core.imports.expiry_cells import ExpiryCells
from ringfence.core.imports.number_cells import NumberCells
from ringfence.core.imports.row_problems import FailedRow, RowProblem, problem_of, row_problem
from ringfence.errors import InputCode
from ringfence.model.block_groups import group_key
from ringfence.model.blocked_numbers import reason_problems
from ringfence.model.imports import ReadingTerms
from ringfence.model.texts import is_storable

FIRST_LINE = 10_000_000_000
"""What is added to the line of a row, so that lines sort as texts do."""

_LAST_RANK = 10**15
_FOR_GOOD = "0"
_GROUP_DIGITS = 19
_CACHED = 8_192
_LONG = 1_000
"""What is longer is not kept, or a few thousand cells would fill the memory."""

_TOLD = (NUMBER, EXPIRES_AT, REASON)
_Reader = Callable[[str], str | RowProblem]
_NOT_UTF_8 = row_problem(
    InputCode.REASON_FORMAT, "the reason is not in UTF-8: save the file as CSV UTF-8"
)
_NO_GROUP = row_problem(
    InputCode.GROUP_UNKNOWN, "the account has no block group of the name in this row"
)


class BlockRows:
    """Reads rows by the terms of an import, and the columns that its file has."""

    def __init__(self, terms: ReadingTerms, columns: Columns) -> None:
        """Take both; `columns` has one for groups where the terms have no group."""
        self._places = columns.places
        self._width = columns.width
        self._group_id = terms.target.block_group_id
        self._groups = terms.groups
        self._numbers = NumberCells(terms.region)
        self._expiries = ExpiryCells(terms.timezone, terms.at)
        self._readers: Mapping[str, _Reader] = {
            EXPIRES_AT: self._read_expiry,
            REASON: _read_reason,
            GROUP: self._read_group,
        }
        # A file has few different expiries, reasons and groups.
        self._known = {name: lru_cache(_CACHED)(read) for name, read in self._readers.items()}

    def read(self, block: Block) -> tuple[list[str], list[FailedRow]]:
        """Return the lines of a block's rows, and the rows that failed; blank ones are neither."""
        lines = self._read_plain(block)
        return (lines, []) if lines is not None else self._read_each(block)

    def _read_plain(self, block: Block) -> list[str] | None:
        """Return the lines of rows that are all plain and right, None where each is to be read."""
        widths = set(map(len, block.rows))
        if len(widths) != 1 or not self._places[NUMBER] < max(widths) <= self._width:
            return None
        if max(map(len, block.texts)) > _LONG:
            return None
        columns = list(zip(*block.rows, strict=True))
        numbers = self._numbers.read_plain(columns[self._places[NUMBER]])
        if numbers is None:
            return None
        names = (GROUP, EXPIRES_AT, REASON)
        groups, expiries, reasons = (self._read_column(columns, name) for name in names)
        if {*map(type, groups), *map(type, expiries), *map(type, reasons)} != {str}:
            return None
        places = map(str, map(FIRST_LINE.__add__, block.lines))
        fields = zip(groups, numbers, expiries, places, reasons, strict=True)
        return list(map("\t".join, cast("Iterator[tuple[str, ...]]", fields)))

    def _read_column(self, columns: Sequence[tuple[str, ...]], name: str) -> list[str | RowProblem]:
        place = self._places.get(name, len(columns))
        if place < len(columns):
            return list(map(self._known[name], columns[place]))
        return [self._known[name]("")] * len(columns[0])

    def _read_each(self, block: Block) -> tuple[list[str], list[FailedRow]]:
        lines, failed = list[str](), list[FailedRow]()
        for line, cells in zip(block.lines, block.rows, strict=True):
            if not "".join(cells).strip():
                continue
            found = self._read_row(line, cells)
            if isinstance(found, str):
                lines.append(found)
            else:
                told = [self._cell(cells, name) for name in _TOLD]
                failed.append(FailedRow(line, told[0], told, found))
        return lines, failed

    def _read_row(self, line: int, cells: list[str]) -> str | RowProblem:
        if ragged := self._ragged(cells):
            return ragged
        number = self._numbers.read(self._cell(cells, NUMBER))
        expiry = self._read_cell(cells, EXPIRES_AT)
        reason = self._read_cell(cells, REASON)
        group = self._read_cell(cells, GROUP)
        fields = (number, expiry, reason, group)
        problem = next((each for each in fields if isinstance(each, RowProblem)), None)
        return problem or f"{group}\t{number}\t{expiry}\t{FIRST_LINE + line}\t{reason}"

    def _read_cell(self, cells: list[str], name: str) -> str | RowProblem:
        cell = self._cell(cells, name)
        return (self._known if len(cell) <= _LONG else self._readers)[name](cell)

    def _cell(self, cells: list[str], name: str) -> str:
        place = self._places.get(name, len(cells))
        return cells[place] if place < len(cells) else ""

    def _ragged(self, cells: list[str]) -> RowProblem | None:
        if len(cells) > self._width and any(map(str.strip, cells[self._width :])):
            rule = f"the row has {len(cells)} cells for {self._width} columns"
            return row_problem(InputCode.CSV_ROW, f"{rule}: is there text that needs quotes?")
        if len(cells) <= self._places[NUMBER]:
            return row_problem(InputCode.CSV_ROW, "the row ends before the column of the number")
        return None

    def _read_expiry(self, cell: str) -> str | RowProblem:
        expiry = self._expiries.read(cell)
        if isinstance(expiry, RowProblem):
            return expiry
        return _FOR_GOOD if expiry is None else str(_LAST_RANK - expiry)

    def _read_group(self, cell: str) -> str | RowProblem:
        if self._group_id is not None:
            return str(self._group_id)
        group_id = self._groups.get(group_key(tidied(cell)))
        return _NO_GROUP if group_id is None else f"{group_id:0{_GROUP_DIGITS}}"


def expiry_of_rank(rank: str) -> str:
    """Return what the rank of an expiry stands for, as JSON: ms since 1970, or null for good."""
    return "null" if rank == _FOR_GOOD else str(_LAST_RANK - int(rank))


def _read_reason(cell: str) -> str | RowProblem:
    """Return the reason in a cell, with an end of line, for it ends the line of its row."""
    reason = cell.replace("\u00a0", " ").strip()
    if not is_storable(reason):
        return _NOT_UTF_8
    problem = next(reason_problems(reason), None)
    return f"{reason}\n" if problem is None else problem_of(problem)
