"""Accounts for the tests of the verbs."""

from datetime import UTC, datetime
from itertools import count

from ringfence.core.accounts import create_account
from ringfence.core.phone_numbers import create_phone_number
from ringfence.model.accounts import Account, AccountDraft
from ringfence.model.changes import Origin
from ringfence.model.phone_numbers import PhoneNumberDraft
from ringfence.store import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = Origin("test", 1, NOW)

_numbers = count(1)


def new_account(
    store: Store, region: str = "IN", limit: int = 500, skills: tuple[str, ...] = ()
) -> Account:
    """Make an account of a name that no other has, and that comes after all before it."""
    draft = AccountDraft(f"user{next(_numbers):05}", region, "Asia/Kolkata", limit, skills)
    return create_account(store, draft, at=NOW).account


def own_number(store: Store, account: Account, name: str, number: str) -> None:
    """Give the account a phone number."""
    create_phone_number(store, account, PhoneNumberDraft(name, number), ORIGIN)
