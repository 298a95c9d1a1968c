"""What imports, and changes by hand between them, make of a group: kept in memory, naively.

Of each number there is what was made of it by hand, and a layer on top for each import that put it
there since. What counts is the topmost; to take an import back is to take its layers out. A change
by hand leaves no layer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ringfence.model.imports import RowOutcome
from tests.core.importing import Row

Held = tuple[datetime | None, str]
"""Until when a number is blocked, None for good, and why."""


@dataclass
class Stack:
    """One number of a group: what was made of it by hand, None for nothing, and the layers."""

    by_hand: Held | None = None
    layers: list[tuple[str, Held]] = field(default_factory=list)

    @property
    def top(self) -> Held | None:
        """What counts."""
        return self.layers[-1][1] if self.layers else self.by_hand

    def live(self, at: datetime) -> Held | None:
        """Return what counts, if it has not ended."""
        top = self.top
        return top if top is not None and (top[0] is None or top[0] > at) else None

    def set(self, held: Held | None) -> None:
        """Change it by hand."""
        self.by_hand, self.layers = held, []


class Layers:
    """The numbers of the groups that are there, and what is protected."""

    def __init__(self, groups: Iterable[int]) -> None:
        self.groups: dict[int, dict[str, Stack]] = {group: {} for group in groups}
        self.protected: set[str] = set()

    def stack(self, group: int, pattern: str) -> Stack:
        """Return what there is of a number."""
        return self.groups[group].setdefault(pattern, Stack())

    def held(self, group: int) -> dict[str, Held]:
        """Return what a group holds."""
        tops = {pattern: stack.top for pattern, stack in self.groups[group].items()}
        return {pattern: top for pattern, top in tops.items() if top is not None}

    def judge(self, row: Row, at: datetime) -> RowOutcome:
        """Return what a row would do."""
        if row.group not in self.groups:
            return RowOutcome.INVALID
        if row.pattern in self.protected:
            return RowOutcome.PROTECTED
        if row.ends is not None and row.ends <= at:
            return RowOutcome.INVALID
        live = self.stack(row.group, row.pattern).live(at)
        if live is None:
            return RowOutcome.NEW
        longer = live[0] is not None and (row.ends is None or row.ends > live[0])
        return RowOutcome.EXTENDED if longer else RowOutcome.DUPLICATE

    def written(self, row: Row, at: datetime) -> Held | None:
        """Return what a row puts there, if anything: a live entry may keep its reason."""
        outcome = self.judge(row, at)
        if outcome not in {RowOutcome.NEW, RowOutcome.EXTENDED}:
            return None
        live = self.stack(row.group, row.pattern).live(at)
        kept = "" if live is None else live[1]
        return row.ends, row.reason or kept

    def put(self, import_id: str, some: Iterable[Row], at: datetime) -> list[RowOutcome]:
        """Put rows of an import there; return what became of each."""
        outcomes = []
        for row in some:
            outcomes.append(self.judge(row, at))
            held = self.written(row, at)
            if held is not None:
                self.stack(row.group, row.pattern).layers.append((import_id, held))
        return outcomes

    def take_back(self, import_id: str, some: Iterable[Row]) -> None:
        """Take out what rows of an import put there."""
        for row in some:
            if row.group in self.groups:
                stack = self.stack(row.group, row.pattern)
                stack.layers = [each for each in stack.layers if each[0] != import_id]
