"""What the rows of a chunk of phone numbers would do, against what the store holds."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import NamedTuple

from ringfence.core.imports.outcomes import Failure
from ringfence.core.imports.phone_rows import PhoneRow
from ringfence.errors import InputCode, PhoneNumberExists, PhoneNumberLimitReached
from ringfence.model.accounts import Account
from ringfence.model.imports import Counts, Findings, RowOutcome, ShownRow, StagedChunk
from ringfence.model.numbers import identity
from ringfence.model.phone_numbers import PhoneNumber, State, name_key
from ringfence.model.skills import skill_key
from ringfence.store import Transaction, phone_rows, skills


class Verdict(NamedTuple):
    """What a row would do: `held` is the record that has its name and number, if there is one."""

    outcome: RowOutcome
    held: PhoneNumber | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class PhoneVerdicts:
    """What each row of a chunk would do, in their order; and the account's skills by their keys."""

    chunk: StagedChunk
    rows: Sequence[PhoneRow]
    verdicts: Sequence[Verdict]
    skill_ids: Mapping[str, int]

    @property
    def counts(self) -> Counts:
        """How many rows would do what."""
        return Counter(verdict.outcome for verdict in self.verdicts)

    @property
    def failed(self) -> int:
        """How many rows cannot go into the store."""
        return sum(verdict.failure is not None for verdict in self.verdicts)

    def of(self, outcome: RowOutcome) -> Iterator[tuple[PhoneRow, PhoneNumber | None]]:
        """Yield the rows that would do this, each with the record it is about, if there is one."""
        for row, verdict in zip(self.rows, self.verdicts, strict=True):
            if verdict.outcome is outcome:
                yield row, verdict.held

    def findings(self, known: Findings) -> Findings:
        """Return what the rows would do; with examples only of outcomes that `known` has not."""
        first: dict[RowOutcome, ShownRow] = {}
        for line, row, verdict in self._with_lines():
            if verdict.outcome not in known.first and verdict.outcome not in first:
                detail = "" if verdict.failure is None else verdict.failure.problem
                first[verdict.outcome] = ShownRow(line, row.number, detail)
        return Findings(self.counts, first)

    def failures(self) -> str:
        """Return the rows that failed as lines of CSV; see FAILED_COLUMNS."""
        file = StringIO(newline="")
        write = csv.writer(file).writerow
        for line, row, verdict in self._with_lines():
            if verdict.failure is not None:
                held = ",".join(row.skills or ())
                write((line, *row[:2], row.priority, row.state, held, *verdict.failure))
        return file.getvalue()

    def _with_lines(self) -> Iterator[tuple[int, PhoneRow, Verdict]]:
        lines: list[int] = json.loads(self.chunk.lines)
        return zip(lines, self.rows, self.verdicts, strict=True)


def judge_phones(tx: Transaction, account: Account, chunk: StagedChunk, room: int) -> PhoneVerdicts:
    """Return what a chunk would do to an account that has room for so many more phone numbers.

    As `add_phone_number` would and, where a record has the name and the number of a row already,
    `change_phone_number`.
    """
    # The account may have left the region in which the file was read.
    rows = [_anew(PhoneRow(*row), account.region) for row in json.loads(chunk.rows)]
    names, keys = [name_key(row.name) for row in rows], [row.number_key for row in rows]
    known = phone_rows.select_known(tx, account.account_id, names, keys)
    skill_ids = skills.select_ids(tx, account.account_id)
    judge = _Judge(known, skill_ids, room)
    return PhoneVerdicts(chunk, rows, [judge.verdict(row) for row in rows], skill_ids)


class _Judge:
    """Judges rows one after the other, for each leaves less room to the next."""

    def __init__(
        self, known: Sequence[PhoneNumber], skill_ids: Mapping[str, int], room: int
    ) -> None:
        self._names = {name_key(phone.name): phone for phone in known}
        self._numbers = {phone.canonical: phone for phone in known}
        self._skill_ids, self._room = skill_ids, room
        self._taken: set[str] = set()

    def verdict(self, row: PhoneRow) -> Verdict:
        """Return what a row would do, if those before it did what they would."""
        named, numbered = self._names.get(name_key(row.name)), self._numbers.get(row.number_key)
        if named is not numbered or row.number_key in self._taken:
            return _failed(PhoneNumberExists.code, _clash(row, named, numbered))
        for name in row.skills or ():
            if skill_key(name) not in self._skill_ids:
                return _failed(InputCode.SKILL_UNKNOWN.value, f"there is no skill {name}")
        if named is not None:
            return Verdict(_effect(row, named), named)
        if self._room <= 0:
            return _failed(PhoneNumberLimitReached.code, PhoneNumberLimitReached.sentence)
        self._room -= 1
        self._taken.add(row.number_key)
        return Verdict(RowOutcome.NEW)


def _anew(row: PhoneRow, region: str) -> PhoneRow:
    return row._replace(number_key=identity(row.number, region))


def _effect(row: PhoneRow, held: PhoneNumber) -> RowOutcome:
    same = (
        row.priority in (None, held.priority)
        and row.state in (None, held.state.value)
        and (row.skills is None or _keys(row.skills) == _keys(held.skills))
    )
    return RowOutcome.DUPLICATE if same else RowOutcome.EXTENDED


def _keys(names: Sequence[str]) -> set[str]:
    return {skill_key(name) for name in names}


def _clash(row: PhoneRow, named: PhoneNumber | None, numbered: PhoneNumber | None) -> str:
    if named is not None:
        return f"the phone number {named.name} is there already, as {named.number}"
    if numbered is not None:
        return f"the number {row.number} is there already, as that of {numbered.name}"
    return "the file has this number before, written otherwise"


def _failed(code: str, problem: str) -> Verdict:
    return Verdict(RowOutcome.INVALID, None, Failure(code, problem))


def state_of(row: PhoneRow) -> State | None:
    """Return the state that a row gives, or None."""
    return None if row.state is None else State(row.state)
