"""Making, listing, changing and deleting block groups."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ringfence.core.block_groups import (
    add_numbers,
    create_block_group,
    find_block_group,
    get_block_group,
    remove_numbers,
)
from ringfence.core.blocked_lists import find_blocks, list_blocked_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    get_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.group_settings import (
    delete_block_group,
    edit_block_group,
    list_block_groups,
    make_block_group,
)
from ringfence.errors import (
    BlockGroupExists,
    BlockGroupNotFound,
    InputCode,
    InvalidInput,
    PreconditionFailed,
)
from ringfence.model.accounts import Account
from ringfence.model.block_groups import (
    BlockGroup,
    Direction,
    GroupDraft,
    Mode,
    NumbersAddition,
    NumbersRemoved,
    Scope,
)
from ringfence.model.blocked_numbers import EntryChange, EntryQuery, NumbersDraft
from ringfence.model.calls import Disposition
from ringfence.model.changes import Action, Origin
from ringfence.model.group_settings import GroupChange, GroupSettings, facts_of
from ringfence.model.pages import Window
from ringfence.model.revisions import revision_of
from ringfence.model.sip_answers import SipAnswer
from ringfence.store import Store
from tests.core.calls import screened
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.records import recorded

NUMBER = "9812345678"
LATER = Origin("later", 2, NOW + timedelta(seconds=9))
FULL = GroupSettings(
    *("Spam", "about", Mode.MONITOR, Direction.INBOUND),
    *(Scope(("sales", "General", "Sales"), ("98123 45678", "+12015550123")), SipAnswer(486, "No")),
)
SCOPE = Scope(("Sales", "General"), ("+919812345678", "+12015550123"))


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with two skills and no groups."""
    return new_account(store, skills=("Sales",))


def test_a_group_is_made_as_it_is_set(store: Store, alice: Account) -> None:
    """Skills by their own names, each once, numbers in E.164; with the moment it was made."""
    made = make_block_group(store, alice, FULL, ORIGIN)
    assert made == BlockGroup(
        *(1, "Spam", "about", Mode.MONITOR, Direction.INBOUND, SCOPE, SipAnswer(486, "No"))
    )
    assert (made.created_at, made.updated_at) == (NOW, NOW)
    found = get_block_group(store, alice, 1)
    assert (found, revision_of(found)) == (made, revision_of(made))


def test_a_group_is_made_of_a_name_alone(store: Store, alice: Account) -> None:
    """It enforces, in both directions, for every call."""
    made = make_block_group(store, alice, GroupSettings("Spam"), ORIGIN)
    assert made == BlockGroup(1, "Spam", "", Mode.ENFORCE, Direction.BOTH, Scope(), None)
    assert find_block_group(store, alice, "SPAM") == made


def test_a_bad_draft_makes_nothing(store: Store, alice: Account) -> None:
    """All that is wrong is told together."""
    bad = GroupSettings("x", "d" * 201, scope=Scope((), ("12",)), answer=SipAnswer(1))
    with pytest.raises(InvalidInput) as refused:
        make_block_group(store, alice, bad, ORIGIN)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["name", "description", "scope/called/0", "answer/code"]
    assert list_block_groups(store, alice, None, 9) == []


def test_an_unknown_skill_is_told_by_its_place(store: Store, alice: Account) -> None:
    """On making and on changing, and the other account's skills are unknown."""
    bob = new_account(store, skills=("Bobs",))
    scope = Scope(("General", "Bobs", "", "\0"))
    with pytest.raises(InvalidInput) as refused:
        make_block_group(store, alice, GroupSettings("Spam", scope=scope), ORIGIN)
    told = [(each.code, each.field, each.value) for each in refused.value.problems]
    assert told == [
        (InputCode.SKILL_UNKNOWN, f"scope/skills/{place}", scope.skills[place])
        for place in (1, 2, 3)
    ]
    make_block_group(store, bob, GroupSettings("Spam"), ORIGIN)
    with pytest.raises(InvalidInput):
        edit_block_group(store, bob, 1, GroupChange(skills=("Sales",)), ORIGIN)
    assert len(recorded(store, bob)) == 1


def test_a_name_is_taken_once(store: Store, alice: Account) -> None:
    """Letter case aside, and no id is lost."""
    make_block_group(store, alice, GroupSettings("Spam"), ORIGIN)
    with pytest.raises(BlockGroupExists):
        make_block_group(store, alice, GroupSettings("sPAM"), ORIGIN)
    other = make_block_group(store, alice, GroupSettings("Pests"), ORIGIN)
    assert other.block_group_id == 2
    with pytest.raises(BlockGroupExists):
        edit_block_group(store, alice, 2, GroupChange("SPAM"), ORIGIN)
    assert edit_block_group(store, alice, 1, GroupChange("SPAM"), ORIGIN).name == "SPAM"


def test_groups_are_listed_by_id(store: Store, alice: Account) -> None:
    """From behind one on, so many."""
    for name in ("C3", "B2", "A1"):
        make_block_group(store, alice, replace(FULL, name=name), ORIGIN)
    make_block_group(store, new_account(store), GroupSettings("Bobs"), ORIGIN)

    def names(after: int | None, limit: int) -> list[str]:
        return [each.name for each in list_block_groups(store, alice, after, limit)]

    assert names(None, 9) == names(0, 3) == ["C3", "B2", "A1"]
    assert (names(1, 1), names(3, 9)) == (["B2"], [])
    assert list_block_groups(store, alice, None, 1)[0].scope == SCOPE


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (GroupChange(name="Pests"), {"name": "Pests"}),
        (GroupChange(description=""), {"description": ""}),
        (GroupChange(mode=Mode.OFF), {"mode": Mode.OFF}),
        (GroupChange(direction=Direction.OUTBOUND), {"direction": Direction.OUTBOUND}),
        (GroupChange(skills=()), {"scope": replace(SCOPE, skills=())}),
        (GroupChange(skills=("GENERAL",)), {"scope": replace(SCOPE, skills=("General",))}),
        (GroupChange(called=()), {"scope": replace(SCOPE, called=())}),
        (GroupChange(answer=None), {"answer": None}),
        (GroupChange(answer=SipAnswer(404)), {"answer": SipAnswer(404)}),
    ],
)
def test_only_what_is_given_changes(
    store: Store, alice: Account, change: GroupChange, changed: dict[str, object]
) -> None:
    """The moment of the change is kept, and a record of it."""
    made = make_block_group(store, alice, FULL, ORIGIN)
    edited = edit_block_group(store, alice, 1, change, LATER)
    assert edited == replace(made, **changed)  # type: ignore[arg-type]
    assert (edited.created_at, edited.updated_at) == (NOW, LATER.at)
    assert revision_of(get_block_group(store, alice, 1)) == revision_of(edited)
    last = recorded(store, alice)[-1]
    assert (last.change.action, last.change.subject) == (Action.BLOCK_GROUP_EDITED, "1")
    assert (last.change.before, last.change.after) == (facts_of(made), facts_of(edited))
    assert (last.origin.door, last.origin.key_id) == ("later", 2)


@pytest.mark.parametrize(
    "change", [GroupChange(), GroupChange("Spam", mode=Mode.MONITOR, skills=("Sales", "General"))]
)
def test_what_changes_nothing_is_not_recorded(
    store: Store, alice: Account, change: GroupChange
) -> None:
    """Nor does it count as a change."""
    made = make_block_group(store, alice, FULL, ORIGIN)
    same = edit_block_group(store, alice, 1, change, LATER)
    assert revision_of(same) == revision_of(made)
    assert len(recorded(store, alice)) == 1


def test_a_group_is_changed_as_it_was_read(store: Store, alice: Account) -> None:
    """Or not at all: that is told before what is wrong with the change."""
    made = make_block_group(store, alice, FULL, ORIGIN)
    revision = revision_of(made)
    edit_block_group(store, alice, 1, GroupChange("Pests"), LATER, revision)
    with pytest.raises(PreconditionFailed):
        edit_block_group(store, alice, 1, GroupChange("x"), LATER, revision)
    with pytest.raises(PreconditionFailed):
        delete_block_group(store, alice, 1, LATER, revision)
    assert get_block_group(store, alice, 1).name == "Pests"
    delete_block_group(store, alice, 1, LATER, revision_of(get_block_group(store, alice, 1)))


def test_a_change_keeps_its_rules(store: Store, alice: Account) -> None:
    """A group that is not there is told first."""
    make_block_group(store, alice, FULL, ORIGIN)
    bad = GroupChange("x", called=("12",))
    with pytest.raises(InvalidInput) as refused:
        edit_block_group(store, alice, 1, bad, ORIGIN)
    assert [each.field for each in refused.value.problems] == ["name", "scope/called/0"]
    with pytest.raises(BlockGroupNotFound):
        edit_block_group(store, alice, 2, bad, ORIGIN)
    with pytest.raises(BlockGroupNotFound):
        delete_block_group(store, new_account(store), 1, ORIGIN)


def test_the_wire_leaves_what_it_does_not_know(store: Store, alice: Account) -> None:
    """A group that it retitles stays set as it was."""
    made = make_block_group(store, alice, FULL, ORIGIN)
    add_numbers(store, alice, 1, NumbersAddition([NUMBER], None, "Pests"), LATER)
    assert get_block_group(store, alice, 1) == replace(made, name="Pests")
    assert [each.change.action for each in recorded(store, alice)] == [
        Action.BLOCK_GROUP_CREATED,
        Action.BLOCK_GROUP_EDITED,
        Action.NUMBERS_ADDED,
    ]


def test_a_deleted_group_is_gone_for_every_reader(store: Store, alice: Account) -> None:
    """At once, while its numbers are still in the database."""
    create_block_group(store, alice, GroupDraft("Spam", "about", [NUMBER], None), ORIGIN)
    delete_block_group(store, alice, 1, LATER)
    draft, query, window = NumbersDraft([NUMBER]), EntryQuery(), Window(9)
    for read in (
        lambda: get_block_group(store, alice, 1),
        lambda: find_block_group(store, alice, "Spam"),
        lambda: find_block_group(store, alice, f"{' ' * 200}1"),
        lambda: add_numbers(store, alice, 1, NumbersAddition([NUMBER], None), ORIGIN),
        lambda: remove_numbers(store, alice, 1, [NUMBER], ORIGIN),
        lambda: edit_block_group(store, alice, 1, GroupChange("Pests"), ORIGIN),
        lambda: delete_block_group(store, alice, 1, ORIGIN),
        lambda: add_blocked_numbers(store, alice, 1, draft, ORIGIN),
        lambda: remove_blocked_numbers(store, alice, 1, [NUMBER], ORIGIN),
        lambda: get_blocked_number(store, alice, 1, NUMBER),
        lambda: edit_blocked_number(store, alice, 1, NUMBER, EntryChange(), ORIGIN),
        lambda: list_blocked_numbers(store, alice, 1, query, window, at=NOW),
    ):
        with pytest.raises(BlockGroupNotFound):
            read()
    assert list_block_groups(store, alice, None, 9) == []
    assert find_blocks(store, alice, NUMBER, window, at=NOW).items == ()
    assert screened(store, alice, NUMBER, at=NOW).disposition is Disposition.PASS
    assert remove_numbers(store, alice, None, [NUMBER], ORIGIN) == NumbersRemoved((None,), 0)
    last = recorded(store, alice)[-1].change
    assert (last.action, last.subject, last.after) == (Action.BLOCK_GROUP_DELETED, "1", None)
    assert last.before == facts_of(BlockGroup(1, "Spam", "about"))


def test_the_name_of_a_deleted_group_is_free(store: Store, alice: Account) -> None:
    """Its id is not; a number counts as new where only the deleted group held it."""
    for expected in (1, 2, 3):
        made = create_block_group(store, alice, GroupDraft("Spam", "about", [NUMBER], None), ORIGIN)
        assert made.block_group_id == expected
        added = add_numbers(store, alice, expected, NumbersAddition(["9812345679"], None), ORIGIN)
        assert (added.new, added.inserted) == (1, 1)
        delete_block_group(store, alice, expected, ORIGIN)
