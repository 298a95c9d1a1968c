"""A region that changes while a request is under way cannot let one number in twice."""

from collections.abc import Callable

import pytest

from ringfence.core.accounts import create_account, set_account
from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
)
from ringfence.errors import Unavailable
from ringfence.model.accounts import Account, AccountChange, AccountDraft
from ringfence.model.phone_numbers import PhoneNumberChange, PhoneNumberDraft, PhoneNumberRef
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN

REF = PhoneNumberRef("Desk", "2125550123")
DRAFT = PhoneNumberDraft("Other", "2125550124")
VERBS: dict[str, Callable[[Store, Account], object]] = {
    "create": lambda store, stale: create_phone_number(store, stale, DRAFT, ORIGIN),
    "edit": lambda store, stale: edit_phone_number(
        store, stale, REF, PhoneNumberChange(name="New.Name"), ORIGIN
    ),
    "delete": lambda store, stale: delete_phone_number(store, stale, REF, ORIGIN),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_number_read_for_the_former_region_is_not_stored(store: Store, verb: str) -> None:
    """The caller is asked to try again; the record stays as it was."""
    stale = create_account(store, AccountDraft("alice", region="IN"), at=NOW).account
    create_phone_number(store, stale, PhoneNumberDraft(REF.name, REF.number), ORIGIN)
    set_account(store, "alice", AccountChange(region="US"), ORIGIN)

    with pytest.raises(Unavailable, match="region was changed"):
        VERBS[verb](store, stale)

    rows = store.read(lambda tx: tx.all("select name, number_key from phone_number"))
    assert rows == [("Desk", "+12125550123")]
