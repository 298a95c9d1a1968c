"""Any sequence of changes to block groups, while time passes, ends as one kept by hand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ringfence.core.block_groups import (
    add_numbers,
    create_block_group,
    get_block_group,
    remove_numbers,
)
from ringfence.core.phone_numbers import delete_phone_number
from ringfence.errors import RingfenceError
from ringfence.model.block_groups import (
    BlockGroup,
    GroupDraft,
    NumbersAdded,
    NumbersAddition,
    NumbersRemoved,
)
from ringfence.model.calls import Disposition
from ringfence.model.changes import Origin
from ringfence.model.phone_numbers import PhoneNumberRef
from ringfence.store import Store
from tests.core.calls import blocks_of, screened
from tests.core.numbers import EVERY_SPELLING, POSSIBLE_SPELLINGS, SPELLINGS, owner_of
from tests.core.outcomes import outcome
from tests.core.people import NOW, ORIGIN, new_account, own_number

NEVER = None
EMERGENCY = ("112", "100")
NAMES = st.sampled_from(["Spam", "SPAM", "Fraud", "fraud", "Pests"])
NUMBERS = st.lists(st.sampled_from([*EVERY_SPELLING, *EMERGENCY]), min_size=1, max_size=6)
SECONDS = st.none() | st.integers(1, 6)
PICKS = st.integers(1, 4)


@dataclass
class Group:
    """A group as the list kept by hand has it: numbers with when they end."""

    name: str
    description: str
    ends: dict[str, datetime | None] = field(default_factory=dict)

    def holds(self, number: str, now: datetime) -> bool:
        """Tell whether `number` is blocked here now."""
        end = self.ends.get(number, now)
        return end is NEVER or end > now


class BlockGroupsOverTime(RuleBasedStateMachine):
    """The store beside a list kept by hand."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.account = new_account(self.store)
        self.now = NOW
        self.groups: dict[int, Group] = {}
        self.own: set[str] = set()

    @rule(name=NAMES, numbers=NUMBERS, seconds=SECONDS)
    def create(self, name: str, numbers: list[str], seconds: int | None) -> None:
        """Create a group."""
        draft = GroupDraft(name, "about", numbers, self._end(seconds))
        made = outcome(lambda: create_block_group(self.store, self.account, draft, self._origin()))
        if self._is_taken(name, by_other_than=0):
            assert code_of(made) == "block_group_exists"
            return
        assert not isinstance(made, RingfenceError)
        assert made.block_group_id == len(self.groups) + 1
        assert list(made.numbers) == self._blockable(numbers)
        self.groups[made.block_group_id] = Group(name, "about")
        self._put(made.block_group_id, numbers, seconds)

    @rule(pick=PICKS, numbers=NUMBERS, seconds=SECONDS, name=st.none() | NAMES)
    def add(self, pick: int, numbers: list[str], seconds: int | None, name: str | None) -> None:
        """Add numbers to a group, and sometimes give it another name."""
        addition = NumbersAddition(numbers, self._end(seconds), name)
        added = outcome(
            lambda: add_numbers(self.store, self.account, pick, addition, self._origin())
        )
        expected = self._add(pick, numbers, name)
        if not isinstance(expected, NumbersAdded):
            assert code_of(added) == expected
            return
        assert added == expected
        self.groups[pick].name = name or self.groups[pick].name
        self._put(pick, numbers, seconds)

    def _add(self, pick: int, numbers: list[str], name: str | None) -> NumbersAdded | str:
        if pick not in self.groups:
            return "block_group_not_found"
        if name is not None and self._is_taken(name, by_other_than=pick):
            return "block_group_exists"
        told = self._blockable(numbers)
        distinct = {number for number in told if number is not None}
        new = sum(not self._holders(number) for number in distinct)
        inserted = sum(not self.groups[pick].holds(number, self.now) for number in distinct)
        return NumbersAdded(tuple(told), new, inserted)  # type: ignore[arg-type]

    @rule(pick=PICKS, numbers=NUMBERS)
    def remove(self, pick: int, numbers: list[str]) -> None:
        """Remove numbers from a group."""
        removed = outcome(
            lambda: remove_numbers(self.store, self.account, pick, numbers, self._origin())
        )
        if pick not in self.groups:
            assert code_of(removed) == "block_group_not_found"
            return
        group = self.groups[pick]
        found = [owner_of(n) if n not in EMERGENCY else n for n in numbers]
        told = [number if group.holds(number, self.now) else None for number in found]
        count = len(set(told) - {None})
        assert removed == NumbersRemoved(tuple(told), count)  # type: ignore[arg-type]
        group.ends = {number: end for number, end in group.ends.items() if number not in found}

    @rule(seconds=st.integers(1, 4))
    def let_time_pass(self, seconds: int) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    @rule(spelling=st.sampled_from(POSSIBLE_SPELLINGS))
    def own_or_disown(self, spelling: str) -> None:
        """Make a number the account's own, or no longer."""
        number = owner_of(spelling)
        if number in self.own:
            self.own.remove(number)
            ref = PhoneNumberRef(f"n{number[1:]}", number)
            delete_phone_number(self.store, self.account, ref, ORIGIN)
        else:
            self.own.add(number)
            own_number(self.store, self.account, f"n{number[1:]}", spelling)

    @invariant()
    def it_blocks_the_same(self) -> None:
        """Every number is screened as the list says, now."""
        for number in SPELLINGS:
            screening = screened(self.store, self.account, SPELLINGS[number][0], at=self.now)
            told = [(e.group.block_group_id, e.expires_at) for e in blocks_of(screening)]
            expected = [] if number in self.own else self._ranked(number)
            assert told == expected
            assert (screening.disposition is Disposition.BLOCK) == bool(expected)

    @invariant()
    def the_groups_are_the_same(self) -> None:
        """Each has the name that was given last."""
        for group_id, group in self.groups.items():
            found = get_block_group(self.store, self.account, group_id)
            assert found == BlockGroup(group_id, group.name, group.description)

    def _origin(self) -> Origin:
        return Origin("test", 1, self.now)

    def _end(self, seconds: int | None) -> datetime | None:
        return NEVER if seconds is None else self.now + timedelta(seconds=seconds)

    def _is_taken(self, name: str, *, by_other_than: int) -> bool:
        others = (each for own_id, each in self.groups.items() if own_id != by_other_than)
        return any(each.name.lower() == name.lower() for each in others)

    def _blockable(self, numbers: list[str]) -> list[str | None]:
        found = [None if n in EMERGENCY else owner_of(n) for n in numbers]
        return [n if n in SPELLINGS and n not in self.own else None for n in found]

    def _put(self, group_id: int, numbers: list[str], seconds: int | None) -> None:
        for number in self._blockable(numbers):
            if number is not None:
                self.groups[group_id].ends[number] = self._end(seconds)

    def _holders(self, number: str) -> list[int]:
        return [n for n, group in self.groups.items() if group.holds(number, self.now)]

    def _ranked(self, number: str) -> list[tuple[int, datetime | None]]:
        held = [
            (group_id, self.groups[group_id].ends[number]) for group_id in self._holders(number)
        ]
        forever = sorted(each for each in held if each[1] is NEVER)
        ending = sorted((end, -group_id) for group_id, end in held if end is not NEVER)
        return [*forever, *((-group_id, end) for end, group_id in reversed(ending))]


def code_of(came: object) -> str | None:
    """Return the code of an error, or None for any other outcome."""
    return came.code if isinstance(came, RingfenceError) else None


def test_block_groups_are_what_a_list_kept_by_hand_holds(store: Store) -> None:
    """Fifty sequences of thirty steps, each on an account of its own."""
    machine = type("OnThisStore", (BlockGroupsOverTime,), {"store": store})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=50, stateful_step_count=30, deadline=None)
    )
