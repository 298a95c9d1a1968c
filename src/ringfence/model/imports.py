"""Imports: files of many rows, looked at before they are applied, and taken back as a whole."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MAX_ROWS = 1_000_000
"""How many rows a file may have, its header aside."""

CHUNK_ROWS = 400
"""How many rows go into the store in one transaction at most."""


class Kind(StrEnum):
    """What the rows of a file become."""

    BLOCKED_NUMBERS = "blocked_numbers"
    PHONE_NUMBERS = "phone_numbers"


COLUMNS: Mapping[Kind, Sequence[str]] = {
    Kind.BLOCKED_NUMBERS: ("number", "expires_at", "reason"),
    Kind.PHONE_NUMBERS: ("name", "number", "priority", "state", "skills"),
}
"""What a row of each kind says, in the order of a file without a header."""

FAILED_COLUMNS: Mapping[Kind, Sequence[str]] = {
    kind: ("line", *columns, "code", "problem") for kind, columns in COLUMNS.items()
}
"""What the file of failed rows says of each; it may be corrected and imported as it is."""


class RowOutcome(StrEnum):
    """What a row would do, or did.

    `new` puts something there, `extended` makes a block last longer (or changes a phone number),
    `duplicate` finds it there already or earlier in the file; `invalid` and `protected` rows
    failed.
    """

    NEW = "new"
    EXTENDED = "extended"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    PROTECTED = "protected"


Counts = Mapping[RowOutcome, int]


class ImportState(StrEnum):
    """How far an import is; `applying` and `undoing` go on until they are done."""

    READING = "reading"
    PREVIEWED = "previewed"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the rows go: into one block group, or where their own column says, or phone numbers.

    `block_group_id` is None for phone numbers, and for a file whose rows name their groups.
    """

    kind: Kind
    block_group_id: int | None = None

    @property
    def path(self) -> str:
        """What is called so at /v1: block-groups/7, block-groups, phone-numbers."""
        if self.kind is Kind.PHONE_NUMBERS:
            return "phone-numbers"
        group = self.block_group_id
        return "block-groups" if group is None else f"block-groups/{group}"


@dataclass(frozen=True, slots=True)
class ReadingTerms:
    """What the rows of a file are read by.

    Numbers are read as dialled in `region`, moments without an offset in `timezone`; an expiry
    lies after `at`. `groups` has the ids of block groups by the keys of their names, for a file
    whose rows name them; `skills` has the keys of the account's skills, for phone numbers.
    """

    target: Target
    region: str
    timezone: str
    at: datetime
    groups: Mapping[str, int] = field(default_factory=dict)
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as an example: its line in the file, its number there, and what is to be said of it."""

    line: int
    number: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StagedChunk:
    """Rows that were read and go into the store together: of one group, in the order of the key.

    `rows` is a JSON list: of a blocked number [PATTERN, EXPIRY, REASON], the expiry in ms since
    1970 or null, the reason as its place in `reasons`; no pattern is there twice. Of a phone number
    [NAME, NUMBER, NUMBER_KEY, PRIORITY, STATE, [SKILL, …]], in the order of the file, null for
    what the file does not say; no name or number is there twice. `lines` is a JSON list of the
    line of each row. Both are text because they go to the database as they are.
    """

    block_group_id: int | None
    count: int
    rows: str
    lines: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedRows:
    """Rows that cannot go into the store, as lines of CSV with the columns FAILED_COLUMNS."""

    text: str


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What reading a file found: how many rows, and what became of those that were not staged.

    `counts` has the duplicates within the file, the invalid rows and the emergency numbers
    (protected); `first` the first of each.
    """

    rows: int
    counts: Counts
    first: Mapping[RowOutcome, ShownRow]

    @property
    def findings(self) -> "Findings":
        """What it found, to be added to what the rows in the store would do."""
        return Findings(self.counts, self.first)


Part = StagedChunk | FailedRows | ReadSummary
"""What reading a file yields; the summary comes last, and once."""


@dataclass(frozen=True, slots=True)
class Findings:
    """How many rows would do what, or did, and the first of each that is known."""

    counts: Counts = field(default_factory=dict)
    first: Mapping[RowOutcome, ShownRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """How far an import is: chunks and rows that are in the store, of those that were staged.

    `undo_from` is how many rows were in the store when taking them back began.
    """

    chunks: int = 0
    chunks_done: int = 0
    staged: int = 0
    done: int = 0
    undo_from: int = 0


@dataclass(frozen=True, slots=True)
class Import:
    """An import: where it goes, how far it is, what its rows would do (`preview`) and did.

    `import_id` is one of a kind in the whole store, and sorts by when the import was made. `found`
    is what reading the file told already: `preview` has it too. `door` and `key_id` say who let it
    do what it does now. `failed` counts the rows in the file of those that failed.
    """

    import_id: str
    target: Target
    state: ImportState
    door: str
    key_id: int | None
    created_at: datetime
    rows: int = 0
    found: Findings = Findings()
    preview: Findings = Findings()
    applied: Findings = Findings()
    failed: int = 0
    position: Position = Position()

    @property
    def was_applied(self) -> bool:
        """Whether any of its rows have gone into the store, or were about to."""
        return bool(self.applied.counts) or self.state in (
            ImportState.APPLYING,
            ImportState.APPLIED,
        )

    @property
    def progress(self) -> tuple[int, int]:
        """How many rows are applied, or taken back, of how many that are to be."""
        place = self.position
        if self.state in (ImportState.UNDOING, ImportState.UNDONE):
            return place.undo_from - place.done, place.undo_from
        return place.done, place.staged

    @property
    def is_under_way(self) -> bool:
        """Whether there are steps to make."""
        return self.state in UNDER_WAY


UNDER_WAY = (ImportState.APPLYING, ImportState.UNDOING)


def new_import_id(at: datetime) -> str:
    """Return an id that no other import has, and that sorts behind those made before `at`."""
    return f"{int(at.timestamp() * 1000):012x}{secrets.token_hex(6)}"


def added(first: Findings, second: Findings) -> Findings:
    """Return both findings as one."""
    counts = Counter(first.counts) + Counter(second.counts)
    shown = dict(first.first)
    for outcome, row in second.first.items():
        known = shown.get(outcome)
        shown[outcome] = row if known is None or row.line < known.line else known
    return Findings(counts, shown)
