"""Counting the rows of a file, and what became of those that are not staged."""

from collections import Counter
from collections.abc import Sequence

from ringfence.core.imports.row_problems import FailedRow, shown_row
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.imports import MAX_ROWS, ReadSummary, RowOutcome, ShownRow

_NOT_STAGED = (RowOutcome.DUPLICATE, RowOutcome.INVALID, RowOutcome.PROTECTED)


class Tally:
    """How many rows there were, and what became of those that were not staged."""

    def __init__(self) -> None:
        """Begin without rows."""
        self._rows = 0
        self._counts: Counter[RowOutcome] = Counter()
        self._first: dict[RowOutcome, ShownRow] = {}

    def add(self, read: int, failed: Sequence[FailedRow]) -> None:
        """Count some rows that were read, and others that failed.

        Raises InvalidInput where there are more than a file may have.
        """
        self._rows += read + len(failed)
        if self._rows > MAX_ROWS:
            rule = f"a file has up to {MAX_ROWS:,} rows: cut it into several"
            raise InvalidInput(Problem(InputCode.CSV_TOO_MANY_ROWS, "file", rule))
        for row in failed:
            self._counts[row.problem.outcome] += 1
            if row.problem.outcome not in self._first:
                self._first[row.problem.outcome] = shown_row(row)

    def refuse_none(self) -> None:
        """Raise InvalidInput where there were no rows."""
        if self._rows == 0:
            raise InvalidInput(Problem(InputCode.CSV_EMPTY, "file", "the file has no rows"))

    def summary(self, duplicates: int, first_duplicate: ShownRow | None) -> ReadSummary:
        """Return what reading the file found; of those that were read, so many are duplicates."""
        first = dict(self._first)
        if first_duplicate is not None:
            first[RowOutcome.DUPLICATE] = first_duplicate
        counts = {outcome: self._counts[outcome] for outcome in _NOT_STAGED}
        return ReadSummary(self._rows, counts | {RowOutcome.DUPLICATE: duplicates}, first)
