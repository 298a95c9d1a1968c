"""What became of calls, as it is kept: once, counted rightly, and no number where none may be."""

import random
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ringfence.core.accounts import get_account, set_account
from ringfence.core.activity import store_screenings
from ringfence.core.blocked_lists import find_blocks, list_blocked_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    get_blocked_number,
    remove_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.changes import list_changes
from ringfence.core.group_settings import delete_block_group
from ringfence.core.housekeeping import tidy
from ringfence.errors import InvalidInput
from ringfence.model.accounts import Account, AccountChange
from ringfence.model.blocked_numbers import EntryQuery, NumbersDraft
from ringfence.model.calls import Call, Disposition, Screened
from ringfence.model.pages import Window
from ringfence.store import Store, Transaction, entry_hits
from ringfence.store.changes import select_last_change_id
from ringfence.store.entry_hits import HitKey, select_there
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.screenings import (
    OWN,
    THEIRS,
    blocked,
    groups_of,
    later,
    minute_of,
    outbound,
    rows,
    screened,
)

PREFIX = "+91981*"
HASHED = AccountChange(activity_hashed=True)


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account of which two groups block a number, a prefix and `withheld`."""
    account = new_account(store)
    groups_of(store, account, "One", "Two")
    for group in (1, 2):
        block(store, account, group)
    return account


def block(store: Store, account: Account, group: int) -> None:
    """Put entries into a group."""
    numbers = NumbersDraft([THEIRS, PREFIX, "withheld"])
    add_blocked_numbers(store, account, group, numbers, ORIGIN)


def hashing(store: Store, account: Account) -> Account:
    """Let an account keep hashes."""
    return set_account(store, account.user_name, HASHED, ORIGIN)


def hits(store: Store) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Return how often each entry blocked, and when last."""
    found = rows(store, "entry_hit", "account_id, block_group_id, pattern, hits, last_hit_at")
    return {row[:3]: (int(row[3]), row[4]) for row in found}


def counts(store: Store) -> dict[tuple[Any, ...], int]:
    """Return how many calls were counted."""
    columns = "account_id, minute, block_group_id, disposition, calls"
    return {row[:4]: row[4] for row in rows(store, "screening_count", columns)}


def some_calls(chance: random.Random, *accounts: Account) -> list[Screened]:
    """Return calls of accounts, over some minutes."""

    def one(n: int) -> Screened:
        account, at = chance.choice(accounts), later(seconds=chance.randrange(300))
        monitors = tuple(sorted(chance.sample([1, 2], chance.randrange(3))))
        if chance.random() < 0.5:
            return screened(account, n, at, monitors=monitors)
        pattern = chance.choice([THEIRS, PREFIX, "withheld"])
        group = chance.choice([1, 2])
        return blocked(account, n, at, pattern=pattern, block_group_id=group, monitors=monitors)

    return [one(n) for n in range(200)]


def counted_naively(calls: list[Screened]) -> Counter[tuple[Any, ...]]:
    """Return what the counts of calls are."""
    told: Counter[tuple[Any, ...]] = Counter()
    for each in calls:
        at = each.account_id, minute_of(each)
        is_block = each.disposition is Disposition.BLOCK
        told[*at, each.block_group_id if is_block else 0, each.disposition.value] += 1
        told.update((*at, group, "would_block") for group in each.monitors)
    return told


@pytest.mark.parametrize("seed", range(5))
def test_counts_and_hits_are_those_of_the_rows(store: Store, alice: Account, seed: int) -> None:
    """However the calls are dealt into batches, and whatever of them is sent again."""
    bob = new_account(store)
    groups_of(store, bob, "One", "Two")
    for group in (1, 2):
        block(store, bob, group)
    chance = random.Random(seed)
    calls = some_calls(chance, alice, bob)
    for start in range(0, len(calls), 50):
        batch = calls[start : start + 50]
        for _ in range(chance.randrange(2)):
            store_screenings(store, batch[: chance.randrange(50)])
        store_screenings(store, batch)
        store_screenings(store, batch)
    assert len(rows(store, "screening")) == len(calls)
    assert counts(store) == counted_naively(calls)
    blocks = [each for each in calls if each.disposition is Disposition.BLOCK]
    by_entry: dict[tuple[Any, ...], list[int]] = {}
    for each in blocks:
        key = each.account_id, each.block_group_id, each.pattern
        by_entry.setdefault(key, []).append(each.screening_id >> 20)
    assert hits(store) == {key: (len(at), max(at)) for key, at in by_entry.items()}


def test_a_row_is_what_became_of_the_call(store: Store, alice: Account) -> None:
    """The other side is read as dialled in the account's region; what is no number stays."""
    calls = [
        blocked(alice, 0, call=Call("098123 00001", "080 4123 0001", skill="Sales")),
        outbound(screened(alice, 1, call=Call("098123 00001"))),
        screened(alice, 2, call=Call("", "sales@example"), number="withheld"),
        screened(alice, 3, call=Call("x" * 99, "\0\ud800"), number="x" * 99, latency_us=2**40),
    ]
    store_screenings(store, calls)
    columns = "calling, called, direction, skill, disposition, reason, block_group_id, pattern"
    assert rows(store, "screening", f"screening_id, {columns}, key_id, latency_us") == [
        (
            *(calls[0].screening_id, THEIRS, OWN, "inbound", "Sales", "block"),
            *("number_blocked", 1, THEIRS, 1, 100),
        ),
        (
            *(calls[1].screening_id, OWN, THEIRS, "outbound", None, "pass"),
            *("not_blocked", None, None, 1, 100),
        ),
        (
            *(calls[2].screening_id, "withheld", "sales@example", "inbound", None, "pass"),
            *("not_blocked", None, None, 1, 100),
        ),
        (
            *(calls[3].screening_id, "x" * 64, "\ufffd\ufffd", "inbound", None, "pass"),
            *("not_blocked", None, None, 1, 2**31 - 1),
        ),
    ]


def test_a_call_of_nobody_is_not_kept(store: Store, alice: Account) -> None:
    """An id that is no account's spoils no batch."""
    nobody = alice.account_id + 99
    store_screenings(store, [screened(alice)._replace(account_id=nobody), screened(alice)])
    store_screenings(store, [])
    assert [row[0] for row in rows(store, "screening")] == [alice.account_id]


def kept_of(store: Store, account: Account) -> Iterator[str]:
    """Yield every text that is kept of the calls of an account."""
    for row in rows(store, "screening"):
        if row[0] == account.account_id:
            yield from map(str, row)


def test_a_hashed_account_keeps_no_number_of_the_other_party(store: Store, alice: Account) -> None:
    """In no column of any row, whichever way the call went and whatever the entry was."""
    hashing(store, alice)
    digits = THEIRS.removeprefix("+91")
    whole = f"{THEIRS}*"
    calls = [
        blocked(alice, 0),
        outbound(blocked(alice, 1)),
        blocked(alice, 2, pattern=PREFIX),
        blocked(alice, 3, pattern=whole),
        screened(alice, 4, pattern=THEIRS, block_group_id=2, monitors=(2,)),
        screened(alice, 5, call=Call("098123 00001", OWN)),
        screened(alice, 6, call=Call(f"odd {digits}", OWN), number=f"odd {digits}"),
        blocked(alice, 7, call=Call("", OWN), number="withheld", pattern="withheld"),
    ]
    store_screenings(store, calls)
    kept = list(kept_of(store, alice))
    assert not [each for each in kept if digits in each]
    assert kept.count(OWN) == len(calls)
    assert kept.count("withheld") == 2
    assert PREFIX in kept
    hashes = Counter(each for each in kept if re.fullmatch("#[0-9a-f]{32}", each))
    assert max(hashes.values()) == 9, "the same number is the same hash, in both columns"
    assert (alice.account_id, 1, THEIRS) in hits(store)


def test_a_hash_is_keyed_and_the_key_stays(store: Store, alice: Account) -> None:
    """Two accounts have other hashes of one number; off and on again, one has the same."""
    bob = new_account(store)
    for account in (alice, bob):
        hashing(store, account)
        store_screenings(store, [screened(account)])
    plain = AccountChange(activity_hashed=False)
    set_account(store, alice.user_name, plain, ORIGIN)
    store_screenings(store, [screened(alice, 1)])
    hashing(store, alice)
    store_screenings(store, [screened(alice, 2)])
    kept = rows(store, "screening", "account_id, calling")
    [first, second, third] = [row[1] for row in kept if row[0] == alice.account_id]
    [his] = [row[1] for row in kept if row[0] == bob.account_id]
    assert sorted([first, second, third]).count(THEIRS) == 1
    assert len({first, second, third}) == 2
    assert his not in {first, second, third}


def test_the_key_is_told_nowhere(store: Store, alice: Account) -> None:
    """Neither with the account nor in the record of changes; it is 256 bits of chance."""
    hashing(store, alice)
    [[key]] = [row for row in rows(store, "account", "activity_key") if row[0] is not None]
    assert len(bytes.fromhex(key)) == 32
    assert key not in repr(get_account(store, alice.user_name))
    changes = list_changes(store, alice, None, 99)
    assert key not in repr(changes)
    assert changes[-1].change.before is not None
    assert changes[-1].change.before["activity"] == {"days": 90, "hashed": False}
    assert changes[-1].change.after is not None
    assert changes[-1].change.after["activity"] == {"days": 90, "hashed": True}


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_activity_is_kept_for_one_to_3650_days(store: Store, alice: Account, days: int) -> None:
    """Nothing else is taken."""
    with pytest.raises(InvalidInput):
        set_account(store, alice.user_name, AccountChange(activity_days=days), ORIGIN)
    assert get_account(store, alice.user_name) == alice


def test_an_entry_tells_its_hits(store: Store, alice: Account) -> None:
    """In every list of entries; that it blocked is no edit of it."""
    before = get_blocked_number(store, alice, 1, THEIRS)
    assert (before.hits, before.last_hit_at) == (0, None)
    store_screenings(store, [blocked(alice, 0, later(days=1)), blocked(alice, 1)])
    after = get_blocked_number(store, alice, 1, THEIRS)
    assert (after.hits, after.last_hit_at) == (2, later(days=1))
    assert after.revision == before.revision
    listed = list_blocked_numbers(store, alice, 1, EntryQuery(), Window(9), at=NOW).items
    assert [(each.pattern, each.hits) for each in listed] == [
        (PREFIX, 0),
        (THEIRS, 2),
        ("withheld", 0),
    ]
    found = find_blocks(store, alice, THEIRS, Window(9), at=NOW).items
    assert [(each.entry.pattern, each.entry.group_id, each.entry.hits) for each in found] == [
        *((PREFIX, 1, 0), (PREFIX, 2, 0)),
        *((THEIRS, 1, 2), (THEIRS, 2, 0)),
    ]
    remove_blocked_number(store, alice, 1, THEIRS, ORIGIN, before.revision)


def test_what_is_taken_out_and_put_back_begins_at_none(store: Store, alice: Account) -> None:
    """By any way; and a call that came before, stored after, is no hit of nobody."""
    calls = [blocked(alice, n, block_group_id=group) for n, group in enumerate((1, 1, 2))]
    store_screenings(store, calls)
    remove_blocked_numbers(store, alice, 1, [THEIRS], ORIGIN)
    assert hits(store).keys() == {(alice.account_id, 2, THEIRS)}
    seen = store.read(lambda tx: select_last_change_id(tx, alice.account_id))
    store_screenings(store, [blocked(alice, 9), blocked(alice, 10, change_id=seen - 1)])
    assert hits(store).keys() == {(alice.account_id, 2, THEIRS)}
    block(store, alice, 1)
    assert get_blocked_number(store, alice, 1, THEIRS).hits == 0
    delete_block_group(store, alice, 2, ORIGIN)
    assert not tidy(store, at=NOW)
    assert hits(store) == {}


def test_an_entry_is_looked_up_only_if_something_has_changed_since(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change after the call, or a call of which nobody knows after which change it was."""
    looked_up: list[str] = []

    def noted(tx: Transaction, keys: Sequence[HitKey]) -> list[HitKey]:
        looked_up.extend(key.pattern for key in keys)
        return select_there(tx, keys)

    monkeypatch.setattr(entry_hits, "select_there", noted)
    now = store.read(lambda tx: select_last_change_id(tx, alice.account_id))
    calls = [
        *(blocked(alice, 1, change_id=now), blocked(alice, 2, change_id=now - 1)),
        *(blocked(alice, 3, pattern=PREFIX, change_id=now - 1), blocked(alice, 4, pattern="none")),
    ]
    store_screenings(store, calls)
    assert looked_up == [PREFIX, "none"]
    of_group_1 = {key[2]: told[0] for key, told in hits(store).items()}
    assert of_group_1 == {THEIRS: 2, PREFIX: 1}


def test_writers_of_the_same_counts_wait_for_each_other(store: Store, alice: Account) -> None:
    """Whatever order their calls came in; entries may be taken out meanwhile."""
    bob = new_account(store)
    groups_of(store, bob, "One", "Two")
    failed: list[BaseException] = []

    def write(which: int) -> None:
        chance = random.Random(which)
        try:
            for n in range(10):
                calls = some_calls(chance, alice, bob)
                shifted = [
                    each._replace(screening_id=each.screening_id + (which * 10 + n + 1) * 1000)
                    for each in calls
                ]
                store_screenings(store, shifted)
        except BaseException as error:  # noqa: BLE001  it is told below
            failed.append(error)

    threads = [threading.Thread(target=write, args=(which,)) for which in range(4)]
    for each in threads:
        each.start()
    for n in range(20):
        remove_blocked_numbers(store, alice, 1 + n % 2, [THEIRS, PREFIX], ORIGIN)
        block(store, alice, 1 + n % 2)
    for each in threads:
        each.join()
    assert failed == []
    assert len(rows(store, "screening")) == 4 * 10 * 200
    told = counts(store)
    assert sum(n for key, n in told.items() if key[3] != "would_block") == 4 * 10 * 200
