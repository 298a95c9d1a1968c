"""Any sequence of creates, edits and deletes leaves what a list kept by hand would hold."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ringfence.core.accounts import set_account
from ringfence.core.phone_inventory import change_phone_number
from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
    get_phone_number,
)
from ringfence.errors import RingfenceError
from ringfence.model.accounts import AccountChange
from ringfence.model.changes import Action
from ringfence.model.phone_numbers import (
    PhoneNumber,
    PhoneNumberChange,
    PhoneNumberDraft,
    PhoneNumberEdit,
    PhoneNumberRef,
    PhoneNumberSaved,
    State,
)
from ringfence.store import Store
from ringfence.store.database import Row
from tests.core.numbers import EVERY_SPELLING, owner_of
from tests.core.outcomes import outcome
from tests.core.people import ORIGIN, new_account
from tests.core.records import recorded

SKILLS = ("General", "Sales", "Service")
NAMES = st.sampled_from(["Desk", "desk", "DESK", "Door", "dOOR", "a1", "A1", "+9"])
NUMBERS = st.sampled_from(EVERY_SPELLING)
SKILL_LISTS = st.none() | st.lists(
    st.sampled_from([*SKILLS, "sales", " SERVICE ", "general", "Nope", ""]), max_size=3
).map(tuple)


@dataclass
class Record:
    """A phone number as the list kept by hand has it."""

    name: str
    number: str
    skills: set[str] = field(default_factory=set)

    def is_named(self, name: str, number: str) -> bool:
        """Tell whether both name this record."""
        same_name = self.name.lower() == name.lower()
        return same_name and owner_of(self.number) == owner_of(number)

    def clashes(self, name: str, number: str) -> bool:
        """Tell whether another record could not have this name and this number."""
        same_name = self.name.lower() == name.lower()
        return same_name or owner_of(self.number) == owner_of(number)


def known(skills: tuple[str, ...] | None) -> set[str] | None:
    """Return the skills named, or None where one of them is no skill."""
    named = {skill.strip().title() for skill in skills or ()}
    return named if named <= set(SKILLS) else None


def told(came: object) -> object:
    """Return the code of an error, whether skills were refused, or nothing."""
    if isinstance(came, RingfenceError):
        return came.code
    return came.skills_refused if isinstance(came, PhoneNumberSaved) else came


class PhoneNumbersOverTime(RuleBasedStateMachine):
    """The store beside a list kept by hand."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.account = new_account(self.store, limit=3, skills=SKILLS)
        self.limit = 3
        self.records: list[Record] = []
        self.ids: list[int] = []

    @rule(name=NAMES, number=NUMBERS, skills=SKILL_LISTS)
    def create(self, name: str, number: str, skills: tuple[str, ...] | None) -> None:
        """Create a phone number."""
        expected = self._create(name, number, skills)
        draft = PhoneNumberDraft(name, number, skills)
        saved = outcome(lambda: create_phone_number(self.store, self.account, draft, ORIGIN))
        if isinstance(saved, PhoneNumberSaved):
            self.ids.append(saved.phone_number_id)
        assert told(saved) == expected

    def _create(self, name: str, number: str, skills: tuple[str, ...] | None) -> str | bool:
        if any(record.clashes(name, number) for record in self.records):
            return "phone_number_exists"
        if len(self.records) >= self.limit:
            return "phone_number_limit_reached"
        self.records.append(Record(name, number, known(skills) or set()))
        return known(skills) is None

    @rule(
        ref=st.tuples(NAMES, NUMBERS),
        pick=st.integers(0, 9),
        new=st.tuples(st.none() | NAMES, st.none() | NUMBERS),
        assign=SKILL_LISTS,
        unassign=SKILL_LISTS,
    )
    def edit(
        self,
        ref: tuple[str, str],
        pick: int,
        new: tuple[str | None, str | None],
        assign: tuple[str, ...] | None,
        unassign: tuple[str, ...] | None,
    ) -> None:
        """Edit a phone number: mostly one that is there."""
        name, number = self._aim(ref, pick)
        named, change = PhoneNumberRef(name, number), PhoneNumberChange(*new, assign, unassign)
        expected = self._edit(name, number, change)
        saved = outcome(lambda: edit_phone_number(self.store, self.account, named, change, ORIGIN))
        assert told(saved) == expected

    def _edit(self, name: str, number: str, change: PhoneNumberChange) -> str | bool:
        if change == PhoneNumberChange(None, None, None, None):
            return "invalid_input"
        found = next((each for each in self.records if each.is_named(name, number)), None)
        if found is None:
            return "phone_number_not_found"
        after = Record(change.name or found.name, change.number or found.number, found.skills)
        others = [each for each in self.records if each is not found]
        if any(each.clashes(after.name, after.number) for each in others):
            return "phone_number_exists"
        found.name, found.number = after.name, after.number
        given, taken = known(change.assign_skills), known(change.unassign_skills)
        if given is None or taken is None:
            return True
        found.skills = (found.skills - taken) | given
        return False

    @rule(ref=st.tuples(NAMES, NUMBERS), pick=st.integers(0, 9))
    def delete(self, ref: tuple[str, str], pick: int) -> None:
        """Delete a phone number: mostly one that is there."""
        name, number = self._aim(ref, pick)
        found = [each for each in self.records if each.is_named(name, number)]
        named = PhoneNumberRef(name, number)
        deleted = outcome(lambda: delete_phone_number(self.store, self.account, named, ORIGIN))
        assert told(deleted) == (None if found else "phone_number_not_found")
        self.records = [each for each in self.records if each not in found]

    @rule(
        pick=st.integers(0, 9),
        priority=st.none() | st.integers(1, 20),
        state=st.none() | st.sampled_from(State),
        skills=st.none() | st.sets(st.sampled_from(SKILLS)),
        name=st.none() | NAMES,
    )
    def change(
        self,
        pick: int,
        priority: int | None,
        state: State | None,
        skills: set[str] | None,
        name: str | None,
    ) -> None:
        """Change a phone number by its id: what the wire does not know of too."""
        if pick >= len(self.records):
            return
        record = self.records[pick]
        ref = PhoneNumberRef(record.name, record.number)
        found = get_phone_number(self.store, self.account, ref).phone_number_id
        given = None if skills is None else tuple(skills)
        edit = PhoneNumberEdit(name, None, priority, state, given)
        others = [each for each in self.records if each is not record]
        taken = name is not None and any(name.lower() == each.name.lower() for each in others)
        came = outcome(lambda: change_phone_number(self.store, self.account, found, edit, ORIGIN))
        if edit == PhoneNumberEdit() or taken:
            assert told(came) == ("phone_number_exists" if taken else "invalid_input")
            return
        assert isinstance(came, PhoneNumber)
        record.name = name or record.name
        record.skills = record.skills if skills is None else skills

    @rule(limit=st.integers(0, 5))
    def set_limit(self, limit: int) -> None:
        """Set the account's limit, below what is there too."""
        change = AccountChange(phone_number_limit=limit)
        set_account(self.store, self.account.user_name, change, ORIGIN)
        self.limit = limit

    def _aim(self, ref: tuple[str, str], pick: int) -> tuple[str, str]:
        if pick >= len(self.records):
            return ref
        return self.records[pick].name.swapcase(), self.records[pick].number

    @invariant()
    def it_holds_the_same(self) -> None:
        """Names, numbers and skills are those of the list, as sent."""
        rows = self._all(
            "select phone_number.name, number, coalesce(skill.name, '') from phone_number "
            "left join phone_number_skill using (account_id, phone_number_id) "
            "left join skill using (account_id, skill_id) where account_id = ?"
        )
        held = sorted(rows)
        expected = sorted(
            (record.name, record.number, skill)
            for record in self.records
            for skill in record.skills or [""]
        )
        assert held == expected

    @invariant()
    def the_count_is_right(self) -> None:
        """Compare what was counted along with what counting now gives."""
        used = self._all("select phone_numbers_used from account where account_id = ?")
        count = self._all("select count(*) from phone_number where account_id = ?")
        assert used == count == [(len(self.records),)]

    @invariant()
    def what_is_derived_is_right(self) -> None:
        """How many have each skill, the digits backwards, the places in hunts."""
        counted = self._all(
            "select phone_numbers, (select count(*) from phone_number_skill as held "
            "where held.account_id = skill.account_id and held.skill_id = skill.skill_id) "
            "from skill where account_id = ?"
        )
        assert all(kept == count for kept, count in counted)
        digits = self._all(
            "select number_key, number_reversed from phone_number where account_id = ?"
        )
        assert all(key[::-1] == reversed_ for key, reversed_ in digits)
        places = self._all(
            "select hunt_key, state, priority, name_key from phone_number_skill "
            "join phone_number using (account_id, phone_number_id) where account_id = ?"
        )
        for hunt_key, state, priority, name_key in places:
            assert hunt_key == (f"{priority:02}{name_key}" if state == "active" else None)

    @invariant()
    def every_change_is_recorded(self) -> None:
        """Replay the records of the account's phone numbers: they tell what there is."""
        replayed: dict[str, Any] = {}
        for each in recorded(self.store, self.account):
            if each.change.action is not Action.ACCOUNT_SET:
                assert each.change.before == replayed.get(each.change.subject)
                assert each.change.before != each.change.after
                replayed[each.change.subject] = each.change.after
        told = [
            (each["name"], each["number"], each["skills"]) for each in replayed.values() if each
        ]
        held = [(each.name, each.number, sorted(each.skills)) for each in self.records]
        assert sorted(told) == sorted(held)

    @invariant()
    def no_id_came_twice(self) -> None:
        """Ids only grow."""
        assert self.ids == sorted(set(self.ids))

    def _all(self, sql: str) -> list[Row]:
        return self.store.read(lambda tx: tx.all(sql, (self.account.account_id,)))


def test_phone_numbers_are_what_a_list_kept_by_hand_holds(store: Store) -> None:
    """Fifty sequences of thirty steps, each on an account of its own."""
    machine = type("OnThisStore", (PhoneNumbersOverTime,), {"store": store})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=50, stateful_step_count=30, deadline=None)
    )
