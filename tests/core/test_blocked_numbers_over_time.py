"""Any sequence of adding, extending and removing, while time passes, as a list kept by hand."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ringfence.core.block_groups import add_numbers, remove_numbers
from ringfence.core.blocked_lists import find_blocks, list_blocked_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.group_settings import make_block_group
from ringfence.errors import BlockedNumberNotFound
from ringfence.model.block_groups import NumbersAddition
from ringfence.model.blocked_numbers import (
    EntryChange,
    EntryQuery,
    EntryState,
    NumbersDraft,
    Outcome,
)
from ringfence.model.calls import Disposition
from ringfence.model.changes import Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.model.pages import Window
from ringfence.store import Store
from tests.core.calls import blocks_of, screened
from tests.core.outcomes import outcome
from tests.core.people import NOW, new_account
from tests.core.records import followed, stored

SPELLINGS = {
    "9812345678": "+919812345678",
    "+91 98123-45678": "+919812345678",
    "9812345679": "+919812345679",
    "98123*": "+9198123*",
    "+919*": "+919*",
    "withheld": "withheld",
    "Anonymous": "withheld",
}
BAD = ("12345", "x")
NUMBERS = st.lists(st.sampled_from([*SPELLINGS, *BAD]), min_size=1, max_size=6)
EXACT = st.lists(st.sampled_from(["9812345678", "9812345679"]), min_size=1, max_size=3)
SECONDS = st.none() | st.integers(1, 6)
GROUPS = st.integers(1, 2)


class EntriesOverTime(RuleBasedStateMachine):
    """The store beside a list kept by hand."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.account = new_account(self.store)
        self.now = NOW
        self.ends: dict[int, dict[str, datetime | None]] = {1: {}, 2: {}}
        for name in ("One", "Two"):
            make_block_group(self.store, self.account, GroupSettings(name), self._origin())

    @rule(group=GROUPS, numbers=NUMBERS, seconds=SECONDS)
    def add(self, group: int, numbers: list[str], seconds: int | None) -> None:
        """Add numbers."""
        end = self._end(seconds)
        draft = NumbersDraft(numbers, end)
        told = add_blocked_numbers(self.store, self.account, group, draft, self._origin())
        assert [each.number for each in told] == numbers
        for each in told:
            assert each.outcome == self._added(group, each.number, end)
            assert each.pattern == SPELLINGS.get(each.number)

    def _added(self, group: int, number: str, end: datetime | None) -> Outcome:
        pattern = SPELLINGS.get(number)
        if pattern is None:
            return Outcome.INVALID
        ends = self.ends[group]
        if not self._is_live(group, pattern):
            ends[pattern] = end
            return Outcome.ADDED
        before = ends[pattern]
        if before is None or (end is not None and end <= before):
            return Outcome.ALREADY_THERE
        ends[pattern] = end
        return Outcome.EXTENDED

    @rule(group=GROUPS, numbers=NUMBERS)
    def remove(self, group: int, numbers: list[str]) -> None:
        """Remove numbers."""
        told = remove_blocked_numbers(self.store, self.account, group, numbers, self._origin())
        for each in told:
            pattern = SPELLINGS.get(each.number)
            if pattern is None:
                assert each.outcome is Outcome.INVALID
                continue
            was_there = self._is_live(group, pattern)
            assert each.outcome is (Outcome.REMOVED if was_there else Outcome.NOT_THERE)
            self.ends[group].pop(pattern, None)

    @rule(group=GROUPS, number=st.sampled_from([*SPELLINGS]), seconds=SECONDS)
    def edit(self, group: int, number: str, seconds: int | None) -> None:
        """Give an entry another end, sooner or later."""
        end, pattern = self._end(seconds), SPELLINGS[number]
        change = EntryChange(expires_at=end)
        edited = outcome(
            lambda: edit_blocked_number(
                self.store, self.account, group, number, change, self._origin()
            )
        )
        assert isinstance(edited, BlockedNumberNotFound) is (pattern not in self.ends[group])
        if pattern in self.ends[group]:
            self.ends[group][pattern] = end

    @rule(group=GROUPS, numbers=EXACT, seconds=SECONDS)
    def add_by_the_wire(self, group: int, numbers: list[str], seconds: int | None) -> None:
        """Add numbers the other way, which also shortens."""
        addition = NumbersAddition(numbers, self._end(seconds))
        add_numbers(self.store, self.account, group, addition, self._origin())
        for number in numbers:
            self.ends[group][SPELLINGS[number]] = self._end(seconds)

    @rule(numbers=EXACT)
    def remove_everywhere(self, numbers: list[str]) -> None:
        """Remove numbers from every group."""
        remove_numbers(self.store, self.account, None, numbers, self._origin())
        for ends in self.ends.values():
            for number in numbers:
                ends.pop(SPELLINGS[number], None)

    @rule(seconds=st.integers(1, 4))
    def let_time_pass(self, seconds: int) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_lists_are_the_same(self) -> None:
        """Of each state, page by page."""
        for group, ends in self.ends.items():
            live = sorted(each for each in ends if self._is_live(group, each))
            assert self._listed(group, EntryState.LIVE) == live
            assert self._listed(group, EntryState.ALL) == sorted(ends)
            assert self._listed(group, EntryState.EXPIRED) == sorted(set(ends) - set(live))

    @invariant()
    def the_blocks_are_the_same(self) -> None:
        """Of a number, of both groups; the most specific wins, then the longest, then the first."""
        covering = ["+919812345678", "+9198123*", "+919*"]
        found = find_blocks(self.store, self.account, "9812345678", Window(99), at=self.now).items
        live = [(p, g) for p in covering for g in self.ends if self._is_live(g, p)]
        assert [(each.entry.pattern, each.entry.group_id) for each in found] == sorted(live)
        screening = screened(self.store, self.account, "9812345678", at=self.now)
        assert (screening.disposition is Disposition.BLOCK) is bool(live)
        ranked = [(each.pattern, each.group.block_group_id) for each in blocks_of(screening)]
        assert ranked == sorted(live, key=lambda each: self._rank(covering, *each))

    @invariant()
    def the_record_is_the_same(self) -> None:
        """Whoever only follows the changes has what the database has."""
        there = stored(self.store, self.account)
        held = followed(self.store, self.account)
        assert {group: ends for group, ends in held.items() if ends} == there

    def _rank(self, covering: list[str], pattern: str, group: int) -> tuple[int, float, int]:
        end = self.ends[group][pattern]
        lasting = float("-inf") if end is None else -end.timestamp()
        return covering.index(pattern), lasting, group

    def _listed(self, group: int, state: EntryState) -> list[str]:
        patterns, window = [], Window(2)
        while True:
            query = EntryQuery(state=state)
            page = list_blocked_numbers(self.store, self.account, group, query, window, at=self.now)
            patterns += [each.pattern for each in page.items]
            if page.next is None:
                return patterns
            window = Window(2, page.next)

    def _is_live(self, group: int, pattern: str) -> bool:
        end = self.ends[group].get(pattern, self.now)
        return end is None or end > self.now

    def _origin(self) -> Origin:
        return Origin("test", 1, self.now)

    def _end(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.now + timedelta(seconds=seconds)


def test_entries_are_what_a_list_kept_by_hand_holds(store: Store) -> None:
    """Sixty sequences of thirty steps, each on an account of its own."""
    machine = type("OnThisStore", (EntriesOverTime,), {"store": store})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=60, stateful_step_count=30, deadline=None)
    )
