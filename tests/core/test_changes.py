"""The record of changes: each verb says what it changed, once, and who did it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ringfence.core.accounts import set_account
from ringfence.core.credentials import create_key, import_key, revoke_key
from ringfence.core.phone_inventory import (
    add_phone_number,
    change_phone_number,
    remove_phone_number,
)
from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
)
from ringfence.core.skills import add_skill, remove_skill
from ringfence.errors import RingfenceError
from ringfence.model.accounts import Account, AccountChange, ApiAuthentication, KeyDraft, Role
from ringfence.model.changes import Action, Change, Facts, Origin
from ringfence.model.phone_numbers import (
    PhoneNumberChange,
    PhoneNumberDraft,
    PhoneNumberEdit,
    PhoneNumberPlan,
    PhoneNumberRef,
    State,
)
from ringfence.model.sip_answers import DECLINE, SipAnswer
from ringfence.store import Store
from tests.core.people import NOW, new_account
from tests.core.phones import add
from tests.core.records import recorded

WHO = Origin("v1", 7, NOW + timedelta(seconds=5))
DESK = PhoneNumberRef("Desk", "9812345678")
Verb = Callable[[Store, Account], object]

ACCOUNT: Facts = {
    "region": "IN",
    "timezone": "Asia/Kolkata",
    "phone_number_limit": 2,
    "api_authentication": "key",
    "answer": {"code": 603, "phrase": "Decline"},
    "activity": {"days": 90, "hashed": False},
    "agent_blocks": {"group_id": None, "max_hours": 24},
}
PHONE: Facts = {
    "name": "Desk",
    "number": "9812345678",
    "canonical": "+919812345678",
    "priority": 1,
    "state": "active",
    "skills": ["Sales"],
}
DOOR: Facts = {**PHONE, "name": "Door", "number": "12345", "canonical": "12345"}


def set_to(**settings: object) -> Verb:
    """Return a verb that sets something on the account."""
    change = AccountChange(**settings)  # type: ignore[arg-type]
    return lambda store, account: set_account(store, account.user_name, change, WHO)


def edit_of(**parts: object) -> Verb:
    """Return a verb that changes the first phone number."""
    edit = PhoneNumberEdit(**parts)  # type: ignore[arg-type]
    return lambda store, account: change_phone_number(store, account, 1, edit, WHO)


def wire_edit_of(**parts: object) -> Verb:
    """Return a verb of the wire that changes the first phone number."""
    change = PhoneNumberChange(**parts)  # type: ignore[arg-type]
    return lambda store, account: edit_phone_number(store, account, DESK, change, WHO)


def phone_edited(**parts: object) -> Change:
    """Return the change of the first phone number in these parts."""
    return Change(Action.PHONE_NUMBER_EDITED, "1", PHONE, {**PHONE, **parts})


def account_set(**settings: object) -> Change:
    """Return the change of these settings; its subject is the account's user name."""
    return Change(Action.ACCOUNT_SET, "USER", ACCOUNT, {**ACCOUNT, **settings})


CHANGES: list[tuple[Verb, Change]] = [
    (set_to(timezone="UTC"), account_set(timezone="UTC")),
    (set_to(phone_number_limit=0), account_set(phone_number_limit=0)),
    (set_to(region="US"), account_set(region="US")),
    (
        set_to(api_authentication=ApiAuthentication.TOKEN),
        account_set(api_authentication="token"),
    ),
    (
        set_to(answer=SipAnswer(486, "Not now")),
        account_set(answer={"code": 486, "phrase": "Not now"}),
    ),
    (
        lambda store, account: add_skill(store, account, " Night ", WHO),
        Change(Action.SKILL_CREATED, "4", None, {"name": "Night"}),
    ),
    (
        lambda store, account: remove_skill(store, account, "sales", WHO),
        Change(Action.SKILL_DELETED, "1", {"name": "Sales"}),
    ),
    (
        lambda store, account: create_key(store, account, WHO, KeyDraft(Role.AGENT, "x")),
        Change(
            Action.KEY_CREATED, "2", None, {"id": 2, "prefix": "", "role": "agent", "label": "x"}
        ),
    ),
    (
        lambda store, account: import_key(store, account, "KK0123456789", WHO),
        Change(
            Action.KEY_CREATED, "2", None, {"id": 2, "prefix": "", "role": "admin", "label": ""}
        ),
    ),
    (
        lambda store, account: revoke_key(store, account, 1, WHO),
        Change(Action.KEY_REVOKED, "1", {"id": 1, "prefix": "", "role": "admin", "label": ""}),
    ),
    (
        lambda store, account: add_phone_number(
            store, account, PhoneNumberPlan("Door", "12345", 1, State.ACTIVE, ("Sales",)), WHO
        ),
        Change(Action.PHONE_NUMBER_CREATED, "2", None, DOOR),
    ),
    (edit_of(name="New"), phone_edited(name="New")),
    (
        edit_of(number="12345", priority=9),
        phone_edited(number="12345", canonical="12345", priority=9),
    ),
    (edit_of(state=State.OFF, skills=()), phone_edited(state="off", skills=[])),
    (
        lambda store, account: remove_phone_number(store, account, 1, WHO),
        Change(Action.PHONE_NUMBER_DELETED, "1", PHONE),
    ),
    (
        lambda store, account: create_phone_number(
            store, account, PhoneNumberDraft("Door", "12345", ("Sales",)), WHO
        ),
        Change(Action.PHONE_NUMBER_CREATED, "2", None, DOOR),
    ),
    (wire_edit_of(name="dESK"), phone_edited(name="dESK")),
    (
        wire_edit_of(number="+919812345678", assign_skills=("service",)),
        phone_edited(number="+919812345678", skills=["Sales", "Service"]),
    ),
    (wire_edit_of(name="New", assign_skills=("Nope",)), phone_edited(name="New")),
    (
        lambda store, account: delete_phone_number(store, account, DESK, WHO),
        Change(Action.PHONE_NUMBER_DELETED, "1", PHONE),
    ),
]
NOTHING_NEW: list[Verb] = [
    set_to(),
    set_to(timezone="Asia/Kolkata", answer=DECLINE),
    set_to(answer=SipAnswer(603, "Decline")),
    edit_of(name="Desk", priority=1, skills=("SALES",)),
    wire_edit_of(name="Desk", number="9812345678"),
    wire_edit_of(assign_skills=("Sales",), unassign_skills=("Service",)),
    wire_edit_of(unassign_skills=("sales",), assign_skills=("Sales",)),
    wire_edit_of(assign_skills=("Nope",)),
]
FAILING: list[Verb] = [
    set_to(timezone="Mars"),
    set_to(answer=SipAnswer(200)),
    lambda store, account: set_account(
        store, account.user_name, AccountChange(timezone="UTC"), WHO, "another revision"
    ),
    lambda store, account: add_skill(store, account, "sales", WHO),
    lambda store, account: remove_skill(store, account, "Nope", WHO),
    lambda store, account: create_key(store, account, WHO, KeyDraft(label="\n")),
    lambda store, account: import_key(store, account, "short", WHO),
    lambda store, account: revoke_key(store, account, 9, WHO),
    lambda store, account: add_phone_number(store, account, PhoneNumberPlan("Desk", "1234"), WHO),
    lambda store, account: add_phone_number(
        store, account, PhoneNumberPlan("Door", "1234", skills=("Nope",)), WHO
    ),
    edit_of(),
    edit_of(name="New", skills=("Nope",)),
    lambda store, account: change_phone_number(
        store, account, 1, PhoneNumberEdit(name="New"), WHO, "another revision"
    ),
    lambda store, account: remove_phone_number(store, account, 2, WHO),
    lambda store, account: create_phone_number(
        store, account, PhoneNumberDraft("Desk", "1234"), WHO
    ),
    wire_edit_of(name="x"),
    lambda store, account: delete_phone_number(store, account, PhoneNumberRef("Desk", "1"), WHO),
]


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with a phone number, whose making is its first change."""
    alice = new_account(store, limit=2, skills=("Sales", "Service"))
    add(store, alice, "Desk", "9812345678", "Sales")
    return alice


def plain(facts: Facts | None) -> Facts | None:
    """Return facts without how a key begins, which is checked to be there where there is a key."""
    if facts is None or "prefix" not in facts:
        return facts
    assert 2 <= len(facts["prefix"]) <= 7
    return {**facts, "prefix": ""}


@pytest.mark.parametrize(("verb", "expected"), CHANGES)
def test_a_verb_records_what_it_changed(
    store: Store, alice: Account, verb: Verb, expected: Change
) -> None:
    """One change: the action, on what, what it was, what it is, and whoever did it."""
    verb(store, alice)
    [_, told] = recorded(store, alice)
    assert told.origin == WHO
    assert told.change.action is expected.action
    assert told.change.subject == expected.subject.replace("USER", alice.user_name)
    assert plain(told.change.before) == expected.before
    assert plain(told.change.after) == expected.after
    assert told.change.entries is None


@pytest.mark.parametrize("verb", NOTHING_NEW)
def test_what_is_as_it_was_is_no_change(store: Store, alice: Account, verb: Verb) -> None:
    """Nothing is recorded where nobody could see a difference."""
    verb(store, alice)
    assert len(recorded(store, alice)) == 1


@pytest.mark.parametrize("verb", FAILING)
def test_what_fails_is_no_change(store: Store, alice: Account, verb: Verb) -> None:
    """Whether it was refused before anything was done, or in the middle."""
    with pytest.raises(RingfenceError):
        verb(store, alice)
    assert len(recorded(store, alice)) == 1


def test_a_new_account_has_no_changes(store: Store) -> None:
    """It begins with what it was made with."""
    assert recorded(store, new_account(store, skills=("Sales",))) == []


def test_no_key_is_in_the_record(store: Store, alice: Account) -> None:
    """Neither one that was made here, nor one that was brought along."""
    made, key = create_key(store, alice, WHO, KeyDraft(Role.ADMIN, "front desk"))
    import_key(store, alice, "KK0123456789abcdef", WHO)
    revoke_key(store, alice, made.key_id, WHO)
    content = repr(store.read(lambda tx: tx.all("select * from change")))
    assert "front desk" in content
    for secret in (key[8:], "0123456789"):
        assert secret not in content
