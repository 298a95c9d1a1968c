"""Numbers are read before the transaction that is about them."""

import pytest

from ringfence.core import number_reading
from ringfence.core.blocked_numbers import add_blocked_numbers, remove_blocked_numbers
from ringfence.core.group_settings import make_block_group
from ringfence.core.number_reading import read_numbers
from ringfence.model.blocked_numbers import MAX_NUMBERS, NumbersDraft
from ringfence.model.group_settings import GroupSettings
from ringfence.store import Store
from tests.core.people import ORIGIN, new_account

SENT = ["98123 45678", "140*", "withheld", "112", "abc", "9812345678"]


def never(*_: object) -> None:
    """Fail where a number is read again."""
    pytest.fail("a number was read inside of the transaction")


def test_what_was_read_is_told_as_texts_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not read again."""
    alice, bob = new_account(store), new_account(store)
    for account in (alice, bob):
        make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    added = add_blocked_numbers(store, alice, 1, NumbersDraft(SENT), ORIGIN)
    removed = remove_blocked_numbers(store, alice, 1, SENT, ORIGIN)

    read = read_numbers(bob, SENT)
    assert len(read) == len(SENT)
    monkeypatch.setattr(number_reading, "read_pattern", never)
    assert add_blocked_numbers(store, bob, 1, NumbersDraft(read), ORIGIN) == added
    assert remove_blocked_numbers(store, bob, 1, read, ORIGIN) == removed


def test_too_many_are_not_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted all the same, and refused by whoever is asked to write them."""
    monkeypatch.setattr(number_reading, "read_pattern", never)
    assert len(read_numbers(new_account(store), ["1"] * (MAX_NUMBERS + 1))) == MAX_NUMBERS + 1
