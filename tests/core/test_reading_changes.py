"""Reading the record of changes: whose, in which order, page by page."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from ringfence.core.changes import get_change, list_changes
from ringfence.core.group_settings import make_block_group
from ringfence.core.skills import add_skill
from ringfence.model.accounts import Account
from ringfence.model.changes import ChangeRecord
from ringfence.model.group_settings import GroupSettings
from ringfence.store import Store, changes
from tests.core.importing import applied, rows
from tests.core.people import ORIGIN, new_account
from tests.core.phones import add
from tests.core.records import recorded


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with a phone number, whose making is its first change."""
    alice = new_account(store)
    add(store, alice, "Desk", "9812345678")
    return alice


def test_changes_are_one_accounts_own(store: Store, alice: Account) -> None:
    """Bob sees none of Alice's, also by its id."""
    bob = new_account(store)
    [made] = recorded(store, alice)
    assert recorded(store, bob) == []
    read = [
        store.read(lambda tx, each=each: changes.select_change(tx, each.account_id, made.change_id))  # type: ignore[misc]
        for each in (alice, bob)
    ]
    assert read == [made, None]


@pytest.mark.parametrize("limit", [1, 3, 100])
@pytest.mark.parametrize("newest_first", [True, False])
def test_changes_are_told_in_pages(
    store: Store, alice: Account, limit: int, *, newest_first: bool
) -> None:
    """In both directions each has all of them once."""
    for n in range(7):
        add_skill(store, alice, f"Skill {n}", ORIGIN)
    everything = recorded(store, alice)
    told, after = [], None
    while page := store.read(
        lambda tx, after=after: changes.select_changes(  # type: ignore[misc]
            tx, alice.account_id, after, limit, newest_first=newest_first
        )
    ):
        assert len(page) <= limit
        told += page
        after = page[-1].change_id
    assert told == (everything[::-1] if newest_first else everything)
    assert len(told) == 8


def test_changes_are_numbered_in_the_order_of_commits(store: Store, alice: Account) -> None:
    """Whoever reads on from the last number it saw misses nothing, whatever is written then."""

    def write(n: int) -> None:
        add_skill(store, alice, f"Skill {n}", ORIGIN)

    seen: list[int] = []
    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, n) for n in range(60)]
        while not all(each.done() for each in writing):
            seen += [each.change_id for each in newer(store, alice, seen)]
        for each in writing:
            each.result()
    seen += [each.change_id for each in newer(store, alice, seen)]
    assert all(one < other for one, other in pairwise(seen))
    assert seen == [each.change_id for each in recorded(store, alice)]
    assert seen == list(range(1, 62))


def newer(store: Store, account: Account, seen: list[int]) -> list[ChangeRecord]:
    """Return the changes after the last one seen."""
    after = seen[-1] if seen else 0
    return store.read(
        lambda tx: changes.select_changes(tx, account.account_id, after, 1000, newest_first=False)
    )


def test_a_list_of_changes_has_no_reasons_of_rows(store: Store, alice: Account) -> None:
    """There may be a thousand in a chunk, and a thousand chunks in a page."""
    make_block_group(store, alice, GroupSettings("One"), ORIGIN)
    own = [row for place in range(10, 13) for row in rows(place, reason=f"because {place}")]
    made = applied(store, alice, own)
    [told] = list_changes(store, alice, None, 1, newest_first=True)
    first = (told.change.after or {})["first_batch_id"]
    assert told.change.after == {"import_id": made.import_id, "first_batch_id": first}
    entries = get_change(store, alice, told.change_id).change.entries or {}
    assert entries["reasons"] == ["because 10", "because 11", "because 12"]
