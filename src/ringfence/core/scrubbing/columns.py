"""Columns of numbers: many spellings read at a time.

Where all spellings of a column are of one plain make, which is told by one regular expression,
reading them is to take their digits, behind those of the country code. Others are read one by one,
behind what spreadsheets do to numbers.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ringfence.core.imports.cells import tidied
from ringfence.core.scrubbing.texts import (
    NONE,
    Bytes,
    Numbers,
    Places,
    by_width,
    cut,
    ended_by,
    number_of,
    whole_numbers,
)
from ringfence.model.number_plans import plain_lines
from ringfence.model.spellings import read_number

PIECE = 250
"""How many cells are read one by one where one among them is not plain."""

_LINE_END = "\n"
_PLUS = "+"

# What every reading of a number leaves out.
_SPACING = str.maketrans("", "", " ()-")


class ColumnReader:
    """Reads cells as numbers are spelled in one region."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._plain = plain_lines(region)

    def read_bytes(
        self, data: Bytes, starts: Places, ends: Places, decode: Callable[[bytes], str]
    ) -> Numbers:
        """Return the number that each cell of `data` spells, or NONE; behind each is a byte.

        `decode` tells the text of many cells with line ends between them.
        """
        numbers = np.full(len(starts), NONE, np.int64)
        for width, places in by_width(starts, ends):
            lines = cut(data, starts[places], width + 1)
            lines[:, -1] = ord(_LINE_END)
            numbers[places] = self._read_lines(decode(lines.tobytes()[:-1]))
        return numbers

    def read_texts(self, cells: Sequence[str]) -> Numbers:
        """Return the number that each of `cells` spells, or NONE. No cell has a line end."""
        return self._read_lines(_LINE_END.join(cells)) if cells else np.empty(0, np.int64)

    def _read_lines(self, column: str) -> Numbers:
        plain = self._read_plain(column)
        if plain is not None:
            return plain
        cells = column.split(_LINE_END)
        pieces = (cells[start : start + PIECE] for start in range(0, len(cells), PIECE))
        return np.concatenate([self._read_piece(piece) for piece in pieces])

    def _read_piece(self, cells: Sequence[str]) -> Numbers:
        plain = self._read_plain(_LINE_END.join(cells))
        if plain is not None:
            return plain
        return np.array([self._read(cell) for cell in cells], np.int64)

    def _read(self, cell: str) -> int:
        if self._plain.international.fullmatch(cell):
            return number_of(cell)
        if self._plain.national.fullmatch(cell):
            return number_of(self._plain.lead + cell)
        number = read_number(tidied(cell), self._region)
        return NONE if number is None else number_of(number)

    def _read_plain(self, column: str) -> Numbers | None:
        """Return the numbers of lines that are all plain, or None where one is not."""
        if self._plain.international.fullmatch(column):
            return _numbers_of_lines(column, _PLUS)
        bare = column.translate(_SPACING)
        if self._plain.international.fullmatch(bare):
            return _numbers_of_lines(bare, _PLUS)
        if self._plain.national.fullmatch(bare):
            return _numbers_of_lines(bare, "", number_of(self._plain.lead))
        return None


def _numbers_of_lines(column: str, begin: str, country_code: int = 0) -> Numbers:
    """Return the numbers of lines of digits, each of which begins with `begin`."""
    data = np.frombuffer(f"{column}{_LINE_END}".encode(), np.uint8)
    starts, ends = ended_by(data, _LINE_END)
    return whole_numbers(data, starts + len(begin), ends, country_code)
