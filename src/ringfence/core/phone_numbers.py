"""Creating, editing, deleting and looking up phone numbers."""

from collections.abc import Iterable

from ringfence.core.phone_records import (
    finish_edit,
    get_by_id,
    record_created,
    record_deleted,
    refuse,
)
from ringfence.errors import InputCode, Problem
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.numbers import identity
from ringfence.model.phone_numbers import (
    PhoneNumber,
    PhoneNumberChange,
    PhoneNumberDraft,
    PhoneNumberRef,
    PhoneNumberSaved,
    State,
    draft_problems,
    is_blank,
    look_up_problems,
    ref_problems,
)
from ringfence.store import Store, Transaction, hunting, phone_numbers, skills


def create_phone_number(
    store: Store, account: Account, draft: PhoneNumberDraft, origin: Origin
) -> PhoneNumberSaved:
    """Store a phone number.

    Raises InvalidInput, PhoneNumberExists, PhoneNumberLimitReached. A skill that the account
    lacks does not fail it: the number is kept without any skill.
    """
    refuse(draft_problems(draft.name, draft.number))
    name, number = draft.name or "", draft.number or ""
    key = identity(number, account.region)

    def create(tx: Transaction) -> PhoneNumberSaved:
        made = phone_numbers.insert_phone_number(tx, account, name, number, key, origin.at)
        saved = _change_skills(tx, account, made, draft.skills, None)
        created = PhoneNumber(made, name, number, key, 1, State.ACTIVE, (), origin.at, origin.at)
        if draft.skills and not saved.skills_refused:
            created = get_by_id(tx, account, made)
        record_created(tx, account, created, origin)
        return saved

    return store.write(create)


def edit_phone_number(
    store: Store,
    account: Account,
    ref: PhoneNumberRef,
    change: PhoneNumberChange,
    origin: Origin,
) -> PhoneNumberSaved:
    """Change the record that `ref` names.

    Skills are taken away first, then given. Raises InvalidInput, PhoneNumberNotFound,
    PhoneNumberExists; a skill that the account lacks leaves all skills as they were.
    """
    refuse(ref_problems(ref.name, ref.number))
    refuse(_change_problems(ref, change))

    def edit(tx: Transaction) -> PhoneNumberSaved:
        before = _find(tx, account, ref)
        found = before.phone_number_id
        _rename(tx, account, found, change)
        assign, unassign = change.assign_skills, change.unassign_skills
        saved = _change_skills(tx, account, found, assign, unassign)
        finish_edit(tx, account, before, origin)
        return saved

    return store.write(edit)


def delete_phone_number(
    store: Store, account: Account, ref: PhoneNumberRef, origin: Origin
) -> None:
    """Remove the record that `ref` names. Raises InvalidInput, PhoneNumberNotFound."""
    refuse(ref_problems(ref.name, ref.number))

    def delete(tx: Transaction) -> None:
        found = _find(tx, account, ref)
        phone_numbers.delete_phone_number(tx, account.account_id, found.phone_number_id)
        record_deleted(tx, account, found, origin)

    store.write(delete)


def get_phone_number(store: Store, account: Account, ref: PhoneNumberRef) -> PhoneNumber:
    """Return the record that `ref` names, by its name, its number, or both.

    Blank is as if not given. Raises InvalidInput, PhoneNumberNotFound.
    """
    refuse(look_up_problems(ref.name, ref.number))
    name = None if is_blank(ref.name) else ref.name
    key = identity(ref.number, account.region) if ref.number and ref.number.strip() else None
    account_id = account.account_id
    return store.read(lambda tx: phone_numbers.select_phone_number(tx, account_id, name, key))


def _change_problems(ref: PhoneNumberRef, change: PhoneNumberChange) -> Iterable[Problem]:
    """Judge the new name and number by the rules of a new record, an unchanged one as it is."""
    if change.is_empty():
        yield Problem(InputCode.NOTHING_TO_CHANGE, "phone_number", "there is nothing to change")
    kept = {"phone_name": change.name is None, "phone_number": change.number is None}
    name = ref.name if change.name is None else change.name
    number = ref.number if change.number is None else change.number
    yield from (each for each in draft_problems(name, number) if not kept[each.field])


def _find(tx: Transaction, account: Account, ref: PhoneNumberRef) -> PhoneNumber:
    key = identity(ref.number or "", account.region)
    found = phone_numbers.lock_phone_number(tx, account, ref.name or "", key)
    return get_by_id(tx, account, found)


def _rename(tx: Transaction, account: Account, found: int, change: PhoneNumberChange) -> None:
    account_id = account.account_id
    if change.name is not None:
        phone_numbers.update_phone_name(tx, account_id, found, change.name)
    if change.number is not None:
        key = identity(change.number, account.region)
        phone_numbers.update_number(tx, account_id, found, change.number, key)


def _change_skills(
    tx: Transaction,
    account: Account,
    phone_number_id: int,
    assign: tuple[str, ...] | None,
    unassign: tuple[str, ...] | None,
) -> PhoneNumberSaved:
    if assign is None and unassign is None:
        return PhoneNumberSaved(phone_number_id, skills_refused=False)
    given = _skill_ids(tx, account, assign)
    taken = _skill_ids(tx, account, unassign)
    if given is None or taken is None:
        return PhoneNumberSaved(phone_number_id, skills_refused=True)
    hunting.detach_skills(tx, account.account_id, phone_number_id, taken)
    hunting.attach_skills(tx, account.account_id, phone_number_id, given)
    return PhoneNumberSaved(phone_number_id, skills_refused=False)


def _skill_ids(
    tx: Transaction, account: Account, names: tuple[str, ...] | None
) -> list[int] | None:
    return [] if names is None else skills.select_skill_ids(tx, account.account_id, names)
