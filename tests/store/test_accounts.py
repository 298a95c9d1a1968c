"""Accounts in the database."""

import pytest

from ringfence.errors import AccountExists, AccountNotFound
from ringfence.model.accounts import Account, AccountDraft
from ringfence.store import Store, accounts
from tests.store.people import NOW


def insert(store: Store, draft: AccountDraft) -> Account:
    """Store an account."""
    return store.write(lambda tx: accounts.insert_account(tx, draft, NOW))


def test_it_finds_an_account_by_its_user_name(store: Store) -> None:
    """What was stored comes back."""
    made = insert(store, AccountDraft("alice", "US", "America/New_York", 7))
    assert made == Account(1, "alice", "US", "America/New_York", 7, 0)
    assert store.read(lambda tx: accounts.select_account(tx, "alice")) == made


def test_a_user_name_is_taken_once(store: Store) -> None:
    """The second account of a name is refused, and leaves nothing behind."""
    insert(store, AccountDraft("alice"))
    with pytest.raises(AccountExists) as raised:
        insert(store, AccountDraft("alice", "US"))
    assert raised.value.facts == {"user_name": "alice"}
    assert [each.region for each in store.read(accounts.select_accounts)] == ["IN"]
    assert insert(store, AccountDraft("bob")).account_id == 2


@pytest.mark.parametrize("name", ["Alice", "alice ", "alic", "alice' or '1'='1", "%", ""])
def test_another_name_is_not_found(store: Store, name: str) -> None:
    """User names are looked up to the letter."""
    insert(store, AccountDraft("alice"))
    with pytest.raises(AccountNotFound):
        store.read(lambda tx: accounts.select_account(tx, name))


def test_accounts_are_listed_by_name(store: Store) -> None:
    """The order does not depend on when they were made."""
    for name in ("bob", "carol", "alice"):
        insert(store, AccountDraft(name))
    listed = [each.user_name for each in store.read(accounts.select_accounts)]
    assert listed == ["alice", "bob", "carol"]


def test_ids_count_on_for_each_account_and_kind(store: Store) -> None:
    """What is rolled back was never handed out; what was is not handed out again."""
    alice, bob = (insert(store, AccountDraft(name)).account_id for name in ("alice", "bob"))

    def next_id(account_id: int, counter: accounts.Counter) -> int:
        return store.write(lambda tx: accounts.next_id(tx, account_id, counter))

    assert [next_id(alice, "last_batch_id") for _ in range(3)] == [1, 2, 3]
    assert next_id(alice, "last_block_group_id") == 1
    assert next_id(bob, "last_batch_id") == 1
