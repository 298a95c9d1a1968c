"""What is wrong with single rows of a file, and the lines that tell of those that failed."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ringfence.errors import InputCode, Problem
from ringfence.model.imports import FAILED_COLUMNS, FailedRows, Kind, RowOutcome, ShownRow

MAX_SHOWN = 1_000
"""How many characters of a cell are told."""

# With one more row, all cells of which are quotes, this is 16,000, or 64 KB in UTF-8 at most.
_FULL = 8_000


class RowProblem(NamedTuple):
    """Why a row cannot go into the store: its code, and a sentence."""

    code: str
    sentence: str
    outcome: RowOutcome = RowOutcome.INVALID


class FailedRow(NamedTuple):
    """A row that failed: its line in the file, its number, the cells of its kind's columns, why."""

    line: int
    number: str
    cells: Sequence[str]
    problem: RowProblem


def failed_header(kind: Kind) -> str:
    """Return what stands above the failed rows in a file of them."""
    return f"{','.join(FAILED_COLUMNS[kind])}\r\n"


def problem_of(problem: Problem) -> RowProblem:
    """Return what is wrong with a row where `problem` is with one of its values."""
    return RowProblem(problem.code.value, problem.message)


def row_problem(code: InputCode, sentence: str) -> RowProblem:
    """Return the problem of an invalid row."""
    return RowProblem(code.value, sentence)


def shown_row(failed: FailedRow) -> ShownRow:
    """Return a failed row as an example of its kind."""
    return ShownRow(failed.line, as_shown(failed.number), failed.problem.sentence)


def as_shown(text: str) -> str:
    """Return what is told of a cell: what can be stored of it, and no more than MAX_SHOWN."""
    if len(text) <= MAX_SHOWN and text.isascii():
        return text
    return text[:MAX_SHOWN].encode("utf-8", "replace").decode("utf-8")


class FailedLines:
    """Collects failed rows into parts of a file."""

    def __init__(self) -> None:
        """Begin without rows."""
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)

    def add(self, failed: Sequence[FailedRow]) -> Iterator[FailedRows]:
        """Yield the parts that are full with `failed` behind what was added before."""
        for row in failed:
            cells = map(as_shown, row.cells)
            self._writer.writerow((row.line, *cells, row.problem.code, row.problem.sentence))
            if self._text.tell() >= _FULL:
                yield from self.rest()

    def rest(self) -> Iterator[FailedRows]:
        """Yield what was added and not yet yielded, if anything."""
        if text := self._text.getvalue():
            yield FailedRows(text)
            self._text.seek(0)
            self._text.truncate()
