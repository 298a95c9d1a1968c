"""Making, reading and setting accounts."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ringfence.core.accounts import (
    create_account,
    get_account,
    has_accounts,
    list_accounts,
    set_account,
)
from ringfence.core.credentials import authenticate
from ringfence.core.phone_numbers import create_phone_number
from ringfence.core.skills import list_skills
from ringfence.errors import AccountExists, AccountNotFound, InvalidInput, PhoneNumberExists
from ringfence.model.accounts import Account, AccountChange, AccountDraft
from ringfence.model.keep import KEEP
from ringfence.model.numbers import identity
from ringfence.model.phone_numbers import PhoneNumberDraft
from ringfence.store import Store, Transaction
from tests.core.people import NOW, ORIGIN, new_account, own_number


def keys(store: Store, account: Account) -> dict[str, str]:
    """Return by what each phone number of the account is known, by its name."""
    rows = store.read(
        lambda tx: tx.all(
            "select name, number_key from phone_number where account_id = ?",
            (account.account_id,),
        )
    )
    return dict(rows)


def test_a_new_account_is_ready_to_use(store: Store) -> None:
    """It has its settings, the skill General and a key that lets its owner in."""
    draft = AccountDraft("alice", "US", "America/New_York", 7, ("Sales",))
    made = create_account(store, draft, at=NOW)
    assert get_account(store, "alice") == made.account
    assert made.account == Account(1, "alice", "US", "America/New_York", 7, 0)
    assert [skill.name for skill in list_skills(store, made.account)] == ["General", "Sales"]
    assert authenticate(store, "alice", made.key).account == made.account


@pytest.mark.parametrize("skills", [("General",), (" general",), ("GENERAL", "General")])
def test_general_is_there_once(store: Store, skills: tuple[str, ...]) -> None:
    """Naming it, in any spelling, adds nothing."""
    account = new_account(store, skills=skills)
    assert [skill.name for skill in list_skills(store, account)] == ["General"]


@pytest.mark.parametrize(
    "draft",
    [
        AccountDraft("a b"),
        AccountDraft("alice", region="XX"),
        AccountDraft("alice", timezone="Mars/Phobos"),
        AccountDraft("alice", phone_number_limit=-1),
        AccountDraft("alice", skills=("Sales", "a,b")),
    ],
)
def test_a_bad_setting_makes_no_account(store: Store, draft: AccountDraft) -> None:
    """Each is refused before anything is stored."""
    with pytest.raises(InvalidInput):
        create_account(store, draft, at=NOW)
    assert not has_accounts(store)


def test_a_user_name_is_taken_once(store: Store) -> None:
    """The second draft makes nothing, not even a key."""
    first = create_account(store, AccountDraft("alice"), at=NOW)
    with pytest.raises(AccountExists):
        create_account(store, AccountDraft("alice", "US"), at=NOW)
    assert list_accounts(store) == [first.account]
    assert store.read(lambda tx: tx.one("select count(*) from api_key")) == (1,)


def test_an_unknown_account_is_not_found(store: Store) -> None:
    """Neither to show nor to set."""
    with pytest.raises(AccountNotFound):
        get_account(store, "nobody")
    with pytest.raises(AccountNotFound):
        set_account(store, "nobody", AccountChange(), ORIGIN)


@pytest.mark.parametrize(
    "change",
    [
        AccountChange(),
        AccountChange(region="US"),
        AccountChange(timezone="UTC"),
        AccountChange(phone_number_limit=0),
        AccountChange("GB", "Europe/London", 10_000_000),
        AccountChange(agent_hours=8760),
    ],
)
def test_it_sets_what_is_named_and_no_more(store: Store, change: AccountChange) -> None:
    """Zero is a limit, not a missing one."""
    before = new_account(store)
    after = set_account(store, before.user_name, change, ORIGIN)
    named = {name: getattr(change, name) for name in AccountChange.__slots__}
    set_ = {name: value for name, value in named.items() if value not in (None, KEEP)}
    assert after == replace(before, **set_) == get_account(store, before.user_name)


@pytest.mark.parametrize(
    "change",
    [
        AccountChange(region=""),
        AccountChange(region="XX"),
        AccountChange(timezone=""),
        AccountChange(timezone="Nowhere"),
        AccountChange(phone_number_limit=10_000_001),
        AccountChange(region="US", phone_number_limit=-1),
    ],
)
def test_a_bad_setting_changes_nothing(store: Store, change: AccountChange) -> None:
    """Not even the good one beside it."""
    before = new_account(store)
    with pytest.raises(InvalidInput):
        set_account(store, before.user_name, change, ORIGIN)
    assert get_account(store, before.user_name) == before


def test_a_lower_limit_keeps_what_is_there(store: Store) -> None:
    """An account may have more than its limit; it may only not get more."""
    account = new_account(store)
    own_number(store, account, "desk", "9812345678")
    lowered = set_account(store, account.user_name, AccountChange(phone_number_limit=0), ORIGIN)
    assert lowered.phone_numbers_used == 1


def test_another_region_gives_numbers_another_identity(store: Store) -> None:
    """What was a US number without its code is an Indian one then, and taken as that."""
    account = new_account(store, "US")
    own_number(store, account, "desk", "9812345678")
    own_number(store, account, "odd", "12345")
    assert keys(store, account) == {"desk": "+19812345678", "odd": "12345"}
    after = set_account(store, account.user_name, AccountChange(region="IN"), ORIGIN)
    assert keys(store, account) == {"desk": "+919812345678", "odd": "12345"}
    with pytest.raises(PhoneNumberExists):
        create_phone_number(store, after, PhoneNumberDraft("new", "+919812345678"), ORIGIN)


def test_a_region_in_which_two_numbers_are_one_is_refused(store: Store) -> None:
    """Nothing changes: neither the region nor any number's identity."""
    account = new_account(store, "US")
    own_number(store, account, "desk", "9812345678")
    own_number(store, account, "door", "+919812345678")
    before = keys(store, account)
    with pytest.raises(PhoneNumberExists):
        set_account(store, account.user_name, AccountChange(region="IN"), ORIGIN)
    assert get_account(store, account.user_name).region == "US"
    assert keys(store, account) == before


def test_a_number_may_take_the_identity_that_another_gives_up(store: Store) -> None:
    """A chain of such moves ends well, in whichever order the numbers stand."""
    account = new_account(store, "US")
    own_number(store, account, "first", "9812345678")
    own_number(store, account, "second", "011919812345678")
    assert keys(store, account) == {"first": "+19812345678", "second": "+919812345678"}
    set_account(store, account.user_name, AccountChange(region="IN"), ORIGIN)
    moved = {"first": "+919812345678", "second": "011919812345678"}
    assert keys(store, account) == moved
    set_account(store, account.user_name, AccountChange(region="US"), ORIGIN)
    assert keys(store, account) == {"first": "+19812345678", "second": "+919812345678"}


def test_numbers_are_identified_before_the_transaction(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many take long, and others wait for the lock."""
    account = new_account(store, "US")
    own_number(store, account, "desk", "9812345678")
    events: list[str] = []
    plain = store.write

    def identify(number: str, region: str) -> str:
        events.append(number)
        return identity(number, region)

    def write(work: Callable[[Transaction], Account]) -> Account:
        events.append("write")
        return plain(work)

    monkeypatch.setattr("ringfence.core.accounts.identity", identify)
    monkeypatch.setattr(store, "write", write)
    set_account(store, account.user_name, AccountChange(region="IN"), ORIGIN)
    assert events == ["9812345678", "write"]
    assert keys(store, account) == {"desk": "+919812345678"}


def test_another_account_keeps_its_identities(store: Store) -> None:
    """A region is one account's setting."""
    alice, bob = new_account(store, "US"), new_account(store, "US")
    own_number(store, alice, "desk", "9812345678")
    own_number(store, bob, "desk", "9812345678")
    set_account(store, alice.user_name, AccountChange(region="IN"), ORIGIN)
    assert keys(store, bob) == {"desk": "+19812345678"}
    assert get_account(store, bob.user_name) == replace(bob, phone_numbers_used=1)
