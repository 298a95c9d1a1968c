"""Imports applied and taken back in any interleaving with changes by hand, as time passes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.core.housekeeping import tidy
from ringfence.core.imports.reports import get_import
from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.errors import ImportNotApplicable, NumberProtected
from ringfence.model.blocked_numbers import EntryChange, NumbersDraft
from ringfence.model.changes import Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import ImportState, RowOutcome
from ringfence.store import Store
from tests.core.importing import Row, failed, number, staged, told
from tests.core.layers import Layers
from tests.core.outcomes import outcome
from tests.core.people import NOW, new_account, own_number
from tests.core.records import followed, stored

SIZE, GROUPS = 2, (1, 2)
PATTERNS = [number(place) for place in range(4)] + ["+91140*"]
FAILURES = {RowOutcome.INVALID, RowOutcome.PROTECTED}
SECONDS = st.none() | st.integers(1, 3) | st.integers(10, 90)
REASONS = st.sampled_from(["", "spam"])
GROUP, PATTERN = st.sampled_from(GROUPS), st.sampled_from(PATTERNS)
FILES = st.lists(
    st.tuples(GROUP, PATTERN, SECONDS, REASONS), min_size=3, max_size=8, unique_by=lambda r: r[:2]
)
WHICH, STEPS = st.integers(0, 3), st.integers(0, 4)


@dataclass
class Known:
    """An import as the model has it: its rows in chunks, and how many of these are in the store."""

    import_id: str
    chunks: list[list[Row]]
    state: ImportState = ImportState.PREVIEWED
    stepped_at: datetime = NOW
    done: int = 0
    counts: Counter[RowOutcome] = field(default_factory=Counter)
    failures: dict[int, int] = field(default_factory=dict)

    def settle(self) -> None:
        """Arrive where there is nothing left to do."""
        if self.state is ImportState.APPLYING and self.done == len(self.chunks):
            self.state = ImportState.APPLIED
        if self.state is ImportState.UNDOING and self.done == 0:
            self.state = ImportState.UNDONE


class ImportsOverTime(RuleBasedStateMachine):
    """The store beside groups kept in memory."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.account = new_account(self.store)
        self.now = NOW
        self.model = Layers(GROUPS)
        self.imports: list[Known] = []
        for group in GROUPS:
            draft = GroupSettings(f"Group {group}")
            make_block_group(self.store, self.account, draft, self._origin())

    @rule(file=FILES)
    def look_at(self, file: Sequence[tuple[int, str, int | None, str]]) -> None:
        """Stage a file; the preview tells what its rows would do now."""
        rows = [Row(pattern, self._end(s), reason, group) for group, pattern, s, reason in file]
        made = staged(self.store, self.account, rows, self._origin(), SIZE)
        counts = Counter(self.model.judge(row, self.now) for row in rows)
        assert made.preview.counts == counts
        known = Known(made.import_id, _chunked(rows), stepped_at=self.now)
        for place, chunk in enumerate(known.chunks):
            known.failures[place] = sum(
                self.model.judge(row, self.now) in FAILURES for row in chunk
            )
        self.imports.append(known)

    @rule(file=FILES, steps=STEPS)
    def look_at_and_apply(
        self, file: Sequence[tuple[int, str, int | None, str]], steps: int
    ) -> None:
        """Do both, at once."""
        self.look_at(file)
        self.apply(0, steps)

    @precondition(lambda self: self.imports)
    @rule(which=WHICH, steps=STEPS)
    def apply(self, which: int, steps: int) -> None:
        """Begin to apply one of the last imports, and make some steps."""
        known = self._known(which)
        told = outcome(
            lambda: apply_import(self.store, self.account, known.import_id, self._origin())
        )
        refused = known.state in {ImportState.UNDOING, ImportState.UNDONE}
        assert isinstance(told, ImportNotApplicable) is refused
        if known.state is ImportState.PREVIEWED:
            known.state = ImportState.APPLYING
            known.settle()
        self.step(which, steps)

    @precondition(lambda self: self.imports)
    @rule(which=WHICH, steps=STEPS)
    def undo(self, which: int, steps: int) -> None:
        """Begin to take one of the last imports back, and make some steps."""
        known = self._known(which)
        undo_import(self.store, self.account, known.import_id, self._origin())
        if known.state not in {ImportState.UNDOING, ImportState.UNDONE}:
            known.state, known.stepped_at = ImportState.UNDOING, self.now
            known.settle()
        self.step(which, steps)

    @precondition(lambda self: self.imports)
    @rule(which=WHICH, steps=STEPS)
    def step(self, which: int, steps: int) -> None:
        """Make some steps."""
        known = self._known(which)
        for _ in range(steps):
            found = step_import(self.store, self.account, known.import_id, self.now)
            self._step(known)
            assert found.state is known.state

    def _step(self, known: Known) -> None:
        if known.state is ImportState.APPLYING:
            chunk = known.chunks[known.done]
            outcomes = self.model.put(known.import_id, chunk, self.now)
            known.counts.update(outcomes)
            known.failures[known.done] = sum(each in FAILURES for each in outcomes)
            known.done += 1
        elif known.state is ImportState.UNDOING:
            known.done -= 1
            known.stepped_at = self.now
            self.model.take_back(known.import_id, known.chunks[known.done])
        known.settle()

    @rule(group=GROUP, pattern=PATTERN, seconds=SECONDS, reason=REASONS)
    def add(self, group: int, pattern: str, seconds: int | None, reason: str) -> None:
        """Add a number by hand."""
        row = Row(pattern, self._end(seconds), reason, group)
        draft = NumbersDraft([pattern], row.ends, reason)
        outcome(lambda: add_blocked_numbers(self.store, self.account, group, draft, self._origin()))
        held = self.model.written(row, self.now)
        if held is not None:
            self.model.stack(group, pattern).set(held)

    @rule(group=GROUP, patterns=st.lists(PATTERN, min_size=1, max_size=2))
    def remove(self, group: int, patterns: list[str]) -> None:
        """Remove numbers by hand."""
        outcome(
            lambda: remove_blocked_numbers(
                self.store, self.account, group, patterns, self._origin()
            )
        )
        for pattern in patterns if group in self.model.groups else ():
            self.model.stack(group, pattern).set(None)

    @rule(group=GROUP, pattern=PATTERN, seconds=SECONDS)
    def edit(self, group: int, pattern: str, seconds: int | None) -> None:
        """Give an entry another end by hand, sooner or later."""
        end = self._end(seconds)
        edited = outcome(
            lambda: edit_blocked_number(
                *(self.store, self.account, group, pattern),
                *(EntryChange(expires_at=end), self._origin()),
            )
        )
        if group not in self.model.groups or isinstance(edited, NumberProtected):
            return
        stack = self.model.stack(group, pattern)
        if stack.top is not None and stack.top[0] != end:
            stack.set((end, stack.top[1]))

    @rule(pattern=st.sampled_from(PATTERNS[:2]))
    def protect(self, pattern: str) -> None:
        """Make a number one of the account's own."""
        if pattern not in self.model.protected:
            own_number(self.store, self.account, f"Desk{pattern[1:]}", pattern)
            self.model.protected.add(pattern)

    @precondition(lambda self: len(self.imports) > 4)
    @rule()
    def delete_group(self) -> None:
        """Delete a group."""
        if 2 in self.model.groups:
            delete_block_group(self.store, self.account, 2, self._origin())
            del self.model.groups[2]

    @rule(seconds=st.integers(1, 4) | st.just(5 * 24 * 3600))
    def let_time_pass(self, seconds: int) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    @rule()
    def keep_house(self) -> None:
        """Clear away what nobody sees any more."""
        while tidy(self.store, at=self.now):
            pass
        kept_since = self.now - timedelta(days=7)
        for known in self.imports:
            left = known.state in {ImportState.PREVIEWED, ImportState.UNDONE}
            if left and known.stepped_at < kept_since:
                known.state = ImportState.UNDONE
                known.failures.clear()

    @invariant()
    def the_groups_are_the_same(self) -> None:
        """Until when each number is blocked, and why."""
        for group in self.model.groups:
            there = {
                pattern: each[:2] for pattern, each in told(self.store, self.account, group).items()
            }
            wanted = {
                pattern: (None if end is None else int(end.timestamp() * 1000), reason)
                for pattern, (end, reason) in self.model.held(group).items()
            }
            assert there == wanted

    @invariant()
    def the_record_is_the_same(self) -> None:
        """Whoever only follows the changes has what the database has."""
        there, held = stored(self.store, self.account), followed(self.store, self.account)
        for group in map(str, self.model.groups):
            assert held.get(group, {}) == there.get(group, {})

    @invariant()
    def the_imports_are_the_same(self) -> None:
        """How far each is, and what it tells of its rows."""
        for known in self.imports[-4:]:
            found = get_import(self.store, self.account, known.import_id)
            assert found.state is known.state
            assert found.applied.counts == known.counts
            assert found.position.chunks_done == known.done
            assert found.position.done == sum(map(len, known.chunks[: known.done]))
            assert found.failed == sum(known.failures.values())
            assert len(failed(self.store, self.account, known.import_id)) == found.failed + 1

    def teardown(self) -> None:
        """Take everything back: what was made by hand is left."""
        for known in self.imports:
            self.undo_whole(known)
        assert not any(
            stack.layers for stacks in self.model.groups.values() for stack in stacks.values()
        )
        self.the_groups_are_the_same()

    def undo_whole(self, known: Known) -> None:
        """Take an import back to its end."""
        undo_import(self.store, self.account, known.import_id, self._origin())
        if known.state is not ImportState.UNDONE:
            known.state = ImportState.UNDOING
            known.settle()
        while known.state is ImportState.UNDOING:
            step_import(self.store, self.account, known.import_id, self.now)
            self._step(known)

    def _known(self, which: int) -> Known:
        return self.imports[-1 - which % len(self.imports)]

    def _origin(self) -> Origin:
        return Origin("test", 1, self.now)

    def _end(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.now + timedelta(seconds=seconds)


def _chunked(rows: Sequence[Row]) -> list[list[Row]]:
    chunks = []
    for group in sorted({row.group for row in rows}):
        some = sorted((row for row in rows if row.group == group), key=lambda row: row.pattern)
        chunks += [some[start : start + SIZE] for start in range(0, len(some), SIZE)]
    return chunks


@pytest.mark.parametrize("engine", ["sqlite"])
def test_groups_are_what_layers_kept_in_memory_say(store: Store) -> None:
    """Sixty sequences of thirty steps, each on an account of its own."""
    machine = type("OnThisStore", (ImportsOverTime,), {"store": store})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=60, stateful_step_count=30, deadline=None)
    )
