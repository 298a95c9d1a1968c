"""All that is wrong with a phone number is told together."""

import pytest

from ringfence.core.phone_inventory import add_phone_number, change_phone_number
from ringfence.errors import InputCode, InvalidInput, PhoneNumberNotFound
from ringfence.model.phone_numbers import PhoneNumberEdit, PhoneNumberPlan, State
from ringfence.store import Store
from tests.core.people import ORIGIN, new_account
from tests.core.phones import add

CODES = [
    InputCode.PHONE_NUMBER_INVALID,
    InputCode.PHONE_NAME_INVALID,
    InputCode.PRIORITY_RANGE,
    InputCode.SKILLS_TOO_MANY,
]


def test_an_unreadable_number_is_told_with_the_rest(store: Store) -> None:
    """Of a new one and of an edit, which looks first whether there is such a phone number."""
    alice, skills = new_account(store), ("Sales",) * 51
    plan = PhoneNumberPlan("x", "nobody", 0, State.ACTIVE, skills)
    with pytest.raises(InvalidInput, match="up to 50 skills") as refused:
        add_phone_number(store, alice, plan, ORIGIN)
    assert [each.code for each in refused.value.problems] == CODES

    edit = PhoneNumberEdit("x", "nobody", 0, None, skills)
    with pytest.raises(PhoneNumberNotFound, match="there is no such phone number"):
        change_phone_number(store, alice, 1, edit, ORIGIN)
    add(store, alice, "Desk", "9812345678")
    with pytest.raises(InvalidInput) as refused:
        change_phone_number(store, alice, 1, edit, ORIGIN)
    assert [each.code for each in refused.value.problems] == CODES
