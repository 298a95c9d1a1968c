"""What the rows of a chunk of blocked numbers would do, against what the store holds."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from io import StringIO
from typing import NamedTuple

from ringfence.core.imports.outcomes import Failure
from ringfence.errors import BlockGroupNotFound, InputCode, NumberProtected
from ringfence.model.accounts import Account
from ringfence.model.imports import Counts, Findings, RowOutcome, ShownRow, StagedChunk
from ringfence.model.numbers import E164, is_emergency
from ringfence.model.protection import EMERGENCY, PROTECTOR_NAMES, Protection
from ringfence.store import Transaction, block_groups, import_rows
from ringfence.store.blocked_numbers import Entry
from ringfence.store.import_rows import SentRows
from ringfence.store.times import from_ms, to_ms

# As long as a country code and an emergency number are, with zeros before it, and longer than both.
_SHORT = re.compile(r'"(\+[0-9]{2,11})"')
_EXPIRY = re.compile(r'", ?([0-9]+),')
_ENDED = Failure(InputCode.EXPIRY_PAST.value, "an expiry lies in the future")


class StagedRow(NamedTuple):
    """A row of a chunk: what it blocks, until when (ms, None for good), the place of its reason."""

    pattern: str
    expires_at: int | None
    reason: int


@dataclass(frozen=True)
class Verdicts:
    """What each row of a chunk would do, by its place.

    `others` has the outcomes of all rows but those that would put a number where none is: of most
    chunks it is empty, and then nobody has to take the rows apart. `held` has what stands there.
    """

    chunk: StagedChunk
    others: Mapping[int, RowOutcome] = field(default_factory=dict)
    held: Mapping[int, Entry] = field(default_factory=dict)
    failed: Mapping[int, Failure] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Sequence[StagedRow]:
        """Every row, taken apart."""
        return [StagedRow(*row) for row in json.loads(self.chunk.rows)]

    @cached_property
    def lines(self) -> Sequence[int]:
        """The line of each row in the file."""
        lines: list[int] = json.loads(self.chunk.lines)
        return lines

    @property
    def counts(self) -> Counts:
        """How many rows would do what."""
        counts = Counter(self.others.values())
        counts[RowOutcome.NEW] = self.chunk.count - len(self.others)
        return +counts

    def findings(self, known: Findings) -> Findings:
        """Return what the rows would do; with examples only from before those in `known`."""
        places = {outcome: self._first(outcome) for outcome in self.counts}
        earlier = {
            outcome: self._shown(place)
            for outcome, place in places.items()
            if outcome not in known.first or self.lines[place] < known.first[outcome].line
        }
        return Findings(self.counts, earlier)

    def failures(self) -> str:
        """Return the rows that failed as lines of CSV; see FAILED_COLUMNS."""
        file = StringIO(newline="")
        write = csv.writer(file).writerow
        for place, failure in sorted(self.failed.items()):
            pattern, expires_at, reason = self.rows[place]
            until = "" if expires_at is None else from_ms(expires_at).isoformat()
            write((self.lines[place], pattern, until, self.chunk.reasons[reason], *failure))
        return file.getvalue()

    def _first(self, outcome: RowOutcome) -> int:
        lines = self.lines
        if outcome is not RowOutcome.NEW:
            places: Iterable[int] = (at for at, each in self.others.items() if each is outcome)
        elif self.others:
            places = (place for place in range(len(lines)) if place not in self.others)
        else:
            return lines.index(min(lines))
        return min(places, key=lines.__getitem__)

    def _shown(self, place: int) -> ShownRow:
        failure = self.failed.get(place)
        detail = "" if failure is None else failure.problem
        return ShownRow(self.lines[place], self.rows[place].pattern, detail)


def judge_rows(tx: Transaction, account: Account, chunk: StagedChunk, at: datetime) -> Verdicts:
    """Return what a chunk would do to its group at the moment `at`, as `add_blocked_numbers` would.

    What is there already is never made to end sooner. Where the group is gone, every row fails.
    """
    assert chunk.block_group_id is not None, "blocked numbers stand in a group"
    account_id, at_ms = account.account_id, to_ms(at)
    try:
        block_groups.select_block_group(tx, account_id, chunk.block_group_id)
    except BlockGroupNotFound as gone:
        return _all_failed(chunk, Failure(gone.code, str(gone)))
    sent = SentRows.of(chunk.rows)
    near = import_rows.select_held_rows(tx, account_id, chunk.block_group_id, sent)
    protected = import_rows.select_protected_rows(tx, account_id, sent, at_ms)
    protected |= _emergencies(account, chunk)
    ended = _ended(chunk, at_ms)
    if not near and not protected and not ended:
        return Verdicts(chunk)
    places = {row.pattern: place for place, row in enumerate(Verdicts(chunk).rows)}
    held = {places[each.pattern]: each for each in near if each.pattern in places}
    failed = dict.fromkeys(ended, _ENDED)
    failed |= {places[each]: _protected(by) for each, by in protected.items() if each in places}
    judged = Verdicts(chunk, {}, held, failed)
    return Verdicts(chunk, _others(judged, at_ms), held, failed)


def _others(judged: Verdicts, at_ms: int) -> dict[int, RowOutcome]:
    outcomes = {at: _outcome(judged.rows[at], entry, at_ms) for at, entry in judged.held.items()}
    outcomes |= {
        at: RowOutcome.INVALID if failure is _ENDED else RowOutcome.PROTECTED
        for at, failure in judged.failed.items()
    }
    return {place: each for place, each in outcomes.items() if each is not RowOutcome.NEW}


def _all_failed(chunk: StagedChunk, failure: Failure) -> Verdicts:
    places = range(chunk.count)
    outcomes = dict.fromkeys(places, RowOutcome.INVALID)
    return Verdicts(chunk, outcomes, {}, dict.fromkeys(places, failure))


def _ended(chunk: StagedChunk, at_ms: int) -> Sequence[int]:
    """Return the places of rows that would be over already: it may be long since they were read."""
    if all(int(each) > at_ms for each in set(_EXPIRY.findall(chunk.rows))):
        return ()
    expiries = [row.expires_at for row in Verdicts(chunk).rows]
    return [at for at, each in enumerate(expiries) if each is not None and each <= at_ms]


def _emergencies(account: Account, chunk: StagedChunk) -> dict[str, Protection]:
    """Return the emergency numbers: the region may be another than when the file was read."""
    short = _SHORT.findall(chunk.rows)
    return {each: EMERGENCY for each in short if is_emergency(E164(each), account.region)}


def _outcome(row: StagedRow, entry: Entry, at_ms: int) -> RowOutcome:
    if entry.expires_at is None:
        return RowOutcome.DUPLICATE
    if entry.expires_at <= at_ms:
        return RowOutcome.NEW
    longer = row.expires_at is None or entry.expires_at < row.expires_at
    return RowOutcome.EXTENDED if longer else RowOutcome.DUPLICATE


def _protected(by: Protection) -> Failure:
    return Failure(NumberProtected.code, f"this number is protected, as {PROTECTOR_NAMES[by.kind]}")
