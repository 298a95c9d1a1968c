"""Sorting more lines than memory should hold: in runs, spooled to files that nobody else sees."""

import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from typing import TextIO

RUN_LINES = 250_000
"""How many lines are held before they are sorted and spooled."""

RUN_CHARACTERS = 16_000_000
"""How many characters these have at most, but for the lines that came last."""

_READ_AT_A_TIME = 500_000
_GIVEN_AT_A_TIME = 10_000


class SortedLines:
    """Takes lines, each with its end, and gives them in ascending order."""

    def __init__(self) -> None:
        """Begin without lines."""
        self._held: list[str] = []
        self._characters = 0
        self._spooled: list[TextIO] = []

    def add(self, lines: list[str]) -> None:
        """Take some more lines."""
        self._held += lines
        self._characters += sum(map(len, lines))
        if len(self._held) >= RUN_LINES or self._characters >= RUN_CHARACTERS:
            self._spool()

    def give(self) -> Iterator[list[str]]:
        """Yield all lines, some at a time, in ascending order; they are given once."""
        if not self._spooled:
            self._held.sort()
            yield from _slices(self._held)
            return
        self._spool()
        for lines in _merged(self._spooled):
            yield from _slices(lines)

    def close(self) -> None:
        """Let go of the files, and of every line."""
        self._held = []
        for file in self._spooled:
            file.close()

    def _spool(self) -> None:
        self._held.sort()
        # No name, so that nothing is left where the process is killed.
        file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115  closed by `close`
        self._spooled.append(file)
        for lines in _slices(self._held):
            file.write("".join(lines))
        file.seek(0)
        self._held, self._characters = [], 0


def _slices(lines: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(lines), _GIVEN_AT_A_TIME):
        yield lines[start : start + _GIVEN_AT_A_TIME]


def _merged(runs: list[TextIO]) -> Iterator[list[str]]:
    """Yield the lines of sorted files in order: all up to where one has to be read on, at a time.

    Sorting a few runs once more takes a tenth of the time that comparing line by line does.
    """
    read = {run: run.readlines(_READ_AT_A_TIME) for run in runs}
    while read := {run: lines or run.readlines(_READ_AT_A_TIME) for run, lines in read.items()}:
        read = {run: lines for run, lines in read.items() if lines}
        if not read:
            return
        bound = min(lines[-1] for lines in read.values())
        ends = {run: bisect_right(lines, bound) for run, lines in read.items()}
        ready = [line for run, lines in read.items() for line in lines[: ends[run]]]
        read = {run: lines[ends[run] :] for run, lines in read.items()}
        ready.sort()
        yield ready
