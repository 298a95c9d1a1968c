"""Many rows are looked up along one index, whatever the database believes of its tables."""

import json
import re

import pytest

from ringfence.model.accounts import Account, AccountDraft
from ringfence.store import Store, Transaction, accounts, import_rows, phone_rows
from ringfence.store.import_rows import NEAR, SentRows
from tests.store.people import NOW, furnish
from tests.store.plans import plans_of

THERE = 3000
AT_MS = 5
TABLES = ("phone_number", "allowed_number", "blocked_number")


def number(place: int) -> str:
    """Return a number in E.164, in the order of `place`."""
    return f"+9197{place:08}"


def fill(store: Store, account: Account, how_many: int) -> None:
    """Give an account numbers of each kind: the even ones."""
    owner, numbers = account.account_id, [number(2 * place) for place in range(how_many)]

    def insert(tx: Transaction) -> None:
        tx.run_many(
            "insert into phone_number (account_id, phone_number_id, name, name_key, number, "
            "number_key, number_reversed, created_at, updated_at) "
            "values (?, ?, ?, ?, '', ?, ?, 0, 0)",
            [(owner, 9 + n, each, each, each, each[::-1]) for n, each in enumerate(numbers)],
        )
        tx.run_many(
            "insert into allowed_number (account_id, pattern, allowed_number_id, protected, "
            "reason, door, created_at) values (?, ?, ?, 1, '', 'test', 0)",
            [(owner, each, 9 + n) for n, each in enumerate(numbers)],
        )
        tx.run_many(
            "insert into blocked_number (account_id, pattern, block_group_id, batch_id) "
            "values (?, ?, 1, 1)",
            [(owner, each) for each in numbers],
        )

    store.write(insert)


def bare(store: Store, name: str) -> Account:
    """Return an account that has one group, which is empty."""

    def make(tx: Transaction) -> Account:
        made = accounts.insert_account(tx, AccountDraft(name), NOW)
        tx.run(
            "insert into block_group (account_id, block_group_id, name, name_key, description, "
            "created_at, updated_at) values (?, 1, 'One', 'one', '', 0, 0)",
            (made.account_id,),
        )
        tx.run(
            "insert into batch (account_id, batch_id, door, created_at) values (?, 1, 'test', 0)",
            (made.account_id,),
        )
        return made

    return store.write(make)


@pytest.fixture(params=["never", "before others", "before", "after"])
def alice(store: Store, engine: str, request: pytest.FixtureRequest) -> Account:
    """Return an account of many numbers, counted at different times; SQLite never counts.

    Before, there was another account of many numbers, or there were many of a few each.
    """
    if request.param == "before others":
        for place in range(500):
            fill(store, bare(store, f"other{place}"), 1)
    elif request.param != "never":
        fill(store, furnish(store, "bob"), THERE)
    alice = furnish(store, "alice")

    def count(tx: Transaction) -> None:
        for table in TABLES:
            if engine == "postgresql":
                tx.run(f"analyze {table}")

    if request.param.startswith("before"):
        store.write(count)
    fill(store, alice, THERE)
    if request.param == "after":
        store.write(count)
    return alice


def assert_probed(plans: list[str], key: str) -> None:
    """Check that nothing is read but by an index that is followed to the key."""
    for plan in plans:
        sqlite = re.findall(r"(?:SEARCH|SCAN) (?!sent|apart|found|\(|CONSTANT).*", plan)
        conditions = re.findall(r"Index Cond: (.*)", plan) or sqlite
        assert conditions, plan
        assert all(re.search(rf"\b{key}\W?[ <>=]", each) for each in conditions), plan
        assert not re.search(
            r"Seq Scan|Hash|Join|Nested|SCAN (?!sent|apart|found|\(|CONSTANT)", plan
        ), plan


@pytest.mark.parametrize("step", [1, 2])
def test_what_a_group_holds(store: Store, alice: Account, step: int) -> None:
    """Found or not, near to each other or far."""
    places = range(1, 2 * THERE, step)
    sent = SentRows.of(json.dumps([[number(n), None, 0] for n in places]))
    assert THERE > NEAR
    owner = alice.account_id
    found = store.read(lambda tx: import_rows.select_held_rows(tx, owner, 1, sent))
    there = [number(n) for n in places if n % 2 == 0]
    assert [tuple(each) for each in found] == [(1, each, None, 1) for each in there]
    plans = plans_of(store, lambda tx: import_rows.select_held_rows(tx, owner, 1, sent))
    assert len(plans) == 2
    assert_probed(plans, "pattern")


def test_what_is_protected(store: Store, alice: Account) -> None:
    """By being allowed, or by being the account's own."""
    sent = SentRows.of(json.dumps([[number(n), None, 0] for n in range(2 * THERE)]))
    owner = alice.account_id
    found = store.read(lambda tx: import_rows.select_protected_rows(tx, owner, sent, AT_MS))
    assert set(found) == {number(2 * n) for n in range(THERE)}
    plans = plans_of(store, lambda tx: import_rows.select_protected_rows(tx, owner, sent, AT_MS))
    assert len(plans) == 4
    assert_probed(plans[:2], "pattern")
    assert_probed(plans[2:], "number_key")


def test_which_phone_numbers_are_known(store: Store, alice: Account) -> None:
    """By name and by number."""
    owner, wanted = alice.account_id, [number(n) for n in range(2 * THERE)]
    found = store.read(lambda tx: phone_rows.select_known(tx, owner, wanted[:5], wanted[2:]))
    assert {each.name for each in found} == set(wanted[::2])
    plans = plans_of(store, lambda tx: phone_rows.select_known(tx, owner, wanted, wanted))
    assert_probed(plans[:1], "name_key")
    assert_probed(plans[1:2], "number_key")
