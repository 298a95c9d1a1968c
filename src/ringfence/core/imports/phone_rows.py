"""Rows of a file of phone numbers: what each says, or what is wrong with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ringfence.core.csv_columns import NAMES as BLOCK_NAMES
from ringfence.core.csv_columns import (
    NUMBER,
    Columns,
    missing_column,
    read_columns,
    refuse_doubt,
    shown_name,
)
from ringfence.core.csv_files import Block
from ringfence.core.imports.cells import tidied
from ringfence.core.imports.number_doubts import number_doubt
from ringfence.core.imports.quoted_rows import QuotedRows
from ringfence.core.imports.row_problems import FailedRow, RowProblem, problem_of, row_problem
from ringfence.core.phone_inventory import kept_number, plan_problems
from ringfence.errors import InputCode
from ringfence.model.imports import COLUMNS, Kind, ReadingTerms
from ringfence.model.numbers import identity
from ringfence.model.phone_numbers import (
    MAX_PRIORITY,
    MIN_PRIORITY,
    PhoneNumberPlan,
    State,
    is_phone_name,
)
from ringfence.model.skills import skill_key
from ringfence.model.spellings import read_digits

NAME, PRIORITY, STATE, SKILLS = "name", "priority", "state", "skills"

NAMES: Mapping[str, Sequence[str]] = {
    NAME: (
        *("name", "phone name", "phone number name", "agent name", "agent", "user name", "user"),
        *("extension name", "display name", "employee name", "employee", "label"),
    ),
    NUMBER: BLOCK_NAMES[NUMBER],
    PRIORITY: ("priority", "prio", "rank", "order", "hunt order", "hunting order"),
    STATE: ("state", "status"),
    SKILLS: ("skills", "skill", "skill names", "skill name", "skill set", "queues", "queue"),
}
"""What the columns of phone numbers are called, the likeliest names first."""

_POSITIONS = COLUMNS[Kind.PHONE_NUMBERS]
_PRIORITY = re.compile(r"([0-9]{1,4})(?:\.0+)?")
_OTHER_SEPARATORS = re.compile("[|;]")
_STATES = {state.value for state in State}
_NO_STATE = row_problem(InputCode.FIELD_INVALID, "a state is active or off")
_NO_PRIORITY = row_problem(
    InputCode.PRIORITY_RANGE, f"a priority is from {MIN_PRIORITY} to {MAX_PRIORITY}"
)


class PhoneRow(NamedTuple):
    """What a row says; None is what its file does not, and stays, or is as usual.

    `number` is as it is kept, `number_key` what it is known by, `state` the value of one.
    """

    name: str
    number: str
    number_key: str
    priority: int | None = None
    state: str | None = None
    skills: Sequence[str] | None = None


def failed_phone(line: int, row: PhoneRow, problem: RowProblem) -> FailedRow:
    """Return a row that was read as one that failed."""
    standing = ("" if each is None else str(each) for each in (row.priority, row.state))
    return FailedRow(
        line, row.number, (row.name, row.number, *standing, ",".join(row.skills or ())), problem
    )


def phone_columns(first: Sequence[str]) -> Columns:
    """Return which column is which in a file with `first` as its first record.

    That is a row where its second cell is a number. Raises InvalidInput where names or numbers
    have no column.
    """
    is_row = len(first) > 1 and read_digits(tidied(first[1])) is not None
    columns = read_columns(first, lambda _: is_row, NAMES, _POSITIONS)
    if NUMBER not in columns.places:
        raise missing_column(NUMBER, first)
    refuse_doubt(first, columns, NAMES)
    return columns


class PhoneRows:
    """Reads rows by the terms of an import, and the columns that its file has."""

    def __init__(self, terms: ReadingTerms, columns: Columns, quoted: QuotedRows) -> None:
        """Take them, and what finds rows with wrong quotes."""
        self._quoted = quoted
        self._region, self._known = terms.region, terms.skills
        self._places, self._width = columns.places, columns.width

    def read(self, block: Block) -> Iterator[tuple[int, PhoneRow | FailedRow]]:
        """Yield the rows of a block that are not blank, each with its line in the file."""
        problems = self._quoted.problems(block)
        for place, (line, cells) in enumerate(zip(block.lines, block.rows, strict=True)):
            if not "".join(cells).strip():
                continue
            found = problems.get(place) or self._row(cells)
            yield line, self._failed(line, cells, found) if isinstance(found, RowProblem) else found

    def _failed(self, line: int, cells: Sequence[str], problem: RowProblem) -> FailedRow:
        told = [self._cell(cells, name) or "" for name in _POSITIONS]
        return FailedRow(line, told[_POSITIONS.index(NUMBER)], told, problem)

    def _row(self, cells: Sequence[str]) -> PhoneRow | RowProblem:
        if len(cells) > self._width and any(map(str.strip, cells[self._width :])):
            rule = f"the row has {len(cells)} cells for {self._width} columns"
            return row_problem(InputCode.CSV_ROW, f"{rule}: is there text that needs quotes?")
        text = tidied(self._cell(cells, NUMBER) or "")
        if doubt := number_doubt(text, self._region):
            return doubt
        name = _read_name(self._cell(cells, NAME) or "")
        priority = _read_priority(self._cell(cells, PRIORITY))
        state = _read_state(self._cell(cells, STATE))
        skills = self._read_skills(self._cell(cells, SKILLS))
        for each in (priority, state, skills):
            if isinstance(each, RowProblem):
                return each
        return self._judged(PhoneRow(name, text, "", priority, state, skills))  # type: ignore[arg-type]

    def _judged(self, row: PhoneRow) -> PhoneRow | RowProblem:
        """Return a row with its number as it is kept, by the rules of one made by itself."""
        number = kept_number(row.number, self._region)
        priority = MIN_PRIORITY if row.priority is None else row.priority
        plan = PhoneNumberPlan(row.name, row.number, priority, skills=tuple(row.skills or ()))
        problem = next(iter(plan_problems(plan, number)), None)
        if problem is not None or number is None:
            assert problem is not None, "what spells no number is a problem"
            return problem_of(problem)
        return row._replace(number=number, number_key=identity(number, self._region))

    def _cell(self, cells: Sequence[str], name: str) -> str | None:
        """Return a cell, None where the file has no such column, or the row ends before it."""
        place = self._places.get(name, len(cells))
        return cells[place] if place < len(cells) else None

    def _read_skills(self, cell: str | None) -> Sequence[str] | RowProblem | None:
        """Return the names of skills in a cell; one with | or ; in it is taken as it is.

        No name has a comma.
        """
        if cell is None:
            return None
        parts = [part for whole in cell.split(",") for part in self._parts(whole)]
        names: dict[str, str] = {}
        for part in filter(None, parts):
            names.setdefault(skill_key(part), part)
        unknown = next((name for key, name in names.items() if key not in self._known), None)
        if unknown is not None:
            return row_problem(InputCode.SKILL_UNKNOWN, f"there is no skill {shown_name(unknown)}")
        return list(names.values())

    def _parts(self, whole: str) -> list[str]:
        for text in (whole.strip(), tidied(whole)):
            if skill_key(text) in self._known:
                return [text]
        return [tidied(part) for part in _OTHER_SEPARATORS.split(whole)]


def _read_name(cell: str) -> str:
    """Return the name in a cell; some that spreadsheets might have spoilt are names as they are."""
    name = cell.strip()
    return name if is_phone_name(name) else tidied(cell)


def _read_priority(cell: str | None) -> int | RowProblem | None:
    if cell is None:
        return None
    text = tidied(cell)
    if not text:
        return MIN_PRIORITY
    found = _PRIORITY.fullmatch(text)
    return int(found[1]) if found else _NO_PRIORITY


def _read_state(cell: str | None) -> str | RowProblem | None:
    if cell is None:
        return None
    text = tidied(cell).casefold() or State.ACTIVE.value
    return text if text in _STATES else _NO_STATE
