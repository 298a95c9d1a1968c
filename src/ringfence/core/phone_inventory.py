"""Phone numbers in full and by id: adding, searching, reading, editing, deleting."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ringfence.core.phone_records import (
    finish_edit,
    get_by_id,
    record_created,
    record_deleted,
    refuse,
)
from ringfence.errors import (
    InputCode,
    InvalidInput,
    PreconditionFailed,
    Problem,
)
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.leading_digits import beginnings
from ringfence.model.numbers import identity, is_spelled
from ringfence.model.pages import Page
from ringfence.model.phone_numbers import (
    MAX_SKILLS,
    PhoneNumber,
    PhoneNumberEdit,
    PhoneNumberPlan,
    PhoneNumberQuery,
    draft_problems,
    name_key,
    priority_problems,
    query_problems,
)
from ringfence.model.revisions import revision_of
from ringfence.model.skills import skill_key
from ringfence.model.spellings import read_number
from ringfence.store import (
    Store,
    Transaction,
    hunting,
    phone_numbers,
    phone_search,
    skills,
)


def add_phone_number(
    store: Store, account: Account, plan: PhoneNumberPlan, origin: Origin
) -> PhoneNumber:
    """Store a phone number in full and return it.

    Raises InvalidInput, also for a skill that the account lacks, PhoneNumberExists,
    PhoneNumberLimitReached.
    """
    number = kept_number(plan.number, account.region)
    refuse(plan_problems(plan, number))
    assert number is not None, "what spells no number is a problem"
    key = identity(number, account.region)

    def add(tx: Transaction) -> PhoneNumber:
        made = phone_numbers.insert_phone_number(tx, account, plan.name, number, key, origin.at)
        standing = plan.priority, plan.state
        phone_numbers.update_standing(tx, account.account_id, made, *standing)
        hunting.attach_skills(tx, account.account_id, made, _skill_ids(tx, account, plan.skills))
        added = get_by_id(tx, account, made)
        record_created(tx, account, added, origin)
        return added

    return store.write(add)


def search_phone_numbers(
    store: Store,
    account: Account,
    query: PhoneNumberQuery,
    after: str | int | None,
    limit: int,
) -> Page[PhoneNumber]:
    """Return a page of the phone numbers that `query` asks for.

    They come by what is searched for (number, last digits backwards, name), else by id. Raises
    InvalidInput. A skill that the account lacks has no numbers.
    """
    refuse(query_problems(query))
    look = _look(query, account)

    def search(tx: Transaction) -> Page[PhoneNumber]:
        skill = _find_skill(tx, account, query.skill)
        if query.skill is not None and skill is None:
            return Page((), None)
        asked = replace(look, skill_id=skill)
        return phone_search.select_page(tx, account.account_id, asked, after, limit)

    return store.read(search)


def order_of(query: PhoneNumberQuery) -> str:
    """Return the name of the order in which a search tells what it finds."""
    searches = {"number": query.number, "last": query.last, "name": query.name}
    return next((name for name, text in searches.items() if text is not None), "id")


def read_phone_number(store: Store, account: Account, phone_number_id: int) -> PhoneNumber:
    """Return a phone number. Raises PhoneNumberNotFound."""
    return store.read(lambda tx: get_by_id(tx, account, phone_number_id))


def change_phone_number(
    store: Store,
    account: Account,
    phone_number_id: int,
    edit: PhoneNumberEdit,
    origin: Origin,
    expected: str | None = None,
) -> PhoneNumber:
    """Make of a phone number what `edit` says, and return it.

    Raises PhoneNumberNotFound, InvalidInput, PhoneNumberExists, and PreconditionFailed where the
    number is not at the revision `expected`.
    """
    number = None if edit.number is None else kept_number(edit.number, account.region)
    found = (*_number_problems(edit.number, number), *_edit_problems(edit, number))
    edit = replace(edit, number=number)

    def change(tx: Transaction) -> PhoneNumber:
        before = _lock(tx, account, phone_number_id, expected)
        refuse(found)
        _apply(tx, account, before, edit)
        return finish_edit(tx, account, before, origin)

    return store.write(change)


def remove_phone_number(
    store: Store,
    account: Account,
    phone_number_id: int,
    origin: Origin,
    expected: str | None = None,
) -> None:
    """Delete a phone number. Raises PhoneNumberNotFound, PreconditionFailed."""

    def remove(tx: Transaction) -> None:
        before = _lock(tx, account, phone_number_id, expected)
        phone_numbers.delete_phone_number(tx, account.account_id, phone_number_id)
        record_deleted(tx, account, before, origin)

    store.write(remove)


def kept_number(text: str, region: str) -> str | None:
    """Return a number as it is kept: as sent where it is digits, else in E.164; None of none."""
    return text if is_spelled(text) else read_number(text, region)


def plan_problems(plan: PhoneNumberPlan, number: str | None) -> Iterable[Problem]:
    """Yield what is wrong with a plan; `number` is what its number is kept as."""
    yield from _number_problems(plan.number, number)
    yield from _problems(plan.name, number, plan.priority, plan.skills)


def _lock(
    tx: Transaction, account: Account, phone_number_id: int, expected: str | None
) -> PhoneNumber:
    tx.lock_account(account.account_id)
    phone_numbers.check_region(tx, account)
    found = get_by_id(tx, account, phone_number_id)
    if expected not in (None, revision_of(found)):
        raise PreconditionFailed
    return found


def _number_problems(text: str | None, number: str | None) -> Iterable[Problem]:
    if text is not None and number is None:
        rule = "a phone number is digits, 3 to 16 of them, or any spelling of a possible number"
        yield Problem(InputCode.PHONE_NUMBER_INVALID, "number", rule, text)


def _problems(
    name: str | None, number: str | None, priority: int | None, names: Sequence[str] | None
) -> Iterable[Problem]:
    given = {"phone_name": name is not None, "phone_number": number is not None}
    yield from (each for each in draft_problems(name, number) if given[each.field])
    if priority is not None:
        yield from priority_problems(priority)
    if names is not None and len(names) > MAX_SKILLS:
        rule = f"a phone number has up to {MAX_SKILLS} skills"
        yield Problem(InputCode.SKILLS_TOO_MANY, "skills", rule, len(names))


def _edit_problems(edit: PhoneNumberEdit, number: str | None) -> Iterable[Problem]:
    if edit == PhoneNumberEdit():
        yield Problem(InputCode.NOTHING_TO_CHANGE, "", "there is nothing to change")
    yield from _problems(edit.name, number, edit.priority, edit.skills)


def _apply(tx: Transaction, account: Account, before: PhoneNumber, edit: PhoneNumberEdit) -> None:
    owner, found = account.account_id, before.phone_number_id
    if edit.name is not None:
        phone_numbers.update_phone_name(tx, owner, found, edit.name)
    if edit.number is not None:
        key = identity(edit.number, account.region)
        phone_numbers.update_number(tx, owner, found, edit.number, key)
    if edit.priority is not None or edit.state is not None:
        standing = edit.priority or before.priority, edit.state or before.state
        phone_numbers.update_standing(tx, owner, found, *standing)
    if edit.skills is not None:
        wanted = _skill_ids(tx, account, edit.skills)
        hunting.detach_skills(tx, owner, found, hunting.select_held(tx, owner, found))
        hunting.attach_skills(tx, owner, found, wanted)


def _skill_ids(tx: Transaction, account: Account, names: Sequence[str]) -> list[int]:
    """Return the ids of skills, each once. Raises InvalidInput that names those not there."""
    ids = skills.select_ids(tx, account.account_id)
    refuse(
        Problem(InputCode.SKILL_UNKNOWN, f"skills/{place}", f"there is no skill {name}", name)
        for place, name in enumerate(names)
        if skill_key(name) not in ids
    )
    return sorted({ids[skill_key(name)] for name in names})


def _find_skill(tx: Transaction, account: Account, name: str | None) -> int | None:
    if name is None:
        return None
    return skills.select_ids(tx, account.account_id).get(skill_key(name))


def _look(query: PhoneNumberQuery, account: Account) -> phone_search.Look:
    numbers = None if query.number is None else beginnings(query.number, account.region)
    if query.number is not None and numbers is None:
        rule = "leading digits are digits, with a + or separators between them or not"
        raise InvalidInput(Problem(InputCode.SEARCH_FORMAT, "query:number", rule, query.number))
    return phone_search.Look(
        numbers,
        None if query.last is None else query.last[::-1],
        None if query.name is None else name_key(query.name),
        None,
        query.state,
    )
