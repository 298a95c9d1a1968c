"""One entry of a group: edited and removed by who has read it, and never to a protected number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ringfence.core.allowed_numbers import (
    create_allowed_number,
    delete_allowed_number,
    get_allowed_number,
)
from ringfence.core.block_groups import add_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    get_blocked_number,
    remove_blocked_number,
)
from ringfence.core.group_settings import make_block_group
from ringfence.errors import (
    AllowedNumberNotFound,
    BlockedNumberNotFound,
    BlockGroupNotFound,
    InvalidInput,
    NumberProtected,
    PreconditionFailed,
)
from ringfence.model.accounts import Account
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.block_groups import NumbersAddition
from ringfence.model.blocked_numbers import BlockedEntry, EntryChange, NumbersDraft
from ringfence.model.changes import Action, Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.model.revisions import revision_of
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN, new_account, own_number
from tests.core.records import followed, recorded, stored

SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
NUMBER = "9812345678"
PROTECTORS: dict[str, Callable[[Store, Account], object]] = {
    "a phone number of the account": lambda store, account: own_number(
        store, account, "Desk", NUMBER
    ),
    "an allowed number": lambda store, account: create_allowed_number(
        store, account, AllowedDraft(NUMBER, protected=True), ORIGIN
    ),
}


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account whose one group blocks a number for five seconds."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    add_blocked_numbers(store, account, 1, NumbersDraft([NUMBER], NOW + 5 * SECOND), ORIGIN)
    return account


def at(seconds: int) -> Origin:
    """Return who acts, so many seconds later."""
    return replace(ORIGIN, at=NOW + seconds * SECOND)


def edit(store: Store, account: Account, end: datetime | None, now: int = 0) -> BlockedEntry:
    """Give the entry another expiry."""
    return edit_blocked_number(store, account, 1, NUMBER, EntryChange(end), at(now))


@pytest.mark.parametrize("kind", PROTECTORS)
def test_what_is_protected_since_is_not_blocked_longer(
    store: Store, alice: Account, kind: str
) -> None:
    """Nor again, once it has expired; sooner and another reason are no harm."""
    PROTECTORS[kind](store, alice)
    before = recorded(store, alice)
    for end, now in ((NOW + 6 * SECOND, 0), (None, 0), (NOW + 9 * SECOND, 7)):
        with pytest.raises(NumberProtected, match=f"protected, as {kind}"):
            edit(store, alice, end, now)
    assert recorded(store, alice) == before
    assert edit(store, alice, NOW + 4 * SECOND).expires_at == NOW + 4 * SECOND
    told = edit_blocked_number(store, alice, 1, NUMBER, EntryChange(reason="old"), ORIGIN)
    assert (told.reason, told.expires_at) == ("old", NOW + 4 * SECOND)


def test_what_is_blocked_for_good_may_end(store: Store, alice: Account) -> None:
    """Though the number is protected since; then not for good again."""
    edit(store, alice, None)
    own_number(store, alice, "Desk", NUMBER)
    edit(store, alice, NOW + 9 * SECOND)
    with pytest.raises(NumberProtected):
        edit(store, alice, None)


def test_an_emergency_number_is_not_blocked_longer(store: Store) -> None:
    """One that is there since before anybody knew that it is one."""
    account = new_account(store, region="ZA")
    make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    add_blocked_numbers(store, account, 1, NumbersDraft(["0821234567"], NOW + SECOND), ORIGIN)
    sql = "update blocked_number set pattern = '+2710111' where account_id = ?"
    store.write(lambda tx: tx.run(sql, (account.account_id,)))
    with pytest.raises(NumberProtected, match="as an emergency number"):
        edit_blocked_number(store, account, 1, "10111", EntryChange(None), ORIGIN)


def test_an_edit_is_of_what_was_read(store: Store, alice: Account) -> None:
    """Another revision is refused, and nothing changes."""
    read = get_blocked_number(store, alice, 1, NUMBER)
    change = EntryChange(reason="mine")
    mine = edit_blocked_number(store, alice, 1, NUMBER, change, ORIGIN, read.revision)
    assert mine.reason == "mine"
    before = recorded(store, alice)
    for stale in (EntryChange(reason="theirs"), EntryChange(NOW)):
        with pytest.raises(PreconditionFailed):
            edit_blocked_number(store, alice, 1, NUMBER, stale, ORIGIN, read.revision)
    assert recorded(store, alice) == before


def test_an_entry_is_removed(store: Store, alice: Account) -> None:
    """An expired one that can be read, too; then it is there no more."""
    with pytest.raises(BlockGroupNotFound):
        remove_blocked_number(store, alice, 2, NUMBER, ORIGIN)
    for number in ("9812345679", "nobody"):
        with pytest.raises(BlockedNumberNotFound):
            remove_blocked_number(store, alice, 1, number, ORIGIN)
    read = get_blocked_number(store, alice, 1, NUMBER)
    edit(store, alice, NOW + 6 * SECOND)
    with pytest.raises(PreconditionFailed):
        remove_blocked_number(store, alice, 1, NUMBER, at(7), read.revision)
    read = get_blocked_number(store, alice, 1, NUMBER)
    remove_blocked_number(store, alice, 1, f"+91 {NUMBER}", at(7), read.revision)
    with pytest.raises(BlockedNumberNotFound):
        remove_blocked_number(store, alice, 1, NUMBER, at(7))
    assert stored(store, alice) == {}
    assert followed(store, alice) == {"1": {}}


def test_an_allowed_number_goes_as_it_was_read(store: Store, alice: Account) -> None:
    """One that was made anew is another."""
    draft = AllowedDraft("9812345670")
    made = create_allowed_number(store, alice, draft, ORIGIN).allowed_number_id
    read = get_allowed_number(store, alice, made)
    with pytest.raises(PreconditionFailed):
        delete_allowed_number(store, alice, made, ORIGIN, revision_of(replace(read, reason="x")))
    delete_allowed_number(store, alice, made, ORIGIN, revision_of(read))
    with pytest.raises(AllowedNumberNotFound):
        delete_allowed_number(store, alice, made, ORIGIN)


def test_an_edit_is_recorded_with_what_was_before(store: Store, alice: Account) -> None:
    """In full, and the entry with it."""
    edit(store, alice, NOW + 9 * SECOND)
    edit_blocked_number(store, alice, 1, NUMBER, EntryChange(None, "why"), ORIGIN)
    first, second = (each.change for each in recorded(store, alice)[-2:])
    ms = int(NOW.timestamp() * 1000)
    assert first.action is second.action is Action.NUMBERS_EDITED
    assert first.before == {"expires_at": ms + 5000, "reason": "", "batch_id": 1}
    assert first.after == second.before == {"expires_at": ms + 9000, "reason": "", "batch_id": 2}
    assert second.after == {"expires_at": None, "reason": "why", "batch_id": 3}
    assert followed(store, alice) == stored(store, alice)


@pytest.mark.parametrize("door", ["v1", "wire"])
def test_who_extends_without_a_reason_keeps_the_old_one(
    store: Store, alice: Account, door: str
) -> None:
    """Of each number its own; an expired one has none to keep, and a reason given is taken."""
    numbers = {"9812345671": "one", "9812345672": "two", "9812345673": "", "9812345674": "old"}
    for number, reason in numbers.items():
        end = NOW + (1 if reason == "old" else 5) * SECOND
        add_blocked_numbers(store, alice, 1, NumbersDraft([number], end, reason), ORIGIN)
    before = len(recorded(store, alice))
    sent = [*numbers, "9812345675"]
    if door == "v1":
        add_blocked_numbers(store, alice, 1, NumbersDraft(sent, NOW + 9 * SECOND), at(2))
    else:
        add_numbers(store, alice, 1, NumbersAddition(sent, NOW + 9 * SECOND), at(2))
    reasons = [get_blocked_number(store, alice, 1, number).reason for number in sent]
    assert reasons == ["one", "two", "", "", ""]
    assert len(recorded(store, alice)) == before + 3
    assert followed(store, alice) == stored(store, alice)
    told = NumbersDraft(["9812345671"], None, "new")
    add_blocked_numbers(store, alice, 1, told, at(2))
    assert get_blocked_number(store, alice, 1, "9812345671").reason == "new"


def test_an_expiry_that_is_stored_as_now_is_past(store: Store, alice: Account) -> None:
    """Of a moment whole milliseconds are kept; what is left of it is no future."""
    soon, now = NOW + timedelta(microseconds=1900), replace(ORIGIN, at=NOW + MILLISECOND)
    with pytest.raises(InvalidInput):
        edit_blocked_number(store, alice, 1, NUMBER, EntryChange(soon), now)
    with pytest.raises(InvalidInput):
        create_allowed_number(store, alice, AllowedDraft("140*", soon), now)
    with pytest.raises(InvalidInput):
        add_blocked_numbers(store, alice, 1, NumbersDraft(["140*"], soon), now)
    before = recorded(store, alice)
    end = NOW + 5 * SECOND + timedelta(microseconds=1)
    edit_blocked_number(store, alice, 1, NUMBER, EntryChange(end), now)
    assert recorded(store, alice) == before
