"""The number of a row: any spelling, behind what spreadsheets do to numbers."""

from collections.abc import Sequence

from ringfence.core.imports.cells import tidied
from ringfence.core.imports.number_doubts import may_be_doubtful, number_doubt
from ringfence.core.imports.row_problems import RowProblem, problem_of, row_problem
from ringfence.errors import InputCode, NumberProtected
from ringfence.model.blocked_numbers import number_problem
from ringfence.model.imports import RowOutcome
from ringfence.model.number_plans import PlainLines, plain_lines
from ringfence.model.numbers import E164, is_emergency
from ringfence.model.patterns import Kind, kind_of, read_pattern
from ringfence.model.spellings import is_emergency_spelling

_EMERGENCY = RowProblem(
    NumberProtected.code, "it is an emergency number, which is never blocked", RowOutcome.PROTECTED
)
_MISSING = row_problem(InputCode.NUMBER_UNREADABLE, "the row has no number")
# What every reading of a number leaves out.
_SPACING = str.maketrans("", "", " ()-")


class NumberCells:
    """Reads cells with numbers as they are dialled in one region."""

    def __init__(self, region: str) -> None:
        """Take the region: its own numbers are read quickly."""
        self._region = region
        self._plain: PlainLines = plain_lines(region)

    def read_all(self, cells: Sequence[str]) -> list[str | RowProblem]:
        """Return the pattern that each of `cells` spells, or what is wrong with it."""
        plain = self._read_plain("\n".join(cells), len(cells))
        return list(plain) if plain is not None else list(map(self.read, cells))

    def read(self, cell: str) -> str | RowProblem:
        """Return the pattern that a cell spells, or what is wrong with it."""
        if plain := self._read_plain(cell, 1):
            return plain[0]
        text = tidied(cell)
        if not text:
            return _MISSING
        if doubt := number_doubt(text, self._region):
            return doubt
        pattern = read_pattern(text, self._region)
        if self._is_emergency(text, pattern):
            return _EMERGENCY
        return pattern or problem_of(number_problem(text, self._region, "number"))

    def _read_plain(self, text: str, count: int) -> list[str] | None:
        """Return the patterns of `count` lines that are all plain numbers of the region."""
        # A cell in quotes may have a line end of its own.
        if text.count("\n") != count - 1 or may_be_doubtful(text):
            return None
        bare = text.translate(_SPACING)
        if self._plain.international.fullmatch(bare):
            return bare.split("\n")
        if self._plain.national.fullmatch(bare):
            lead = self._plain.lead
            return [lead + line for line in bare.split("\n")]
        return None

    def _is_emergency(self, text: str, pattern: str | None) -> bool:
        if pattern is None:
            return is_emergency_spelling(text, self._region)
        return kind_of(pattern) is Kind.EXACT and is_emergency(E164(pattern), self._region)
