"""What every change of a phone number shares: reading the record, and recording what became of it.

All of it happens inside the transaction of the change.
"""

from collections.abc import Iterable

from ringfence.errors import InvalidInput, PhoneNumberNotFound, Problem
from ringfence.model.accounts import Account
from ringfence.model.changes import Action, Change, Facts, Origin
from ringfence.model.phone_numbers import PhoneNumber
from ringfence.store import Transaction, changes, phone_numbers


def get_by_id(tx: Transaction, account: Account, phone_number_id: int) -> PhoneNumber:
    """Return a phone number. Raises PhoneNumberNotFound."""
    found = phone_numbers.select_phone_numbers(tx, account.account_id, [phone_number_id])
    if not found:
        raise PhoneNumberNotFound
    return found[0]


def record_created(tx: Transaction, account: Account, made: PhoneNumber, origin: Origin) -> None:
    """Record that a phone number is there now; inserting it has counted the change."""
    told = Change(Action.PHONE_NUMBER_CREATED, str(made.phone_number_id), None, facts_of(made))
    changes.insert_change(tx, account.account_id, told, origin, counted=True)


def finish_edit(
    tx: Transaction, account: Account, before: PhoneNumber, origin: Origin
) -> PhoneNumber:
    """Return a phone number as an edit left it; if it is another now, date and record that."""
    after = get_by_id(tx, account, before.phone_number_id)
    if facts_of(before) == facts_of(after):
        return after
    phone_numbers.touch_phone_number(tx, account.account_id, after.phone_number_id, origin.at)
    _record(tx, account, Action.PHONE_NUMBER_EDITED, before, after, origin)
    return get_by_id(tx, account, after.phone_number_id)


def record_deleted(tx: Transaction, account: Account, was: PhoneNumber, origin: Origin) -> None:
    """Record that a phone number is gone."""
    _record(tx, account, Action.PHONE_NUMBER_DELETED, was, None, origin)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InvalidInput if there are any problems."""
    found = tuple(problems)
    if found:
        raise InvalidInput(*found)


def facts_of(phone: PhoneNumber) -> Facts:
    """Return what the record of changes says of a phone number."""
    return {
        "name": phone.name,
        "number": phone.number,
        "canonical": phone.canonical,
        "priority": phone.priority,
        "state": phone.state.value,
        "skills": list(phone.skills),
    }


def _record(
    tx: Transaction,
    account: Account,
    action: Action,
    before: PhoneNumber | None,
    after: PhoneNumber | None,
    origin: Origin,
) -> None:
    subject = after or before
    assert subject is not None, "a change is about something"
    old, new = (None if each is None else facts_of(each) for each in (before, after))
    told = Change(action, str(subject.phone_number_id), old, new)
    changes.insert_change(tx, account.account_id, told, origin)
