"""Reading a file of phone numbers into parts that the store takes as they are."""

import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from ringfence.core.csv_files import Block, CsvFile, open_csv
from ringfence.core.imports.phone_rows import PhoneRow, PhoneRows, failed_phone, phone_columns
from ringfence.core.imports.quoted_rows import QuotedRows
from ringfence.core.imports.row_problems import FailedLines, FailedRow, RowProblem
from ringfence.core.imports.tally import Tally
from ringfence.errors import PhoneNumberExists
from ringfence.model.imports import CHUNK_ROWS, Part, ReadingTerms, ShownRow, StagedChunk
from ringfence.model.phone_numbers import name_key
from ringfence.model.skills import skill_key

_Line = tuple[int, PhoneRow]


def read_phone_rows(source: BinaryIO, terms: ReadingTerms) -> Iterator[Part]:
    """Yield what the CSV file in `source` has: chunks and failed rows, then a summary.

    The chunks are in the order of the file. Of a name or a number that the file has twice, the
    second is a duplicate where both rows say the same, and fails where they do not. The names and
    numbers are held in memory. Raises InvalidInput for a file that cannot be read, has no column
    that is needed, or has no rows or too many.
    """
    tally, failures, seen = Tally(), FailedLines(), _Seen()
    held: list[_Line] = []
    for rows, block in _read(open_csv(source), terms):
        read, failed = seen.apart(rows.read(block))
        tally.add(read, failed)
        yield from failures.add(failed)
        held += seen.give()
        whole = len(held) - len(held) % CHUNK_ROWS
        for start in range(0, whole, CHUNK_ROWS):
            yield _packed(held[start : start + CHUNK_ROWS])
        held = held[whole:]
    tally.refuse_none()
    yield from failures.rest()
    if held:
        yield _packed(held)
    yield tally.summary(seen.duplicates, seen.first_duplicate)


def _read(file: CsvFile, terms: ReadingTerms) -> Iterator[tuple[PhoneRows, Block]]:
    """Yield the blocks of rows, each with what reads them; what comes first says how."""
    rows: PhoneRows | None = None
    quoted = QuotedRows(file.delimiter)
    for each in file.blocks():
        block = each
        if rows is None:
            place = next((n for n, row in enumerate(block.rows) if "".join(row).strip()), None)
            if place is None:
                continue
            columns = phone_columns(block.rows[place])
            rows = PhoneRows(terms, columns, quoted)
            if columns.are_named:
                quoted.check_header(block, place)
            block = block.without_first(place + columns.are_named)
        yield rows, block


class _Seen:
    """Tells the rows that are the first with their name and their number from the others."""

    def __init__(self) -> None:
        self.duplicates = 0
        self.first_duplicate: ShownRow | None = None
        self._names: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._told: dict[int, int] = {}
        self._new: list[_Line] = []

    def apart(
        self, rows: Iterator[tuple[int, PhoneRow | FailedRow]]
    ) -> tuple[int, list[FailedRow]]:
        """Return how many rows are right, duplicates too, and the others."""
        read, failed = 0, list[FailedRow]()
        for line, row in rows:
            problem = None if isinstance(row, FailedRow) else self._take(line, row)
            if isinstance(row, FailedRow):
                failed.append(row)
            elif problem is not None:
                failed.append(failed_phone(line, row, problem))
            else:
                read += 1
        return read, failed

    def give(self) -> list[_Line]:
        """Return the first rows that were not given yet, each with its line."""
        new, self._new = self._new, []
        return new

    def _take(self, line: int, row: PhoneRow) -> RowProblem | None:
        key, told = name_key(row.name), _told(row)
        named, numbered = self._names.get(key), self._numbers.get(row.number_key)
        if named is None and numbered is None:
            self._names[key] = self._numbers[row.number_key] = line
            self._told[line] = told
            self._new.append((line, row))
            return None
        if named == numbered and named is not None and self._told[named] == told:
            self.duplicates += 1
            detail = f"line {named} has it as well"
            self.first_duplicate = self.first_duplicate or ShownRow(line, row.number, detail)
            return None
        return RowProblem(PhoneNumberExists.code, _clash(row, named, numbered))


def _clash(row: PhoneRow, named: int | None, numbered: int | None) -> str:
    if named is None:
        return f"line {numbered} has this number already, with another name"
    if numbered is None:
        return f"line {named} has the name {row.name} already, with another number"
    if named == numbered:
        return f"line {named} has this name and number already, and says something else of them"
    return f"line {named} has the name {row.name} already, and line {numbered} this number"


def _told(row: PhoneRow) -> int:
    """Return what is the same of rows of one name and number that say the same."""
    skills = None if row.skills is None else frozenset(map(skill_key, row.skills))
    return hash((row.priority, row.state, skills))


def _packed(lines: Sequence[_Line]) -> StagedChunk:
    rows = json.dumps([row for _, row in lines], separators=(",", ":"))
    places = json.dumps([line for line, _ in lines], separators=(",", ":"))
    return StagedChunk(None, len(lines), rows, places)
