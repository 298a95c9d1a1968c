"""What became of calls goes, some at a time, once the account has had it for long enough."""

from datetime import timedelta

import pytest

from ringfence.core import old_activity
from ringfence.core.accounts import set_account
from ringfence.core.activity import store_screenings
from ringfence.core.housekeeping import tidy
from ringfence.model.accounts import Account, AccountChange
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.screenings import later, rows, screened

MILLISECOND = timedelta(milliseconds=1)


def kept(store: Store, account: Account) -> tuple[int, int]:
    """Return how many calls and counts an account has."""
    calls, counts = rows(store, "screening"), rows(store, "screening_count")
    owner = account.account_id
    return sum(row[0] == owner for row in calls), sum(row[0] == owner for row in counts)


def keep(store: Store, account: Account, *days: float) -> None:
    """Keep a call of so many days after NOW, each in a minute of its own."""
    calls = [
        screened(account, n, later(days=day, minutes=1 if day else 0)) for n, day in enumerate(days)
    ]
    store_screenings(store, calls)


def test_each_account_keeps_its_own_for_as_long_as_it_wants(store: Store) -> None:
    """To the millisecond for calls, to the minute for counts; what is younger stays."""
    alice, bob = new_account(store), new_account(store)
    set_account(store, bob.user_name, AccountChange(activity_days=1), ORIGIN)
    for account in (alice, bob):
        keep(store, account, 0, 2)
    at = NOW + timedelta(days=1)
    assert not tidy(store, at=at)
    assert (kept(store, alice), kept(store, bob)) == ((2, 2), (2, 2))
    assert not tidy(store, at=at + MILLISECOND)
    assert (kept(store, alice), kept(store, bob)) == ((2, 2), (1, 2))
    assert not tidy(store, at=at + timedelta(minutes=1))
    assert (kept(store, alice), kept(store, bob)) == ((2, 2), (1, 1))
    assert not tidy(store, at=NOW + timedelta(days=91))
    assert (kept(store, alice), kept(store, bob)) == ((1, 1), (0, 0))


def test_a_shorter_time_counts_from_now_on(store: Store) -> None:
    """What is too old by it goes at the next turn."""
    alice = new_account(store)
    keep(store, alice, 0, 20, 40)
    assert not tidy(store, at=NOW + timedelta(days=41))
    assert kept(store, alice) == (3, 3)
    set_account(store, alice.user_name, AccountChange(activity_days=10), ORIGIN)
    assert not tidy(store, at=NOW + timedelta(days=41))
    assert kept(store, alice) == (1, 1)


@pytest.mark.parametrize("accounts", [1, 100])
def test_it_goes_in_steps(store: Store, monkeypatch: pytest.MonkeyPatch, accounts: int) -> None:
    """Each of so many rows at most, of one account after the other."""
    monkeypatch.setattr(old_activity, "MAX_ROWS", 3)
    monkeypatch.setattr(old_activity, "MAX_ACCOUNTS", accounts)
    people = [new_account(store) for _ in range(3)]
    for account in people:
        keep(store, account, *(n / 100 for n in range(5)))
    left = 15
    turns = 0
    while tidy(store, at=NOW + timedelta(days=100)):
        now_left = len(rows(store, "screening"))
        assert 0 < left - now_left <= 3
        left = now_left
        turns += 1
    assert turns >= 4
    assert [kept(store, account) for account in people] == [(0, 0)] * 3
    assert not tidy(store, at=NOW + timedelta(days=100))
