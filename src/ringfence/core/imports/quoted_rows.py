"""Rows whose quotes may be wrong: a quote too many takes in every row up to the next one."""

import csv
from collections import deque
from collections.abc import Collection, Mapping, Sequence

from ringfence.core.csv_columns import has_digits
from ringfence.core.csv_files import Block
from ringfence.core.csv_guesses import unreadable
from ringfence.core.imports.row_problems import RowProblem, row_problem
from ringfence.errors import InputCode
from ringfence.model.block_groups import group_key

_QUOTE = '"'
_BEHIND_QUOTE = row_problem(
    InputCode.CSV_ROW, "text follows a closing quote: a quote within a cell is written twice"
)


class QuotedRows:
    """Looks for such rows in a file with one delimiter."""

    def __init__(self, delimiter: str, group_keys: Collection[str] = ()) -> None:
        """Take the delimiter, and the keys of block groups: their names may have line ends."""
        self._delimiter = delimiter
        self._group_keys = group_keys

    def apart(self, block: Block) -> tuple[Block, Mapping[int, RowProblem]]:
        """Return a block without such rows, and what is wrong with each, by its place there."""
        wrong = self.problems(block)
        if not wrong:
            return block, {}
        kept = [place for place in range(len(block.texts)) if place not in wrong]
        return Block(
            [block.lines[place] for place in kept],
            [block.rows[place] for place in kept],
            [block.texts[place] for place in kept],
        ), wrong

    def problems(self, block: Block) -> Mapping[int, RowProblem]:
        """Return what is wrong with such rows, by their places in a block."""
        has_quotes = any(_QUOTE in text for text in block.texts)
        return self._wrong(block.texts, block.rows) if has_quotes else {}

    def check_header(self, block: Block, place: int) -> None:
        """Raise InvalidInput where the names of columns, at `place`, may have taken in rows.

        A name of several lines is none: spreadsheets have such.
        """
        problem = self._wrong([block.texts[place]], [block.rows[place]]).get(0)
        if problem is not None and (problem is _BEHIND_QUOTE or has_digits(block.rows[place])):
            raise unreadable(f"in line {block.lines[place]}, {problem.sentence}")

    def _wrong(self, texts: Sequence[str], rows: Sequence[list[str]]) -> dict[int, RowProblem]:
        # Most blocks have nothing that is wrong, and are read again as a whole.
        strict = self._is_strict(texts)
        wrong = dict[int, RowProblem]()
        for place, text in enumerate(texts):
            if (count := _line_count(text)) > 1 and not self._are_groups(rows[place]):
                wrong[place] = _over_lines(count)
            elif not strict and not self._is_strict([text]):
                wrong[place] = _BEHIND_QUOTE
        return wrong

    def _are_groups(self, cells: Sequence[str]) -> bool:
        """Whether each cell of several lines is exactly the name of a block group."""
        long = (cell for cell in cells if "\n" in cell or "\r" in cell)
        return all(group_key(cell) in self._group_keys for cell in long)

    def _is_strict(self, texts: Sequence[str]) -> bool:
        """Whether what is in quotes ends where a cell does."""
        reader = csv.reader(texts, delimiter=self._delimiter, skipinitialspace=True, strict=True)
        try:
            deque(reader, maxlen=0)
        except csv.Error:
            return False
        return True


def _over_lines(count: int) -> RowProblem:
    return row_problem(
        InputCode.CSV_ROW, f"a quoted cell goes on over {count} lines: is there a quote too many?"
    )


def _line_count(text: str) -> int:
    inner = text.rstrip("\r\n")
    return 1 + inner.count("\n") + inner.count("\r") - inner.count("\r\n")
