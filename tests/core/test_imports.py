"""Imports that are looked at and applied: what is told of their rows, and what becomes of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ringfence.core.allowed_numbers import create_allowed_number
from ringfence.core.blocked_numbers import add_blocked_numbers, edit_blocked_number
from ringfence.core.group_settings import make_block_group
from ringfence.core.imports.reports import find_owner, get_import, list_imports
from ringfence.core.imports.staging import stage_import
from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.errors import ImportNotApplicable, ImportNotFound, InvalidInput
from ringfence.model.accounts import Account
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.blocked_numbers import EntryChange, NumbersDraft, Outcome
from ringfence.model.changes import Action
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import Import, ImportState, Kind, Part, RowOutcome, ShownRow, Target
from ringfence.store import Store, import_rows
from tests.core.importing import (
    Row,
    after,
    applied,
    at,
    begun,
    failed,
    failing,
    finished,
    ms,
    number,
    parts,
    renewed,
    rows,
    staged,
    told,
)
from tests.core.people import ORIGIN, new_account, own_number
from tests.core.records import followed, recorded, stored

OWN, FRIEND, EMERGENCY = "+918041230001", "+918041230002", "+91112"
MIXED = [
    *rows(0, 1, ends=50, reason="spam"),
    *rows(2, 3, ends=50),
    *rows(4, 5),
    Row(OWN, None, "us"),
    Row(FRIEND),
    Row(EMERGENCY),
    Row("+91140*", after(50)),
    Row("withheld"),
    *rows(0, ends=50, reason="spam"),
]
"""Of these 1 is held for less, 2 for longer, 3 was held, 4 is held for good, 5 for less."""


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with two groups that block the same, and numbers that are protected."""
    account = new_account(store)
    own_number(store, account, "Desk", OWN)
    create_allowed_number(store, account, AllowedDraft(FRIEND, protected=True), ORIGIN)
    for group, name in enumerate(("One", "Two"), 1):
        make_block_group(store, account, GroupSettings(name), ORIGIN)
        for place, ends in ((1, 20), (2, 90), (3, 5), (4, None), (5, 30)):
            until = None if ends is None else after(ends)
            draft = NumbersDraft([number(place)], until, f"by hand {place}")
            add_blocked_numbers(store, account, group, draft, ORIGIN)
    return account


def counted(found: Import) -> dict[RowOutcome, int]:
    """Return what an import did."""
    return dict(found.applied.counts)


def test_the_preview_tells_what_the_rows_would_do(store: Store, alice: Account) -> None:
    """How many of each, and the first of each in the order of the file; nothing is changed."""
    before = stored(store, alice), recorded(store, alice)
    made = staged(store, alice, MIXED, at(10))
    assert (made.state, made.rows) == (ImportState.PREVIEWED, len(MIXED))
    assert made.preview.counts == {
        RowOutcome.NEW: 4,  # what was held has ended
        RowOutcome.EXTENDED: 2,
        RowOutcome.DUPLICATE: 3,
        RowOutcome.PROTECTED: 3,
    }
    first = {each: (shown.line, shown.number) for each, shown in made.preview.first.items()}
    assert first == {
        RowOutcome.NEW: (2, number(0)),
        RowOutcome.EXTENDED: (3, number(1)),
        RowOutcome.DUPLICATE: (4, number(2)),
        RowOutcome.PROTECTED: (8, OWN),
    }
    said = made.preview.first[RowOutcome.PROTECTED].detail
    assert said == "this number is protected, as a phone number of the account"
    assert get_import(store, alice, made.import_id) == made
    assert list_imports(store, alice, None, 9) == [made]
    assert (stored(store, alice), recorded(store, alice)) == before


def test_the_first_of_each_may_come_in_any_chunk(store: Store, alice: Account) -> None:
    """The file's order counts, not that of the numbers, and what reading found counts too."""
    backwards = rows(*range(30, 5, -1))
    made = staged(store, alice, backwards, at(10))
    assert made.preview.first == {RowOutcome.NEW: ShownRow(2, number(30))}
    both = list(failing("99,x,,,number_format,no number\n", 1, rows(8, 7, 4, 3)))
    made = stage_import(store, alice, Target(Kind.BLOCKED_NUMBERS, 1), both, at(2))
    assert made.preview.first == {
        RowOutcome.NEW: ShownRow(2, number(8)),
        RowOutcome.DUPLICATE: ShownRow(4, number(4)),
        RowOutcome.EXTENDED: ShownRow(5, number(3)),
        RowOutcome.INVALID: ShownRow(99, "x", "no number"),
    }
    assert made.failed == 1


@pytest.mark.parametrize("near", [import_rows.NEAR, 0])
def test_rows_do_what_adding_them_would(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    """To the group, by the outcomes told, and in who, why and when stands beside each.

    However what is there already is looked for.
    """
    monkeypatch.setattr(import_rows, "NEAR", near)
    later = at(10)
    wanted: Counter[Outcome] = Counter()
    for row in MIXED:
        draft = NumbersDraft([row.pattern], row.ends, row.reason)
        [result] = add_blocked_numbers(store, alice, 2, draft, later)
        wanted[result.outcome] += 1
    made = applied(store, alice, MIXED, later)
    assert told(store, alice, 1) == told(store, alice, 2)
    assert counted(made) == {
        RowOutcome.NEW: wanted[Outcome.ADDED],
        RowOutcome.EXTENDED: wanted[Outcome.EXTENDED],
        RowOutcome.DUPLICATE: wanted[Outcome.ALREADY_THERE],
        RowOutcome.PROTECTED: wanted[Outcome.PROTECTED],
    }
    assert counted(made) == made.preview.counts
    assert followed(store, alice) == stored(store, alice)


def test_what_stands_beside_each_number(store: Store, alice: Account) -> None:
    """Never a sooner end; the reason of the row, or where it has none that of a live entry."""
    applied(store, alice, MIXED, at(10))
    assert told(store, alice) == {
        number(0): (ms(50), "spam", "test", 1, ms(10)),
        number(1): (ms(50), "spam", "test", 1, ms(10)),
        number(2): (ms(90), "by hand 2", "test", 1, ms(0)),
        number(3): (ms(50), "", "test", 1, ms(10)),
        number(4): (None, "by hand 4", "test", 1, ms(0)),
        number(5): (None, "by hand 5", "test", 1, ms(10)),
        "+91140*": (ms(50), "", "test", 1, ms(10)),
        "withheld": (None, "", "test", 1, ms(10)),
    }


def test_who_applies_it_is_who_blocks(store: Store, alice: Account) -> None:
    """Not who sent the file; the change says so too, and when each chunk was put there."""
    made = staged(store, alice, rows(10, 11), at(0))
    apply_import(store, alice, made.import_id, replace(at(3), door="cli", key_id=None))
    step_import(store, alice, made.import_id, after(7))
    assert told(store, alice)[number(10)][2:] == ("cli", None, ms(7))
    [change] = [
        each for each in recorded(store, alice) if each.change.action is Action.NUMBERS_IMPORTED
    ]
    assert change.origin == replace(at(7), door="cli", key_id=None)


def test_a_chunk_is_one_change(store: Store, alice: Account) -> None:
    """Which says everything that it did; a chunk that changes nothing is none."""
    before = recorded(store, alice)
    made = applied(store, alice, [*rows(*range(4)), *rows(*range(10, 15))], at(1))
    changes = recorded(store, alice)[len(before) :]
    assert [each.change.action for each in changes] == [Action.NUMBERS_IMPORTED] * 3
    patterns = [[row[0] for row in (each.change.entries or {})["rows"]] for each in changes]
    assert patterns == [
        [number(0), number(1), number(2)],
        [number(3), number(10), number(11)],
        [number(12), number(13), number(14)],
    ]
    assert {(each.change.after or {})["import_id"] for each in changes} == {made.import_id}
    again = applied(store, alice, rows(0, 1, 2, 3), at(2))
    assert counted(again) == {RowOutcome.DUPLICATE: 4}
    assert len(recorded(store, alice)) == len(before) + 3
    assert followed(store, alice) == stored(store, alice)


def test_rows_go_where_their_group_is(store: Store, alice: Account) -> None:
    """A chunk is of one group, and so is its change."""
    applied(store, alice, [*rows(10, 11, group=2), *rows(11, 12)], at(1))
    assert set(told(store, alice, 1)) == {number(place) for place in (1, 2, 3, 4, 5, 11, 12)}
    assert set(told(store, alice, 2)) == {number(place) for place in (1, 2, 3, 4, 5, 10, 11)}
    assert followed(store, alice) == stored(store, alice)


def test_applied_twice_is_applied_once(store: Store, alice: Account) -> None:
    """While it is under way, and after; one more step of an import that is done does nothing."""
    import_id = begun(store, alice, rows(*range(7)), 1, at(1))
    assert apply_import(store, alice, import_id, at(2)).position.chunks_done == 1
    made = finished(store, alice, import_id, after(3))
    there = stored(store, alice), recorded(store, alice)
    assert apply_import(store, alice, import_id, at(4)) == made
    assert step_import(store, alice, import_id, after(5)) == made
    assert made.state is ImportState.APPLIED
    assert made.position.done == made.position.staged == 7
    assert (stored(store, alice), recorded(store, alice)) == there


def test_the_same_file_again_changes_nothing(store: Store, alice: Account) -> None:
    """Imported as another import: every row is a duplicate."""
    applied(store, alice, MIXED, at(10))
    there = stored(store, alice)
    again = applied(store, alice, MIXED, at(11))
    assert counted(again)[RowOutcome.DUPLICATE] == len(MIXED) - 3
    assert stored(store, alice) == there


def test_an_import_of_no_chunks_is_applied_at_once(store: Store, alice: Account) -> None:
    """Where every row failed, nobody has to make a step."""
    only_failed = failing("2,x,,,number_format,no number\n", 1, [])
    made = stage_import(store, alice, Target(Kind.BLOCKED_NUMBERS, 1), only_failed, ORIGIN)
    assert apply_import(store, alice, made.import_id, at(1)).state is ImportState.APPLIED
    assert undo_import(store, alice, made.import_id, at(2)).state is ImportState.UNDONE
    assert failed(store, alice, made.import_id)[1:] == [
        ["2", "x", "", "", "number_format", "no number"]
    ]


def test_what_reading_raises_comes_out(store: Store, alice: Account) -> None:
    """And of the import nothing is told, though some of it was kept already."""

    def broken() -> Iterator[Part]:
        *chunks, _ = parts(rows(*range(60)))
        yield from chunks
        raise InvalidInput

    with pytest.raises(InvalidInput):
        stage_import(store, alice, Target(Kind.BLOCKED_NUMBERS, 1), broken(), ORIGIN)
    assert list_imports(store, alice, None, 9) == []
    row = store.read(lambda tx: tx.one("select import_id from import"))
    assert row is not None
    for verb in (get_import, apply_as_anybody, undo_as_anybody):
        with pytest.raises(ImportNotFound):
            verb(store, alice, row[0])


def apply_as_anybody(store: Store, account: Account, import_id: str) -> Import:
    """Apply an import."""
    return apply_import(store, account, import_id, ORIGIN)


def undo_as_anybody(store: Store, account: Account, import_id: str) -> Import:
    """Take an import back."""
    return undo_import(store, account, import_id, ORIGIN)


def test_an_import_is_its_accounts_own(store: Store, alice: Account) -> None:
    """Bob can do nothing with Alice's, though the id alone tells whose it is."""
    bob = new_account(store)
    made = staged(store, alice, rows(10))
    for verb in (get_import, apply_as_anybody, undo_as_anybody):
        with pytest.raises(ImportNotFound):
            verb(store, bob, made.import_id)
    with pytest.raises(ImportNotFound):
        failed(store, bob, made.import_id)
    with pytest.raises(ImportNotFound):
        step_import(store, bob, made.import_id, after(1))
    assert find_owner(store, made.import_id) == renewed(store, alice)
    with pytest.raises(ImportNotFound):
        find_owner(store, "0" * 24)


def test_what_was_taken_back_is_not_applied(store: Store, alice: Account) -> None:
    """It would have to be looked at anew."""
    made = applied(store, alice, rows(10), at(1))
    undo_import(store, alice, made.import_id, at(2))
    for _ in range(2):
        with pytest.raises(ImportNotApplicable):
            apply_import(store, alice, made.import_id, at(3))
        finished(store, alice, made.import_id, after(4))


def test_edited_meanwhile(store: Store, alice: Account) -> None:
    """What a row does is decided when it is put there, not when it was looked at."""
    made = staged(store, alice, rows(1, 5, ends=50), at(1))
    assert made.preview.counts == {RowOutcome.EXTENDED: 2}
    change = EntryChange(expires_at=after(60))
    edit_blocked_number(store, alice, 1, number(1), change, at(2))
    apply_import(store, alice, made.import_id, at(3))
    done = finished(store, alice, made.import_id, after(3))
    assert counted(done) == {RowOutcome.EXTENDED: 1, RowOutcome.DUPLICATE: 1}
    assert told(store, alice)[number(1)][0] == ms(60)
