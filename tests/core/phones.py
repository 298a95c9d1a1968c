"""Phone numbers in full, for the tests that need some."""

from ringfence.core.phone_inventory import add_phone_number
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import PhoneNumber, PhoneNumberPlan, State
from ringfence.store import Store
from tests.core.people import ORIGIN


def add(
    store: Store,
    account: Account,
    name: str,
    number: str,
    *skills: str,
    priority: int = 1,
    state: State = State.ACTIVE,
) -> PhoneNumber:
    """Give the account a phone number and return it."""
    plan = PhoneNumberPlan(name, number, priority, state, skills)
    return add_phone_number(store, account, plan, ORIGIN)
