"""A database that was never told what it holds, as after a first load, looks up what it must."""

import re
from collections.abc import Callable

import pytest

from ringfence.model.accounts import Account
from ringfence.store import Store, Transaction, blocked_numbers
from tests.store.people import NOW, furnish
from tests.store.plans import plans_of

GROUPS = range(10, 310)
EACH = 30
SENT = [f"+9198{group:05}001" for group in GROUPS[:20]]


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account of many groups with many entries, of which there are no statistics."""
    alice = furnish(store, "alice")
    owner = alice.account_id
    groups = [(owner, group, f"g{group}", f"g{group}") for group in GROUPS]
    entries = [(owner, f"+9198{group:05}{n:03}", group) for group in GROUPS for n in range(EACH)]

    def fill(tx: Transaction) -> None:
        tx.run_many(
            "insert into block_group (account_id, block_group_id, name, name_key, description, "
            "created_at, updated_at) values (?, ?, ?, ?, '', 0, 0)",
            groups,
        )
        tx.run_many(
            "insert into blocked_number (account_id, pattern, block_group_id, batch_id) "
            "values (?, ?, ?, 1)",
            entries,
        )

    store.write(fill)
    return alice


@pytest.mark.parametrize(
    "look_up",
    [
        lambda tx, owner: blocked_numbers.select_entries(tx, owner, SENT),
        lambda tx, owner: blocked_numbers.select_entries(tx, owner, SENT, GROUPS[0]),
        lambda tx, owner: blocked_numbers.select_found_blocks(tx, owner, SENT, ("", 0), 9, NOW),
    ],
)
def test_numbers_are_looked_up_once_and_not_once_a_group(
    store: Store, alice: Account, look_up: Callable[[Transaction, int], object]
) -> None:
    """A request of twenty numbers took longer with every group of its account."""
    [plan] = plans_of(store, lambda tx: look_up(tx, alice.account_id), "explain (analyze)")
    loops = re.search(r"on blocked_number .*loops=(\d+)", plan)
    assert loops is not None, plan
    assert loops[1] == "1", plan
