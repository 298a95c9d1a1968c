"""Phone numbers in the database: uniqueness and the limit, under any number of writers."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ringfence.errors import (
    PhoneNumberExists,
    PhoneNumberLimitReached,
    PhoneNumberNotFound,
    RingfenceError,
)
from ringfence.model.accounts import AccountDraft
from ringfence.store import Store, accounts, phone_numbers
from tests.store.people import NOW


@pytest.fixture
def account_id(store: Store) -> int:
    """Return an account that may have ten phone numbers."""
    draft = AccountDraft("alice", phone_number_limit=10)
    return store.write(lambda tx: accounts.insert_account(tx, draft, NOW)).account_id


def insert(store: Store, account_id: int, name: str, number: str) -> int | type[RingfenceError]:
    """Store a phone number; return its id or the class of the error."""
    try:
        account = store.read(lambda tx: accounts.select_account(tx, "alice"))
        assert account.account_id == account_id
        return store.write(
            lambda tx: phone_numbers.insert_phone_number(tx, account, name, number, number, NOW)
        )
    except RingfenceError as error:
        return type(error)


def counts(store: Store, account_id: int) -> tuple[int, int]:
    """Return how many places are taken, as counted along and as counted now."""
    row = store.read(
        lambda tx: tx.one(
            "select phone_numbers_used, (select count(*) from phone_number where account_id = ?) "
            "from account where account_id = ?",
            (account_id, account_id),
        )
    )
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize(
    ("name", "number"), [("desk", "222"), ("DESK", "222"), ("other", "111"), ("desk", "111")]
)
def test_a_name_and_a_number_are_taken_once(
    store: Store, account_id: int, name: str, number: str
) -> None:
    """Either being taken is enough, letter case aside, and takes no place."""
    assert insert(store, account_id, "Desk", "111") == 1
    assert insert(store, account_id, name, number) is PhoneNumberExists
    assert counts(store, account_id) == (1, 1)


def test_the_limit_holds_and_a_taken_name_is_told_before_it(store: Store, account_id: int) -> None:
    """The eleventh is refused, the one that exists anyway."""
    for n in range(10):
        assert insert(store, account_id, f"desk{n}", f"11{n}") == n + 1
    assert insert(store, account_id, "desk10", "1110") is PhoneNumberLimitReached
    assert insert(store, account_id, "desk1", "1110") is PhoneNumberExists
    assert counts(store, account_id) == (10, 10)


def test_the_limit_holds_under_parallel_writers(store: Store, account_id: int) -> None:
    """Sixteen at a time: ten get in, not one more, and not one fewer."""
    with ThreadPoolExecutor(16) as pool:
        results = pool.map(lambda n: insert(store, account_id, f"desk{n}", f"1{n:03}"), range(80))
    told = Counter(each if isinstance(each, type) else int for each in results)
    assert told == {int: 10, PhoneNumberLimitReached: 70}
    assert counts(store, account_id) == (10, 10)


@pytest.mark.parametrize("same", ["name", "number"])
def test_a_duplicate_is_never_stored_under_parallel_writers(
    store: Store, account_id: int, same: str
) -> None:
    """Sixteen at a time: one gets in."""

    def insert_one(n: int) -> int | type[RingfenceError]:
        name, number = ("desk", f"1{n:03}") if same == "name" else (f"desk{n}", "111")
        return insert(store, account_id, name, number)

    with ThreadPoolExecutor(16) as pool:
        told = Counter(pool.map(insert_one, range(64)))
    assert told == {1: 1, PhoneNumberExists: 63}
    assert counts(store, account_id) == (1, 1)


def test_an_id_is_never_used_again(store: Store, account_id: int) -> None:
    """Also not that of the record made last."""
    assert insert(store, account_id, "desk", "111") == 1
    store.write(lambda tx: phone_numbers.delete_phone_number(tx, account_id, 1))
    assert counts(store, account_id) == (0, 0)
    assert insert(store, account_id, "desk", "111") == 2


def test_keys_may_be_exchanged(store: Store, account_id: int) -> None:
    """Two numbers that take each other's place do not clash on the way."""
    insert(store, account_id, "desk", "111")
    insert(store, account_id, "door", "222")
    swapped = [(1, "222"), (2, "111")]
    store.write(lambda tx: phone_numbers.update_number_keys(tx, account_id, swapped))
    own = store.read(
        lambda tx: phone_numbers.select_own_numbers(tx, account_id, ["111", "222", "333"])
    )
    assert own == {"111", "222"}


def test_keys_that_become_one_are_refused(store: Store, account_id: int) -> None:
    """Nothing of the change is kept."""
    insert(store, account_id, "desk", "111")
    insert(store, account_id, "door", "222")
    with pytest.raises(PhoneNumberExists):
        store.write(
            lambda tx: phone_numbers.update_number_keys(tx, account_id, [(1, "333"), (2, "333")])
        )
    own = store.read(lambda tx: phone_numbers.select_own_numbers(tx, account_id, ["111", "333"]))
    assert own == {"111"}


@pytest.mark.parametrize("name", ["nope", "", "Desk\0", "\0", "Desk\uffff", "D%"])
def test_a_record_that_is_not_there_is_not_found(store: Store, account_id: int, name: str) -> None:
    """Whatever its name; PostgreSQL takes no text with a NUL, not even to compare it."""
    insert(store, account_id, "Desk", "+918041234567")
    account = store.read(lambda tx: accounts.select_account(tx, "alice"))
    with pytest.raises(PhoneNumberNotFound):
        store.write(lambda tx: phone_numbers.lock_phone_number(tx, account, name, "+918041234567"))
