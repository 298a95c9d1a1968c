"""Imports of phone numbers: looked at, applied, taken back, with all that is counted."""

from datetime import timedelta

import pytest

from ringfence.core.accounts import set_account
from ringfence.core.imports.reports import failed_rows
from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.core.phone_inventory import change_phone_number, remove_phone_number
from ringfence.core.skills import add_skill, remove_skill
from ringfence.model.accounts import Account, AccountChange
from ringfence.model.changes import Action
from ringfence.model.imports import CHUNK_ROWS, ImportState, RowOutcome
from ringfence.model.phone_numbers import PhoneNumberEdit
from ringfence.model.phone_numbers import State as PhoneState
from ringfence.store import Store, hunting
from tests.core.imports.phone_files import (
    apply,
    check_derived,
    counted,
    failed,
    finish,
    kept,
    lines,
    load,
    phones,
    stage,
    undo,
)
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.phones import add
from tests.core.records import recorded

LATER = NOW + timedelta(hours=1)
FILE = lines(
    [
        "Desk1,9812345671,2,active,Sales",
        'Desk2,9812345672,3,off,"Sales,Service"',
        "Desk3,+919812345673,1,active,",
    ]
)


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with skills and two phone numbers."""
    alice = new_account(store, limit=1500, skills=("Sales", "Service"))
    add(store, alice, "Desk1", "9812345671", "Sales", "Service")
    add(store, alice, "Other", "9812345679", "Sales", priority=7)
    return alice


def test_a_file_makes_and_changes_phone_numbers(store: Store, alice: Account) -> None:
    """A row with the name and the number of a record edits it; the others make one each."""
    made = stage(store, alice, FILE, LATER)
    assert counted(made.preview.counts) == {"new": 2, "extended": 1}
    told = apply(store, alice, made, LATER)
    assert (told.state, told.failed) == (ImportState.APPLIED, 0)
    assert phones(store, alice) == [
        ("Desk1", "9812345671", 2, "active", "Sales"),
        ("Other", "9812345679", 7, "active", "Sales"),
        ("Desk2", "9812345672", 3, "off", "Sales Service"),
        ("Desk3", "+919812345673", 1, "active", ""),
    ]
    check_derived(store, alice)


def test_one_chunk_is_one_change(store: Store, alice: Account) -> None:
    """It says of each what it is, and of what was changed what it was."""
    made = load(store, alice, FILE, LATER)
    told = recorded(store, alice)[-1]
    assert (told.change.action, told.change.subject) == (
        Action.PHONE_NUMBERS_IMPORTED,
        made.import_id,
    )
    assert len(recorded(store, alice)) == 3
    entries = told.change.entries or {}
    assert {each: facts["name"] for each, facts in entries["added"].items()} == {
        "3": "Desk2",
        "4": "Desk3",
    }
    [(before, after)] = entries["changed"].values()
    assert (before["skills"], after["skills"]) == (["Sales", "Service"], ["Sales"])
    assert (before["priority"], after["priority"]) == (1, 2)
    assert "updated_at" not in after


def test_taken_back_all_is_as_it_was(store: Store, alice: Account) -> None:
    """Every row of every table, also when a record was changed last."""
    before = kept(store, alice)
    made = load(store, alice, FILE, LATER)
    assert kept(store, alice) != before
    told = undo(store, alice, made, LATER + timedelta(hours=1))
    assert told.state is ImportState.UNDONE
    assert kept(store, alice) == before
    check_derived(store, alice)
    change = recorded(store, alice)[-1].change
    assert (change.action, change.subject) == (Action.PHONE_NUMBERS_TAKEN_BACK, made.import_id)
    entries = change.entries or {}
    assert sorted(entries["removed"]) == ["3", "4"]
    assert list(entries["changed"]) == ["1"]


def test_ids_are_not_used_again(store: Store, alice: Account) -> None:
    """Those of what was taken back neither."""
    undo(store, alice, load(store, alice, FILE))
    assert add(store, alice, "Desk9", "9812345670").phone_number_id == 5


def test_the_same_file_again_changes_nothing(store: Store, alice: Account) -> None:
    """And records nothing."""
    load(store, alice, FILE)
    before, changes = kept(store, alice), len(recorded(store, alice))
    made = load(store, alice, FILE, LATER)
    assert counted(made.preview.counts) == {"duplicate": 3}
    assert kept(store, alice) == before
    assert len(recorded(store, alice)) == changes
    undo(store, alice, made)
    assert kept(store, alice) == before
    assert len(recorded(store, alice)) == changes


def test_what_a_file_does_not_say_stays(store: Store, alice: Account) -> None:
    """Without a column for skills nobody loses any; a blank cell says that there are none."""
    made = load(store, alice, "name,number\nDesk1,9812345671\nDesk2,9812345672\n")
    assert counted(made.preview.counts) == {"duplicate": 1, "new": 1}
    assert phones(store, alice)[0] == ("Desk1", "9812345671", 1, "active", "Sales Service")
    assert phones(store, alice)[2] == ("Desk2", "9812345672", 1, "active", "")
    load(store, alice, "name,number,skills\nDesk1,9812345671,\n")
    assert phones(store, alice)[0] == ("Desk1", "9812345671", 1, "active", "")
    check_derived(store, alice)


def test_names_and_numbers_of_others_are_refused(store: Store, alice: Account) -> None:
    """Each with a sentence that names the record, in letters of either case."""
    rows = [
        "DESK1,9812345675,1,active,Sales",
        "Desk5,+91 98123 45679,4,active,Sales",
        "OTHER,+919812345671,7,active,sales",
    ]
    made = load(store, alice, lines(rows))
    assert counted(made.preview.counts) == {"invalid": 3}
    told = failed(store, alice, made)
    assert {each["code"] for each in told} == {"phone_number_exists"}
    assert [each["problem"] for each in told[:3]] == [
        "the phone number Desk1 is there already, as 9812345671",
        "the number +919812345679 is there already, as that of Other",
        "the phone number Other is there already, as 9812345679",
    ]
    assert len(recorded(store, alice)) == 2


def test_a_full_account_takes_no_more(store: Store) -> None:
    """Rows behind the limit fail, over chunks too; what is there is changed all the same."""
    bob = new_account(store, limit=1100)
    add(store, bob, "First", "9812345678")
    rows = [f"Desk{n},98{n:08},1,active," for n in range(1200)]
    made = load(store, bob, lines([*rows, "First,9812345678,5,active,"]))
    assert counted(made.preview.counts) == {"new": 1099, "invalid": 101, "extended": 1}
    told = failed(store, bob, made)
    assert {each["code"] for each in told} == {"phone_number_limit_reached"}
    assert len({each["line"] for each in told}) == 101
    assert len(phones(store, bob)) == 1100
    check_derived(store, bob)
    undo(store, bob, made)
    assert len(phones(store, bob)) == 1
    check_derived(store, bob)


def test_what_came_between_is_seen_at_the_end(store: Store, alice: Account) -> None:
    """A preview is of its moment: what clashes when it is applied fails then."""
    made = stage(store, alice, FILE)
    add(store, alice, "desk2", "9812345688")
    remove_skill(store, alice, "Sales", ORIGIN)
    set_account(store, alice.user_name, AccountChange(phone_number_limit=3), ORIGIN)
    told = apply(store, alice, made)
    assert counted(told.applied.counts) == {"invalid": 3}
    codes = [each["code"] for each in failed(store, alice, told)]
    assert codes == ["skill_unknown", "phone_number_exists", "phone_number_limit_reached"]
    check_derived(store, alice)


def test_the_file_of_failed_rows_is_imported_as_it_is(store: Store, alice: Account) -> None:
    """Once what was wrong is right: here the skill is made."""
    made = load(store, alice, lines(['Desk2,9812345672,3,off,"Sales,Night"', "Desk4,98 1,2,off,"]))
    told = failed(store, alice, made)
    assert [(each["line"], each["code"]) for each in told] == [
        ("2", "skill_unknown"),
        ("3", "phone_number_invalid"),
    ]
    add_skill(store, alice, "Night", ORIGIN)
    again = load(store, alice, "".join(failed_rows(store, alice, made.import_id)))
    assert counted(again.preview.counts) == {"new": 1, "invalid": 1}
    assert phones(store, alice)[-1] == ("Desk2", "9812345672", 3, "off", "Night Sales")


def test_what_was_changed_since_stays(store: Store, alice: Account) -> None:
    """An edit, a deletion, and a skill that was removed are not undone."""
    made = load(store, alice, FILE, LATER)
    change_phone_number(store, alice, 1, PhoneNumberEdit(state=PhoneState.OFF), ORIGIN)
    remove_phone_number(store, alice, 3, ORIGIN)
    undo(store, alice, made)
    assert phones(store, alice) == [
        ("Desk1", "9812345671", 2, "off", "Sales"),
        ("Other", "9812345679", 7, "active", "Sales"),
    ]
    check_derived(store, alice)


def test_a_skill_that_is_gone_does_not_come_back(store: Store, alice: Account) -> None:
    """A record gets back those of its skills that are still there."""
    made = load(store, alice, FILE, LATER)
    remove_skill(store, alice, "Service", ORIGIN)
    undo(store, alice, made)
    assert phones(store, alice)[0] == ("Desk1", "9812345671", 1, "active", "Sales")
    check_derived(store, alice)


def test_another_region_is_no_change_of_what_was_imported(store: Store, alice: Account) -> None:
    """Numbers are known by something else then, and what was imported is still taken back."""
    before = phones(store, alice)
    made = stage(store, alice, FILE)
    set_account(store, alice.user_name, AccountChange(region="US"), ORIGIN)
    told = apply(store, alice, made)
    assert counted(told.applied.counts) == {"new": 2, "extended": 1}
    check_derived(store, alice)
    set_account(store, alice.user_name, AccountChange(region="IN"), ORIGIN)
    undo(store, alice, told)
    assert phones(store, alice) == before
    check_derived(store, alice)


def test_two_rows_may_become_one_number_in_another_region(store: Store) -> None:
    """The second fails then, as it would by itself."""
    bob = new_account(store)
    made = stage(store, bob, lines(["A1,2015550123,1,,", "A2,12015550123,1,,"]))
    assert counted(made.preview.counts) == {"new": 2}
    set_account(store, bob.user_name, AccountChange(region="US"), ORIGIN)
    told = apply(store, bob, made)
    assert counted(told.applied.counts) == {"new": 1, "invalid": 1}
    check_derived(store, bob)


def test_stopped_half_way_the_half_is_taken_back(store: Store) -> None:
    """One chunk after the other, the last first."""
    bob = new_account(store, limit=5000)
    before = kept(store, bob)
    made = stage(store, bob, lines(f"Desk{n},98{n:08},1,," for n in range(2500)))
    apply_import(store, bob, made.import_id, ORIGIN)
    told = step_import(store, bob, made.import_id, NOW)
    assert (told.position.chunks_done, len(phones(store, bob))) == (1, CHUNK_ROWS)
    told = step_import(store, bob, made.import_id, NOW)
    undo_import(store, bob, made.import_id, ORIGIN)
    assert finish(store, bob, made).state is ImportState.UNDONE
    assert kept(store, bob) == before


def test_hunts_follow(store: Store, alice: Account) -> None:
    """By priority, then by name; one that is off is in none."""
    load(store, alice, FILE)
    found = store.read(lambda tx: hunting.select_hunt(tx, alice.account_id, 1, "", 9))
    assert [key for _, key in found] == ["02desk1", "07other"]


def test_a_preview_has_the_first_of_each(store: Store, alice: Account) -> None:
    """With their lines, over chunks."""
    rows = [f"Desk{n},97{n:08},1,," for n in range(2, 1100)]
    made = stage(store, alice, lines([*rows, "Desk1,9812345671,9,,", "Desk1,9812345671,8,,"]))
    first = made.preview.first
    assert (first[RowOutcome.NEW].line, first[RowOutcome.NEW].number) == (2, "9700000002")
    assert first[RowOutcome.EXTENDED].line == 1100
    assert first[RowOutcome.INVALID].line == 1101
    assert "line 1100" in first[RowOutcome.INVALID].detail
