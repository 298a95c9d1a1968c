"""The cells of blocked numbers: what those of a column say, or what is wrong with each."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from ringfence.core.csv_columns import EXPIRES_AT, GROUP, NUMBER, REASON
from ringfence.core.imports.cells import tidied
from ringfence.core.imports.expiry_cells import ExpiryCells
from ringfence.core.imports.number_cells import NumberCells
from ringfence.core.imports.row_lines import group_field, rank_of, reason_field
from ringfence.core.imports.row_problems import RowProblem, problem_of, row_problem
from ringfence.errors import InputCode
from ringfence.model.block_groups import group_key
from ringfence.model.blocked_numbers import reason_problems
from ringfence.model.imports import ReadingTerms
from ringfence.model.texts import is_storable

Cell = str | RowProblem
"""The field of a row's line that a cell becomes, or what is wrong with the cell."""

_CACHED = 8_192
_LONG = 1_000
_Reader = Callable[[str], Cell]
_NOT_UTF_8 = row_problem(
    InputCode.REASON_FORMAT, "the reason is not in UTF-8: save the file as CSV UTF-8"
)
_NO_GROUP = row_problem(
    InputCode.GROUP_UNKNOWN, "the account has no block group of the name in this row"
)


class BlockCells:
    """Reads columns by the terms of an import."""

    def __init__(self, terms: ReadingTerms) -> None:
        """Take the terms: where they have a block group, no cell has another."""
        self._terms = terms
        self._numbers = NumberCells(terms.region)
        self._expiries = ExpiryCells(terms.timezone, terms.at)
        self._readers: Mapping[str, _Reader] = {
            EXPIRES_AT: self._read_expiry,
            REASON: _read_reason,
            GROUP: self._read_group,
        }
        # A file has few different expiries, reasons and groups.
        self._cached = {name: lru_cache(_CACHED)(read) for name, read in self._readers.items()}

    def read(self, name: str, cells: Sequence[str]) -> list[Cell]:
        """Return what the cells of the column `name` become."""
        if name == NUMBER:
            return self._numbers.read_all(cells)
        # A few thousand long cells would fill the memory.
        readers = self._cached if max(map(len, cells)) <= _LONG else self._readers
        return list(map(readers[name], cells))

    def _read_expiry(self, cell: str) -> Cell:
        expiry = self._expiries.read(cell)
        return expiry if isinstance(expiry, RowProblem) else rank_of(expiry)

    def _read_group(self, cell: str) -> Cell:
        if self._terms.target.block_group_id is not None:
            return str(self._terms.target.block_group_id)
        # A name may itself have what spreadsheets put around one.
        for name in (cell, cell.strip(), tidied(cell)):
            if (group_id := self._terms.groups.get(group_key(name))) is not None:
                return group_field(group_id)
        return _NO_GROUP


def _read_reason(cell: str) -> Cell:
    if cell.strip() and is_storable(cell) and not any(reason_problems(cell)):
        return reason_field(cell)
    reason = cell.replace("\u00a0", " ").strip()
    if not is_storable(reason):
        return _NOT_UTF_8
    problem = next(reason_problems(reason), None)
    return reason_field(reason) if problem is None else problem_of(problem)
