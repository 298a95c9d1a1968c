"""A region that changes while a request is under way cannot let one number in twice."""

from collections.abc import Callable

import pytest

from ringfence.core.accounts import create_account, set_account
from ringfence.core.allowed_numbers import create_allowed_number
from ringfence.core.block_groups import add_numbers, create_block_group, remove_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    remove_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.group_settings import edit_block_group, make_block_group
from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
)
from ringfence.errors import Unavailable
from ringfence.model.accounts import Account, AccountChange, AccountDraft
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.block_groups import GroupDraft, NumbersAddition, Scope
from ringfence.model.blocked_numbers import EntryChange, NumbersDraft
from ringfence.model.group_settings import GroupChange, GroupSettings
from ringfence.model.phone_numbers import PhoneNumberChange, PhoneNumberDraft, PhoneNumberRef
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN
from tests.core.records import recorded

REF = PhoneNumberRef("Desk", "2125550123")
DRAFT = PhoneNumberDraft("Other", "2125550124")
NUMBER = "2125550125"
CALLED = (NUMBER,)
VERBS: dict[str, Callable[[Store, Account], object]] = {
    "create": lambda store, stale: create_phone_number(store, stale, DRAFT, ORIGIN),
    "edit": lambda store, stale: edit_phone_number(
        store, stale, REF, PhoneNumberChange(name="New.Name"), ORIGIN
    ),
    "delete": lambda store, stale: delete_phone_number(store, stale, REF, ORIGIN),
    "block": lambda store, stale: add_blocked_numbers(
        store, stale, 1, NumbersDraft([NUMBER]), ORIGIN
    ),
    "unblock": lambda store, stale: remove_blocked_numbers(store, stale, 1, [NUMBER], ORIGIN),
    "unblock one": lambda store, stale: remove_blocked_number(store, stale, 1, NUMBER, ORIGIN),
    "edit a block": lambda store, stale: edit_blocked_number(
        store, stale, 1, NUMBER, EntryChange(reason="x"), ORIGIN
    ),
    "create a group": lambda store, stale: create_block_group(
        store, stale, GroupDraft("Other", "Other", [NUMBER], None), ORIGIN
    ),
    "add to a group": lambda store, stale: add_numbers(
        store, stale, 1, NumbersAddition([NUMBER], None), ORIGIN
    ),
    "remove from a group": lambda store, stale: remove_numbers(store, stale, 1, [NUMBER], ORIGIN),
    "remove from all": lambda store, stale: remove_numbers(store, stale, None, [NUMBER], ORIGIN),
    "allow": lambda store, stale: create_allowed_number(store, stale, AllowedDraft(NUMBER), ORIGIN),
    "make a group": lambda store, stale: make_block_group(
        store, stale, GroupSettings("Other", scope=Scope((), CALLED)), ORIGIN
    ),
    "edit a group": lambda store, stale: edit_block_group(
        store, stale, 1, GroupChange(called=CALLED), ORIGIN
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_number_read_for_the_former_region_is_not_stored(store: Store, verb: str) -> None:
    """The caller is asked to try again; the records stay as they were."""
    stale = create_account(store, AccountDraft("alice", region="IN"), at=NOW).account
    create_phone_number(store, stale, PhoneNumberDraft(REF.name, REF.number), ORIGIN)
    make_block_group(store, stale, GroupSettings("Spam"), ORIGIN)
    add_blocked_numbers(store, stale, 1, NumbersDraft([f"+91{NUMBER}", f"+1{NUMBER}"]), ORIGIN)
    set_account(store, "alice", AccountChange(region="US"), ORIGIN)
    before = recorded(store, stale)

    with pytest.raises(Unavailable, match="region was changed"):
        VERBS[verb](store, stale)

    rows = store.read(lambda tx: tx.all("select name, number_key from phone_number"))
    assert rows == [("Desk", "+12125550123")]
    assert recorded(store, stale) == before
