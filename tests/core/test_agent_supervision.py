"""Agents' blocks extended and undone, in every order, and left alone once somebody else came."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations, product

import pytest

from ringfence.core.accounts import set_account
from ringfence.core.agent_blocks import block_from_call, get_agent_block
from ringfence.core.agent_supervision import extend_agent_block, undo_agent_block
from ringfence.core.allowed_numbers import create_allowed_number
from ringfence.core.blocked_lists import list_blocked_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    remove_blocked_number,
)
from ringfence.core.changes import get_change, list_changes
from ringfence.core.group_settings import make_block_group
from ringfence.errors import (
    AgentBlockReplaced,
    AgentBlockUndone,
    InvalidInput,
    NumberProtected,
)
from ringfence.model.accounts import Account, AccountChange
from ringfence.model.agent_blocks import AgentBlock, BlockDraft, BlockState
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.blocked_numbers import (
    BlockedEntry,
    EntryChange,
    EntryQuery,
    EntryState,
    NumbersDraft,
)
from ringfence.model.changes import Action, Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.model.pages import Window
from ringfence.store import Store
from tests.core.importing import Row, applied, undone
from tests.core.people import NOW, new_account

HOUR = timedelta(hours=1)
CALLER = "+919812300001"
AGENT = Origin("v1", 3, NOW)
SUPERVISOR = Origin("v1", 2, NOW)
EVERY_ENTRY = EntryQuery(state=EntryState.ALL)
Hours = int | None


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account whose agents block into its group 1, for up to a year."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("From calls"), SUPERVISOR)
    change = AccountChange(agent_group_id=1, agent_hours=8760)
    return set_account(store, account.user_name, change, SUPERVISOR)


def block(store: Store, account: Account, hours: int, number: str = CALLER) -> AgentBlock:
    """Block a number as an agent; the reason says for how long."""
    return block_from_call(store, account, BlockDraft(f"{hours} h", number, hours=hours), AGENT)


def undo(store: Store, account: Account, agent_block_id: int) -> AgentBlock:
    """Undo a block as a supervisor."""
    return undo_agent_block(store, account, agent_block_id, SUPERVISOR)


def held(store: Store, account: Account, number: str = CALLER) -> BlockedEntry | None:
    """Return what the group holds of a number."""
    page = list_blocked_numbers(store, account, 1, EVERY_ENTRY, Window(1000), at=NOW)
    return next((each for each in page.items if each.pattern == number), None)


def put(store: Store, account: Account, hours: Hours, number: str = CALLER) -> None:
    """Block a number by hand, None for good."""
    until = None if hours is None else NOW + hours * HOUR
    draft = NumbersDraft([number], until, "by hand")
    add_blocked_numbers(store, account, 1, draft, SUPERVISOR)


def longest(base: tuple[Hours] | None, left: Sequence[int]) -> tuple[datetime | None, str] | None:
    """Return until when a number is blocked, and why, by what was there and blocks of so long."""
    if base is not None and (base[0] is None or base[0] >= max(left, default=0)):
        return None if base[0] is None else NOW + base[0] * HOUR, "by hand"
    return (NOW + max(left) * HOUR, f"{max(left)} h") if left else None


def test_undone_an_entry_is_gone(store: Store, alice: Account) -> None:
    """And the record says who did it."""
    made = block(store, alice, 5)
    undone = undo(store, alice, 1)
    assert held(store, alice) is None
    assert undone == replace(
        made,
        state=BlockState.UNDONE,
        undone_at=NOW,
        undone_by=replace(made.added_by, key_id=2, label=None),
    )
    last = list_changes(store, alice, None, 1, newest_first=True)[0]
    assert (last.change.action, last.origin.key_id) == (Action.NUMBERS_REMOVED, 2)
    later = replace(SUPERVISOR, at=NOW + HOUR, key_id=9)
    assert undo_agent_block(store, alice, 1, later) == undone
    assert len(list_changes(store, alice, None, 99, newest_first=True)) == last.change_id


def test_undone_an_entry_is_what_it_was(store: Store, alice: Account) -> None:
    """Its expiry, its reason, and who put it there; the change says both."""
    put(store, alice, 2)
    before = held(store, alice)
    block(store, alice, 5)
    assert held(store, alice) != before
    undo(store, alice, 1)
    assert held(store, alice) == before
    last = list_changes(store, alice, None, 1, newest_first=True)[0]
    change = get_change(store, alice, last.change_id).change
    assert change.action is Action.NUMBERS_EDITED
    assert change.before is not None
    assert change.after is not None
    assert (change.before["reason"], change.after["reason"]) == ("5 h", "by hand")
    assert change.entries == {
        "added": [],
        "changed": {CALLER: [change.before["expires_at"], change.before["batch_id"]]},
        "removed": {},
    }


BASES: tuple[tuple[Hours] | None, ...] = (None, (1,), (6,), (None,))


@pytest.mark.parametrize("base", BASES)
def test_blocks_are_undone_in_any_order(
    store: Store, alice: Account, base: tuple[Hours] | None
) -> None:
    """What is left is what there would be had nobody asked for what is undone."""
    for n, (asked, order) in enumerate(product(permutations((3, 5, 8)), permutations((0, 1, 2)))):
        number = f"+9198124000{n:02}"
        if base is not None:
            put(store, alice, *base, number=number)
        made = [block(store, alice, hours, number).agent_block_id for hours in asked]
        left = list(asked)
        for place in order:
            undo(store, alice, made[place])
            left.remove(asked[place])
            found, expected = held(store, alice, number), longest(base, left)
            assert (found and (found.expires_at, found.reason)) == expected, (asked, order)
            for other in (each for each in range(3) if asked[each] in left):
                told = get_agent_block(store, alice, made[other], at=NOW)
                assert told.state is BlockState.LIVE


@pytest.mark.parametrize("base", BASES)
def test_blocks_are_extended_in_any_order(
    store: Store, alice: Account, base: tuple[Hours] | None
) -> None:
    """The number is blocked for as long as any of them asks, longer or shorter than before."""
    for n, (order, more) in enumerate(product(permutations((0, 1, 2)), permutations((2, 4, 9)))):
        number = f"+9198124000{n:02}"
        if base is not None:
            put(store, alice, *base, number=number)
        asked = [3, 5, 8]
        made = [block(store, alice, hours, number).agent_block_id for hours in asked]
        for place, hours in zip(order, more, strict=True):
            until = NOW + hours * HOUR
            extend_agent_block(store, alice, made[place], until, SUPERVISOR)
            asked[place] = hours
            found, expected = held(store, alice, number), longest(base, asked)
            assert found is not None
            assert expected is not None
            assert found.expires_at == expected[0], (order, more)
        for place in order:
            undo(store, alice, made[place])
        found = held(store, alice, number)
        assert (found and found.expires_at) == (longest(base, []) or (None,))[0]
        assert (found is None) is (base is None)


def test_a_block_that_takes_over_is_in_its_agent_s_name(store: Store, alice: Account) -> None:
    """Though it changed nothing when it was asked for."""
    block(store, alice, 8)
    other = replace(AGENT, key_id=4, at=NOW + HOUR)
    second = block_from_call(store, alice, BlockDraft("also", CALLER, hours=3), other)
    assert second.expires_at == NOW + 8 * HOUR
    undo(store, alice, 1)
    entry = held(store, alice)
    assert entry is not None
    assert (entry.expires_at, entry.reason, entry.key_id) == (NOW + 4 * HOUR, "also", 4)
    assert get_agent_block(store, alice, 2, at=NOW).expires_at == NOW + 4 * HOUR
    assert get_agent_block(store, alice, 2, at=NOW + 4 * HOUR).state is BlockState.EXPIRED


@pytest.mark.parametrize("how", ["edit", "remove", "add", "anew"])
def test_what_somebody_else_changed_stays(store: Store, alice: Account, how: str) -> None:
    """Both blocks are told as replaced, and nothing is done."""
    block(store, alice, 3)
    block(store, alice, 5)
    if how == "edit":
        edit_blocked_number(store, alice, 1, CALLER, EntryChange(reason="mine"), SUPERVISOR)
    elif how == "add":
        put(store, alice, 9)
    else:
        remove_blocked_number(store, alice, 1, CALLER, SUPERVISOR)
        if how == "anew":
            put(store, alice, 5)
    entry = held(store, alice)
    for block_id in (1, 2):
        assert get_agent_block(store, alice, block_id, at=NOW).state is BlockState.REPLACED
        with pytest.raises(AgentBlockReplaced):
            undo(store, alice, block_id)
        with pytest.raises(AgentBlockReplaced):
            extend_agent_block(store, alice, block_id, None, SUPERVISOR)
    assert held(store, alice) == entry


def test_a_later_block_stands_on_what_somebody_else_made(store: Store, alice: Account) -> None:
    """Undone, it gives that back."""
    block(store, alice, 3)
    put(store, alice, 9)
    mine = held(store, alice)
    block(store, alice, 20)
    undo(store, alice, 2)
    assert held(store, alice) == mine
    assert get_agent_block(store, alice, 1, at=NOW).state is BlockState.REPLACED


def test_a_block_lasts_until_any_moment_ahead(store: Store, alice: Account) -> None:
    """Beyond what agents may, and for good; in the supervisor's name."""
    block(store, alice, 5)
    far = NOW + timedelta(days=5000)
    assert extend_agent_block(store, alice, 1, far, SUPERVISOR).expires_at == far
    told = extend_agent_block(store, alice, 1, None, SUPERVISOR)
    assert (told.expires_at, told.state) == (None, BlockState.LIVE)
    entry = held(store, alice)
    assert entry is not None
    assert (entry.expires_at, entry.reason, entry.key_id) == (None, "5 h", 2)
    with pytest.raises(InvalidInput):
        extend_agent_block(store, alice, 1, NOW, SUPERVISOR)
    assert held(store, alice) == entry
    undo(store, alice, 1)
    assert held(store, alice) is None
    with pytest.raises(AgentBlockUndone):
        extend_agent_block(store, alice, 1, far, SUPERVISOR)


def test_the_same_moment_changes_nothing(store: Store, alice: Account) -> None:
    """And is recorded nowhere."""
    made = block(store, alice, 5)
    count = len(list_changes(store, alice, None, 99, newest_first=True))
    assert extend_agent_block(store, alice, 1, made.expires_at, SUPERVISOR) == made
    assert len(list_changes(store, alice, None, 99, newest_first=True)) == count


def test_an_expired_block_may_be_extended(store: Store, alice: Account) -> None:
    """As an expired entry may be given another expiry."""
    block(store, alice, 1)
    later = replace(SUPERVISOR, at=NOW + 2 * HOUR)
    assert get_agent_block(store, alice, 1, at=later.at).state is BlockState.EXPIRED
    told = extend_agent_block(store, alice, 1, NOW + 3 * HOUR, later)
    assert told.state is BlockState.LIVE


def test_a_number_protected_since_is_not_blocked_for_longer(store: Store, alice: Account) -> None:
    """Sooner it may end, and be undone."""
    block(store, alice, 5)
    create_allowed_number(store, alice, AllowedDraft(CALLER, protected=True), SUPERVISOR)
    for until in (None, NOW + 6 * HOUR):
        with pytest.raises(NumberProtected):
            extend_agent_block(store, alice, 1, until, SUPERVISOR)
    assert extend_agent_block(store, alice, 1, NOW + HOUR, SUPERVISOR).expires_at == NOW + HOUR
    undo(store, alice, 1)
    assert held(store, alice) is None


def test_an_import_taken_back_does_not_come_again(store: Store, alice: Account) -> None:
    """Neither when the block that stood on it is undone, nor when one of two is."""
    made = applied(store, alice, [Row(CALLER, NOW + 2 * HOUR, "imported")])
    block(store, alice, 5)
    block(store, alice, 8)
    undone(store, alice, made.import_id)
    undo(store, alice, 2)
    entry = held(store, alice)
    assert entry is not None
    assert entry.reason == "5 h"
    undo(store, alice, 1)
    assert held(store, alice) is None


def test_an_import_that_stays_comes_back(store: Store, alice: Account) -> None:
    """And once it is taken back after that, nothing is left."""
    made = applied(store, alice, [Row(CALLER, NOW + 2 * HOUR, "imported")])
    before = held(store, alice)
    block(store, alice, 5)
    undo(store, alice, 1)
    assert held(store, alice) == before
    undone(store, alice, made.import_id)
    assert held(store, alice) is None


def test_a_block_comes_back_with_the_import_that_replaced_it_gone(
    store: Store, alice: Account
) -> None:
    """It is somebody else's change while it lasts."""
    block(store, alice, 5)
    made = applied(store, alice, [Row(CALLER, NOW + 20 * HOUR, "imported")])
    with pytest.raises(AgentBlockReplaced):
        undo(store, alice, 1)
    undone(store, alice, made.import_id)
    assert get_agent_block(store, alice, 1, at=NOW).state is BlockState.LIVE
    undo(store, alice, 1)
    assert held(store, alice) is None
