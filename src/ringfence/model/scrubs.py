"""Scrubs: what was dropped from a calling list because it may not be called."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GroupDrops:
    """How many rows a group dropped; it may share them with other groups."""

    block_group_id: int
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class ScrubReport:
    """What became of the rows of a calling list; its header and its blank lines are no rows.

    `unreadable` rows spell no number that could be called, an empty cell among them; they are kept.
    `groups` are those that dropped any, by id. A row that two groups block counts for both of
    them, and once in `dropped`.
    """

    rows: int
    dropped: int
    unreadable: int
    groups: tuple[GroupDrops, ...]

    @property
    def kept(self) -> int:
        """How many rows are left."""
        return self.rows - self.dropped


@dataclass(slots=True)
class Tally:
    """The counts of a scrub while it is under way; blank lines are lines, and no rows."""

    lines: int = 0
    rows: int = 0
    dropped: int = 0
    unreadable: int = 0
    by_group: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count what another counted too."""
        self.lines += other.lines
        self.rows += other.rows
        self.dropped += other.dropped
        self.unreadable += other.unreadable
        self.by_group.update(other.by_group)
