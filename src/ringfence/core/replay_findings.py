"""What a replay has found so far, and the report that comes of it."""

import heapq
from collections.abc import Iterator
from datetime import datetime

from ringfence.core.tallies import Tally
from ringfence.model.block_groups import BlockGroup
from ringfence.model.calls import GroupName
from ringfence.model.patterns import WITHHELD, Kind, kind_of
from ringfence.model.replays import (
    MAX_CALLS,
    MAX_ENTRIES,
    EntryCount,
    ReplayedCall,
    ReplayReport,
)
from ringfence.store.past_calls import PastCall


class Findings:
    """How many calls passed, and of how many the number is hashed; and which are blocked."""

    def __init__(self) -> None:
        self.passed = self.hashed = 0
        self._blocked = 0
        # A number is blocked by itself or by a prefix, and then by the same one in every call.
        self._exact, self._covered, self._prefixes = Tally(), Tally(), Tally()
        self._newest: list[tuple[int, str, str]] = []

    def add(self, call: PastCall, number: str, pattern: str) -> None:
        """Count a call that `pattern` would have blocked; `number` is that of its other party."""
        self._blocked += 1
        if kind_of(pattern) is Kind.PREFIX:
            self._prefixes.add(_code(pattern))
            self._covered.add(_code(number))
        else:
            self._exact.add(_code(number))
        keep = heapq.heappush if len(self._newest) < MAX_CALLS else heapq.heappushpop
        keep(self._newest, (call.screening_id, call.party, pattern))

    def report(
        self, group: BlockGroup, since: datetime, until: datetime, kept_since: datetime | None
    ) -> ReplayReport:
        """Return what was found of a group, from `since` until `until`."""
        return ReplayReport(
            group=GroupName(group.block_group_id, group.name),
            since=since,
            until=until,
            kept_since=kept_since,
            calls=self.passed,
            hashed_calls=self.hashed,
            would_block=self._blocked,
            numbers=len(self._exact) + len(self._covered),
            entries=tuple(heapq.nsmallest(MAX_ENTRIES, self._entries(), key=_place)),
            newest=tuple(ReplayedCall(*each) for each in sorted(self._newest, reverse=True)),
        )

    def _entries(self) -> Iterator[EntryCount]:
        yield from (EntryCount(f"+{code}" if code else WITHHELD, n) for code, n in self._exact)
        yield from (EntryCount(f"+{code}*", n) for code, n in self._prefixes)


def _place(entry: EntryCount) -> tuple[int, str]:
    return -entry.calls, entry.pattern


def _code(pattern: str) -> int:
    """Return a whole number for a pattern, of its digits; for `withheld`, which has none, 0."""
    return 0 if pattern == WITHHELD else int(pattern.strip("+*"))
