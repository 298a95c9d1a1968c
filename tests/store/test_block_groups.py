"""Block number groups in the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ringfence.errors import BlockGroupExists, BlockGroupNotFound
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup
from ringfence.model.numbers import E164
from ringfence.store import Store, block_groups, blocked_numbers
from tests.store.people import BLOCKED, NOW, ORIGIN, furnish

SECOND = timedelta(seconds=1)
NUMBER = E164("+919833333333")


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with one group that blocks one number for good."""
    return furnish(store, "alice")


def insert(store: Store, account: Account, name: str) -> int:
    """Store a group without numbers."""
    return store.write(
        lambda tx: block_groups.insert_block_group(tx, account.account_id, name, "about", NOW)
    )


@pytest.mark.parametrize("name", ["group of alice", "GROUP of Alice"])
def test_a_group_name_is_taken_once(store: Store, alice: Account, name: str) -> None:
    """Letter case aside, and the refusal takes no id."""
    with pytest.raises(BlockGroupExists) as raised:
        insert(store, alice, name)
    assert raised.value.facts == {"name": name}
    assert insert(store, alice, "group  of alice") == 2


def test_parallel_writers_make_a_group_once(store: Store, alice: Account) -> None:
    """Sixteen at a time: one gets in."""

    def attempt(_: int) -> int:
        try:
            return insert(store, alice, "new")
        except BlockGroupExists:
            return 0

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(attempt, range(32)))[-2:] == [0, 2]


def test_a_group_keeps_its_own_name(store: Store, alice: Account) -> None:
    """It may change the case of its letters, not take another's name."""
    insert(store, alice, "other")

    def retitle(name: str) -> None:
        group = BlockGroup(1, name, "about more")
        store.write(lambda tx: block_groups.update_block_group(tx, alice.account_id, group, NOW))

    retitle("GROUP of alice")
    with pytest.raises(BlockGroupExists):
        retitle("OTHER")
    found = store.read(lambda tx: block_groups.select_block_group(tx, alice.account_id, 1))
    assert found == BlockGroup(1, "GROUP of alice", "about more")


def test_an_unknown_group_is_not_found(store: Store, alice: Account) -> None:
    """Ids are looked up, whatever their size."""
    for unknown in (0, 2, -1, 10**18 - 1):
        with pytest.raises(BlockGroupNotFound):
            store.read(
                lambda tx, unknown=unknown: block_groups.select_block_group(  # type: ignore[misc]
                    tx, alice.account_id, unknown
                )
            )


def test_an_entry_is_live_until_its_expiry(store: Store, alice: Account) -> None:
    """At the moment itself it is over."""

    def put_and_hold(seconds: int) -> set[int]:
        store.write(
            lambda tx: blocked_numbers.upsert_blocked_numbers(
                tx, alice.account_id, 1, [NUMBER], NOW + seconds * SECOND, 1
            )
        )
        entries = store.read(
            lambda tx: blocked_numbers.select_entries(tx, alice.account_id, [NUMBER])
        )
        return {each.block_group_id for each in entries if each.is_live(NOW)}

    assert [put_and_hold(seconds) for seconds in (1, 0, -1)] == [{1}, set(), set()]


def test_a_batch_tells_who_came_when(store: Store, alice: Account) -> None:
    """Every entry points at the batch that wrote it last."""
    batch = store.write(lambda tx: blocked_numbers.insert_batch(tx, alice.account_id, ORIGIN))
    store.write(
        lambda tx: blocked_numbers.upsert_blocked_numbers(
            tx, alice.account_id, 1, [BLOCKED["alice"], NUMBER], None, batch
        )
    )
    rows = store.read(lambda tx: tx.all("select distinct batch_id from blocked_number"))
    assert rows == [(batch,)]
