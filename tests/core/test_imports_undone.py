"""Imports that are taken back: from any state, exactly, and without what others changed since."""

from collections.abc import Callable
from itertools import cycle, permutations

import pytest

from ringfence.core.block_groups import add_numbers, remove_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    remove_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.group_settings import make_block_group
from ringfence.core.imports.reports import get_import
from ringfence.core.imports.steps import step_import, undo_import
from ringfence.model.accounts import Account
from ringfence.model.block_groups import NumbersAddition
from ringfence.model.blocked_numbers import EntryChange, NumbersDraft
from ringfence.model.changes import Action
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import ImportState
from ringfence.store import Store
from tests.core.importing import (
    Row,
    after,
    applied,
    at,
    begun,
    finished,
    go_on,
    number,
    rows,
    staged,
    undone,
)
from tests.core.people import NOW, ORIGIN, new_account, own_number
from tests.core.records import followed, recorded, stored

ROWS = [*rows(*range(5), ends=50, reason="new"), *rows(*range(5, 10)), Row("withheld")]
"""Of these some are there already: 1 and 5 for less, 2 for longer, 3 and 6 over, 4 for good."""


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with a group that blocks some numbers."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("One"), ORIGIN)
    for place, ends in ((1, 20), (2, 90), (3, 5), (4, None), (5, 30), (6, 6)):
        until = None if ends is None else after(ends)
        draft = NumbersDraft([number(place)], until, f"by hand {place}")
        add_blocked_numbers(store, account, 1, draft, ORIGIN)
    return account


def check_record(store: Store, account: Account) -> None:
    """Check that whoever follows the changes has what the database has."""
    held = followed(store, account)
    assert {group: held for group, held in held.items() if held} == stored(store, account)


@pytest.mark.parametrize("steps", [0, 1, 3, 4])
def test_from_wherever_it_is(store: Store, alice: Account, steps: int) -> None:
    """Looked at, half applied or applied: every entry is as it was, expired ones too."""
    before = stored(store, alice)
    import_id = begun(store, alice, ROWS, steps, at(10))
    assert (stored(store, alice) == before) is (steps == 0)
    begun_with = undo_import(store, alice, import_id, at(11))
    assert begun_with.position.undo_from == min(3 * steps, len(ROWS))
    done = finished(store, alice, import_id, after(12))
    assert (done.state, done.position.done, done.position.chunks_done) == (ImportState.UNDONE, 0, 0)
    assert stored(store, alice) == before
    check_record(store, alice)


def test_from_the_preview(store: Store, alice: Account) -> None:
    """Nothing is there to be taken back, and nothing is recorded."""
    before = stored(store, alice), recorded(store, alice)
    made = staged(store, alice, ROWS)
    assert undo_import(store, alice, made.import_id, at(1)).state is ImportState.UNDONE
    assert step_import(store, alice, made.import_id, after(2)).state is ImportState.UNDONE
    assert (stored(store, alice), recorded(store, alice)) == before


def test_half_taken_back(store: Store, alice: Account) -> None:
    """It goes on where it was, and is not begun again."""
    before = stored(store, alice)
    import_id = applied(store, alice, ROWS, at(10)).import_id
    undo_import(store, alice, import_id, at(11))
    go_on(store, alice, import_id, 2, after(11))
    half = get_import(store, alice, import_id)
    assert (half.state, half.position.chunks_done) == (ImportState.UNDOING, 2)
    assert undo_import(store, alice, import_id, at(12)) == half
    finished(store, alice, import_id, after(12))
    there = recorded(store, alice)
    assert stored(store, alice) == before
    undone(store, alice, import_id, at(13))
    assert (stored(store, alice), recorded(store, alice)) == (before, there)


def test_a_chunk_taken_back_is_one_change(store: Store, alice: Account) -> None:
    """Told by whoever takes it back, the last chunk first; of what is gone there is none."""
    import_id = applied(store, alice, rows(*range(20, 27)), at(10)).import_id
    before = len(recorded(store, alice))
    remove_blocked_numbers(store, alice, 1, [number(26)], at(11))
    undo_import(store, alice, import_id, at(12, ORIGIN.__class__("cli", None, NOW)))
    finished(store, alice, import_id, after(13))
    _, *changes = recorded(store, alice)[before:]
    assert [each.change.action for each in changes] == [Action.NUMBERS_TAKEN_BACK] * 2
    removed = [list((each.change.entries or {})["removed"]) for each in changes]
    assert removed == [
        [number(place) for place in (23, 24, 25)],
        [number(20), number(21), number(22)],
    ]
    assert {each.origin for each in changes} == {ORIGIN.__class__("cli", None, after(13))}
    check_record(store, alice)


BY_HAND: dict[str, Callable[[Store, Account], object]] = {
    "extended": lambda store, alice: add_blocked_numbers(
        store, alice, 1, NumbersDraft([number(0), number(1)]), at(20)
    ),
    "edited": lambda store, alice: edit_blocked_number(
        store, alice, 1, number(1), EntryChange(reason="other"), at(20)
    ),
    "shortened": lambda store, alice: edit_blocked_number(
        store, alice, 1, number(1), EntryChange(expires_at=after(21)), at(20)
    ),
    "removed": lambda store, alice: remove_blocked_number(store, alice, 1, number(1), at(20)),
    "removed from all": lambda store, alice: remove_numbers(
        store, alice, None, [number(0), number(1)], at(20)
    ),
    "put by the wire": lambda store, alice: add_numbers(
        store, alice, 1, NumbersAddition([number(1), number(0)], after(50)), at(20)
    ),
    "removed and put again": lambda store, alice: (
        remove_blocked_numbers(store, alice, 1, [number(1)], at(20)),
        add_blocked_numbers(store, alice, 1, NumbersDraft([number(1)], after(50), "new"), at(20)),
    ),
    "put by another import": lambda store, alice: applied(
        store, alice, rows(0, 1, ends=80), at(20)
    ),
    "over, and put by another import": lambda store, alice: applied(
        store, alice, rows(0, 1, ends=80), at(60)
    ),
}


@pytest.mark.parametrize(("verb", "steps"), [*zip(BY_HAND, cycle([2, 4]), strict=False)])
def test_what_was_changed_since_stays(store: Store, alice: Account, verb: str, steps: int) -> None:
    """As it was left; all else is as it was before."""
    before = stored(store, alice)["1"]
    import_id = begun(store, alice, ROWS, steps, at(10))
    put = stored(store, alice)["1"]
    BY_HAND[verb](store, alice)
    changed = stored(store, alice)["1"]
    others = {each for each in {*put, *changed} if put.get(each) != changed.get(each)}
    assert others <= {number(0), number(1)}
    assert others
    undone(store, alice, import_id, at(30))
    wanted = {key: held for key, held in before.items() if key not in others}
    assert stored(store, alice)["1"] == wanted | {
        key: changed[key] for key in others & changed.keys()
    }
    check_record(store, alice)


def test_unrelated_changes_stay(store: Store, alice: Account) -> None:
    """To other groups and numbers, and phone numbers; a number protected since comes back too."""
    before = stored(store, alice)
    import_id = applied(store, alice, ROWS, at(10)).import_id
    make_block_group(store, alice, GroupSettings("Two"), at(20))
    add_blocked_numbers(store, alice, 2, NumbersDraft([number(1)]), at(20))
    add_blocked_numbers(store, alice, 1, NumbersDraft([number(40)]), at(20))
    own_number(store, alice, "Desk", number(5))
    since = stored(store, alice)
    undone(store, alice, import_id, at(30))
    there = stored(store, alice)
    assert there["2"] == since["2"]
    assert there["1"] == before["1"] | {number(40): since["1"][number(40)]}


OVERLAPPING = [
    [*rows(*range(6), ends=40, reason="first"), *rows(30, 31, ends=15)],
    [*rows(*range(3, 9), ends=60), *rows(30, ends=70)],
    [*rows(*range(2, 5), reason="third"), *rows(30, 31, 32)],
]
"""Three imports, of which the later ones extend what the earlier ones put there."""


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_overlapping_imports(store: Store, alice: Account, order: tuple[int, ...]) -> None:
    """Taken back in whatever order, the end is as if none of them had been."""
    before = stored(store, alice)
    made = [
        applied(store, alice, each, at(10 + 10 * place)).import_id
        for place, each in enumerate(OVERLAPPING)
    ]
    for place in order:
        undone(store, alice, made[place], at(40))
        check_record(store, alice)
    assert stored(store, alice) == before


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_all_but_the_first_of_overlapping_imports(
    store: Store, alice: Account, order: tuple[int, ...]
) -> None:
    """What is left is what the first alone made of the group."""
    made = [applied(store, alice, OVERLAPPING[0], at(10)).import_id]
    alone = stored(store, alice)
    for place, each in enumerate(OVERLAPPING[1:], 1):
        made.append(applied(store, alice, each, at(10 + 10 * place)).import_id)
    for place in order:
        undone(store, alice, made[place], at(40))
    assert stored(store, alice) == alone


def test_two_taken_back_in_turns(store: Store, alice: Account) -> None:
    """A chunk of one, a chunk of the other: the same end."""
    before = stored(store, alice)
    first = applied(store, alice, OVERLAPPING[0], at(10)).import_id
    second = applied(store, alice, OVERLAPPING[1], at(20)).import_id
    for import_id in (first, second):
        undo_import(store, alice, import_id, at(30))
    for _ in range(4):
        for import_id in (second, first):
            go_on(store, alice, import_id, 1, after(31))
            check_record(store, alice)
    assert stored(store, alice) == before


def test_one_taken_back_while_another_is_applied(store: Store, alice: Account) -> None:
    """What the second finds there of the first may be of a chunk that is not taken back yet."""
    before = stored(store, alice)
    first = applied(store, alice, OVERLAPPING[0], at(10)).import_id
    second = begun(store, alice, OVERLAPPING[1], 1, at(20))
    undo_import(store, alice, first, at(30))
    go_on(store, alice, first, 1, after(30))
    go_on(store, alice, second, 1, after(31))
    finished(store, alice, first, after(32))
    finished(store, alice, second, after(33))
    check_record(store, alice)
    undone(store, alice, second, at(40))
    assert stored(store, alice) == before
    check_record(store, alice)
