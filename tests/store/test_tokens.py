"""Tokens in the database, and what signs them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from ringfence.errors import TokenLimitReached
from ringfence.model.accounts import Account, AccountDraft
from ringfence.store import Store, accounts, api_keys, tokens
from ringfence.store.tokens import LiveToken, Period
from tests.store.people import NOW, furnish

SECOND = timedelta(seconds=1)

LATELY = Period(NOW - SECOND, NOW + SECOND * 10)


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with a token."""
    return furnish(store, "alice")


def insert(store: Store, account: Account, jti: str, since: datetime, at: datetime) -> None:
    """Store a token by the account's first key."""
    within = tokens.Period(since, at)
    store.write(lambda tx: tokens.insert_token(tx, account.account_id, jti, 1, within, at))


def live(store: Store, account: Account, within: Period = LATELY) -> LiveToken | None:
    """Return the account's live token."""
    return store.read(lambda tx: tokens.select_live_token(tx, account.account_id, within))


def kept(store: Store) -> list[str]:
    """Return the ids of the tokens that are kept, oldest first."""
    return [row[0] for row in store.read(lambda tx: tx.all("select jti from token order by 1"))]


def test_the_first_secret_stays(store: Store) -> None:
    """Whoever brings another gets to see it; of many at once one is the first."""

    def bring(number: int) -> str:
        return store.write(lambda tx: tokens.select_signing_secret(tx, f"{number:02}", NOW))

    with ThreadPoolExecutor(16) as pool:
        seen = set(pool.map(bring, range(16)))
    assert len(seen) == 1
    assert {bring(99)} == seen


def test_the_newest_token_is_live(store: Store, alice: Account) -> None:
    """Also of two of one moment."""
    for jti in ("second", "third"):
        insert(store, alice, jti, NOW - SECOND, NOW)
    assert live(store, alice) == LiveToken("5ec7e7", "third", 1, "admin")
    assert kept(store) == ["jti of alice", "second", "third"]


@pytest.mark.parametrize(
    "within", [Period(NOW, NOW + SECOND), Period(NOW - SECOND * 2, NOW - SECOND)]
)
def test_a_token_of_another_time_is_not_live(store: Store, alice: Account, within: Period) -> None:
    """One that is too old, whatever is written in it, and one of a clock that was ahead."""
    assert live(store, alice, within) == LiveToken("5ec7e7", None, None, None)


def test_tokens_of_a_clock_that_was_ahead_do_not_count(store: Store, alice: Account) -> None:
    """And are forgotten with the next one."""
    insert(store, alice, "ahead", NOW - SECOND, NOW + SECOND * 100)
    within = Period(NOW - SECOND, NOW)
    store.write(lambda tx: tokens.check_token_limit(tx, alice.account_id, 2, within))
    insert(store, alice, "second", NOW - SECOND, NOW)
    assert kept(store) == ["jti of alice", "second"]


def test_older_tokens_are_forgotten(store: Store, alice: Account) -> None:
    """Those of the account that were made up to a moment; others keep theirs."""
    furnish(store, "bob")
    insert(store, alice, "second", NOW, NOW + SECOND)
    assert kept(store) == ["jti of bob", "second"]


def test_a_revoked_key_leaves_no_live_token(store: Store, alice: Account) -> None:
    """There is one again once another key makes it."""
    store.write(lambda tx: api_keys.revoke_api_key(tx, alice, 1, NOW))
    assert live(store, alice) == LiveToken("5ec7e7", None, None, None)


def test_an_account_without_a_token_has_none_live(store: Store) -> None:
    """Before there is a secret nobody has one."""
    bare = store.write(lambda tx: accounts.insert_account(tx, AccountDraft("bare"), NOW))
    assert live(store, bare) is None
    furnish(store, "alice")
    assert live(store, bare) == LiveToken("5ec7e7", None, None, None)


@pytest.mark.parametrize(("limit", "since"), [(1, NOW - SECOND), (0, NOW)])
def test_the_limit_counts_what_is_younger(
    store: Store, alice: Account, limit: int, since: datetime
) -> None:
    """Than a moment, not what was made at it."""

    def check(limit: int) -> None:
        within = tokens.Period(since, NOW)
        store.write(lambda tx: tokens.check_token_limit(tx, alice.account_id, limit, within))

    check(limit + 1)
    with pytest.raises(TokenLimitReached):
        check(limit)
