"""What happens between the look at an import and its end: groups go, numbers become protected."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest

from ringfence.core.accounts import set_account
from ringfence.core.allowed_numbers import create_allowed_number, delete_allowed_number
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.core.housekeeping import tidy
from ringfence.core.imports.reading import read_rows
from ringfence.core.imports.reports import failed_rows, get_import
from ringfence.core.imports.staging import stage_import
from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.core.phone_numbers import delete_phone_number
from ringfence.model.accounts import Account, AccountChange
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import Import, ImportState, Kind, ReadingTerms, RowOutcome, Target
from ringfence.model.phone_numbers import PhoneNumberRef
from ringfence.store import Store
from tests.core.importing import (
    Row,
    after,
    applied,
    at,
    begun,
    failed,
    failing,
    finished,
    go_on,
    ms,
    number,
    rows,
    staged,
    told,
    undone,
)
from tests.core.people import NOW, ORIGIN, new_account, own_number
from tests.core.records import followed, recorded, stored

PHONE = "phone_number", "this number is protected, as a phone number of the account"
GONE = "block_group_not_found", "there is no such block number group"


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with one empty group."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("One"), ORIGIN)
    return account


def apply(store: Store, account: Account, made: Import, seconds: float = 1) -> Import:
    """Apply an import to its end."""
    apply_import(store, account, made.import_id, at(seconds))
    return finished(store, account, made.import_id, after(seconds))


def lines(store: Store, account: Account, found: Import) -> list[str]:
    """Return the lines that the file of failed rows tells of, which must be as many as counted."""
    told = [row[0] for row in failed(store, account, found.import_id)[1:]]
    assert len(told) == get_import(store, account, found.import_id).failed
    return told


def test_a_number_becomes_protected(store: Store, alice: Account) -> None:
    """It fails then, and the file of failed rows says so."""
    made = staged(store, alice, rows(*range(5), ends=9, reason='so "called"'))
    assert made.failed == 0
    own_number(store, alice, "Desk", number(1))
    create_allowed_number(store, alice, AllowedDraft(number(4), protected=True), ORIGIN)
    done = apply(store, alice, made)
    assert done.applied.counts == {RowOutcome.NEW: 3, RowOutcome.PROTECTED: 2}
    assert set(told(store, alice)) == {number(0), number(2), number(3)}
    head, *rest = failed(store, alice, made.import_id)
    assert head == ["line", "number", "expires_at", "reason", "code", "problem"]
    row = [after(9).isoformat(), 'so "called"', "number_protected"]
    assert rest == [
        ["3", number(1), *row, "this number is protected, as a phone number of the account"],
        ["6", number(4), *row, "this number is protected, as an allowed number"],
    ]
    assert done.failed == 2


def test_a_row_that_fails_is_told_once(store: Store, alice: Account) -> None:
    """Whether it failed already when it was looked at, or only when it was put there, or both."""
    own_number(store, alice, "Desk", number(1))
    found = failing("9,x,,,number_format,no number\n", 1, rows(*range(8)))
    made = stage_import(store, alice, Target(Kind.BLOCKED_NUMBERS, 1), found, ORIGIN)
    assert lines(store, alice, made) == ["9", "3"]
    own_number(store, alice, "Other", number(6))
    apply_import(store, alice, made.import_id, at(1))
    for done in (["9", "3"], ["9", "3"], ["9", "3", "8"]):
        made = step_import(store, alice, made.import_id, after(1))
        assert lines(store, alice, made) == done
    assert made.state is ImportState.APPLIED
    assert made.applied.counts == {
        RowOutcome.NEW: 6,
        RowOutcome.PROTECTED: 2,
        RowOutcome.INVALID: 1,
    }


def test_the_failed_rows_are_a_file_to_import(store: Store, alice: Account) -> None:
    """Of one end of line, whether a row failed when it was read or later."""
    own_number(store, alice, "Desk", number(1))
    read = "number,expires_at,reason\r\nx,,why\r\n" + number(1) + ",,us\r\n"
    target = Target(Kind.BLOCKED_NUMBERS, 1)
    terms = ReadingTerms(target, "IN", "Asia/Kolkata", NOW)
    made = stage_import(store, alice, target, read_rows(BytesIO(read.encode()), terms), ORIGIN)
    content = "".join(failed_rows(store, alice, made.import_id))
    assert content.count("\r\n") == content.count("\n") == 3
    delete_phone_number(store, alice, PhoneNumberRef("Desk", number(1)), ORIGIN)
    corrected = content.replace("2,x,", f"2,{number(2)},").encode()
    again = stage_import(store, alice, target, read_rows(BytesIO(corrected), terms), ORIGIN)
    apply(store, alice, again)
    there = {pattern: each[:2] for pattern, each in told(store, alice).items()}
    assert there == {number(1): (None, "us"), number(2): (None, "why")}


def test_a_number_is_protected_no_more(store: Store, alice: Account) -> None:
    """Then its row does not fail, and is not told as if it did."""
    allowed = create_allowed_number(store, alice, AllowedDraft(number(1), protected=True), ORIGIN)
    made = staged(store, alice, rows(*range(5)))
    assert lines(store, alice, made) == ["3"]
    delete_allowed_number(store, alice, allowed.allowed_number_id, ORIGIN)
    done = apply(store, alice, made)
    assert done.applied.counts == {RowOutcome.NEW: 5}
    assert lines(store, alice, done) == []


def test_a_protection_ends(store: Store, alice: Account) -> None:
    """The moment of each chunk counts."""
    draft = AllowedDraft(number(1), protected=True, expires_at=after(5))
    create_allowed_number(store, alice, draft, ORIGIN)
    made = staged(store, alice, rows(*range(5)))
    assert apply(store, alice, made, 6).applied.counts == {RowOutcome.NEW: 5}


def test_a_row_whose_expiry_has_passed(store: Store, alice: Account) -> None:
    """Fails, as whoever adds such a number is refused; nothing is there that never counted."""
    mixed = [*rows(0, 2, ends=5, reason="soon"), *rows(1, ends=10), *rows(3)]
    made = staged(store, alice, mixed)
    assert made.preview.counts == {RowOutcome.NEW: 4}
    done = apply(store, alice, made, 5)
    assert done.applied.counts == {RowOutcome.NEW: 2, RowOutcome.INVALID: 2}
    assert set(told(store, alice)) == {number(1), number(3)}
    ended = [after(5).isoformat(), "soon", "expiry_past", "an expiry lies in the future"]
    assert failed(store, alice, made.import_id)[1:] == [
        ["2", number(0), *ended],
        ["3", number(2), *ended],
    ]
    assert followed(store, alice) == stored(store, alice)


def test_a_row_that_is_protected_and_over(store: Store, alice: Account) -> None:
    """Is told once, as protected."""
    own_number(store, alice, "Desk", number(0))
    made = staged(store, alice, rows(0, 1, ends=5))
    done = apply(store, alice, made, 9)
    assert done.applied.counts == {RowOutcome.PROTECTED: 1, RowOutcome.INVALID: 1}
    assert lines(store, alice, done) == ["2", "3"]


def test_the_group_goes_before(store: Store, alice: Account) -> None:
    """All its rows fail; those of other groups do not."""
    make_block_group(store, alice, GroupSettings("Two"), ORIGIN)
    made = staged(store, alice, [*rows(*range(5)), *rows(7, group=2)])
    delete_block_group(store, alice, 1, ORIGIN)
    before = len(recorded(store, alice))
    done = apply(store, alice, made)
    assert done.applied.counts == {RowOutcome.NEW: 1, RowOutcome.INVALID: 5}
    assert lines(store, alice, done) == ["2", "3", "4", "5", "6"]
    assert failed(store, alice, made.import_id)[1][4:] == list(GONE)
    assert set(told(store, alice, 2)) == {number(7)}
    assert told(store, alice, 1) == {}
    assert len(recorded(store, alice)) == before + 1
    assert undone(store, alice, made.import_id).state is ImportState.UNDONE
    assert told(store, alice, 2) == {}


def test_the_group_goes_on_the_way(store: Store, alice: Account) -> None:
    """What comes after it fails; nothing is put into what housekeeping clears away."""
    import_id = begun(store, alice, rows(*range(8)), 1)
    delete_block_group(store, alice, 1, ORIGIN)
    go_on(store, alice, import_id, 1)
    assert not tidy(store, at=NOW)
    done = finished(store, alice, import_id)
    assert done.applied.counts == {RowOutcome.NEW: 3, RowOutcome.INVALID: 5}
    assert stored(store, alice) == {}
    assert undone(store, alice, import_id).state is ImportState.UNDONE
    assert stored(store, alice) == {}


@pytest.mark.parametrize("is_tidy", [False, True])
def test_the_group_goes_before_it_is_taken_back(
    store: Store, alice: Account, *, is_tidy: bool
) -> None:
    """Nothing comes back into it, nor into a group of its name; no change is recorded."""
    applied(store, alice, rows(2, 3, ends=50), at(0))
    made = applied(store, alice, rows(*range(8)), at(1))
    delete_block_group(store, alice, 1, ORIGIN)
    again = make_block_group(store, alice, GroupSettings("One"), ORIGIN)
    if is_tidy:
        assert not tidy(store, at=NOW)
    before = recorded(store, alice)
    assert undone(store, alice, made.import_id, at(2)).state is ImportState.UNDONE
    assert recorded(store, alice) == before
    assert told(store, alice, again.block_group_id) == {}
    assert bool(stored(store, alice)) is not is_tidy


def test_the_region_changes(store: Store, alice: Account) -> None:
    """A row stays the number that was read; what is an emergency number is asked anew."""
    made = staged(store, alice, [Row(number(1)), Row("+27112"), Row("+2710111"), Row("+2710112")])
    assert made.preview.counts == {RowOutcome.NEW: 4}
    set_account(store, alice.user_name, AccountChange(region="ZA"), ORIGIN)
    done = apply(store, alice, made)
    assert set(told(store, alice)) == {number(1), "+2710112"}
    assert done.applied.counts == {RowOutcome.NEW: 2, RowOutcome.PROTECTED: 2}
    assert [row[-1] for row in failed(store, alice, made.import_id)[1:]] == [
        "this number is protected, as an emergency number"
    ] * 2


def test_the_region_changes_back(store: Store, alice: Account) -> None:
    """Also for who still has the account as it was."""
    set_account(store, alice.user_name, AccountChange(region="ZA"), ORIGIN)
    import_id = begun(store, alice, [*rows(*range(4)), Row("+2710111")], 0)
    set_account(store, alice.user_name, AccountChange(region="IN"), ORIGIN)
    done = finished(store, alice, import_id)
    assert done.applied.counts == {RowOutcome.NEW: 5}
    undone(store, alice, import_id)
    assert stored(store, alice) == {}


@pytest.mark.parametrize("verb", [apply_import, undo_import])
def test_who_sets_out_meanwhile(store: Store, alice: Account, verb: Callable[..., Import]) -> None:
    """To ask for what is being done already changes nothing of it, not even who did it."""
    import_id = begun(store, alice, rows(*range(8)), 2, at(1))
    if verb is undo_import:
        undo_import(store, alice, import_id, at(1))
    before = get_import(store, alice, import_id)
    other = at(2, ORIGIN.__class__("other", 2, NOW))
    assert verb(store, alice, import_id, other) == before
    assert get_import(store, alice, import_id) == before


def test_an_old_preview_is_looked_at_as_it_was(store: Store, alice: Account) -> None:
    """A week later it can still be applied, unless housekeeping came first."""
    made = staged(store, alice, rows(*range(3)))
    week = timedelta(days=7).total_seconds()
    assert apply(store, alice, made, week).applied.counts == {RowOutcome.NEW: 3}
    assert told(store, alice)[number(0)][-1] == ms(week)
