"""Creating block number groups, and putting numbers in and out of them.

Numbers come in as they were sent and in any repetition; what became of each is told in the same
order. A number is refused, and the rest go on, where it is no possible number of the account's
region, or is protected (`core.protection`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ringfence.core.group_entries import Terms, put_entries, take_entries
from ringfence.core.protection import protections_of
from ringfence.errors import (
    BlockGroupExists,
    BlockGroupNotFound,
    InputCode,
    InvalidInput,
    Problem,
)
from ringfence.model.accounts import Account
from ringfence.model.block_groups import (
    BlockGroup,
    GroupCreated,
    GroupDraft,
    NumbersAdded,
    NumbersAddition,
    NumbersRemoved,
    cap_problems,
    expiry_problems,
    is_group_text,
    numbers_problems,
    text_problems,
)
from ringfence.model.changes import Action, Change, Origin
from ringfence.model.group_settings import facts_of
from ringfence.model.numbers import E164, is_emergency, is_spelled, normalise
from ringfence.store import (
    Store,
    Transaction,
    block_groups,
    blocked_numbers,
    changes,
    phone_numbers,
)
from ringfence.store.blocked_numbers import Entry


def create_block_group(
    store: Store,
    account: Account,
    draft: GroupDraft,
    origin: Origin,
    problems: Sequence[Problem] = (),
) -> GroupCreated:
    """Make a group with its first numbers.

    `problems` are what the door found wrong already; all problems are raised together as one
    InvalidInput. Raises BlockGroupExists where the name alone is in the way.
    """
    found = (*_draft_problems(draft, origin.at), *problems)
    if found:
        raise InvalidInput(*found, *_taken(store, account, draft.name, None))
    numbers = _normalise(account, draft.numbers)

    def create(tx: Transaction) -> GroupCreated:
        tx.lock_account(account.account_id)
        phone_numbers.check_region(tx, account)
        made = block_groups.insert_block_group(
            tx, account.account_id, draft.name, draft.description, origin.at
        )
        group = BlockGroup(made, draft.name, draft.description)
        log_group(tx, account, Action.BLOCK_GROUP_CREATED, None, group, origin)
        allowed = _without_protected(tx, account, numbers, origin.at)
        written: dict[str, Entry | None] = dict.fromkeys(_distinct(allowed))
        put_entries(tx, account, made, written, Terms(draft.expires_at), origin)
        return GroupCreated(made, allowed)

    return store.write(create)


def add_numbers(
    store: Store,
    account: Account,
    block_group_id: int,
    addition: NumbersAddition,
    origin: Origin,
    problems: Sequence[Problem] = (),
) -> NumbersAdded:
    """Put numbers into a group; those in it already take the new expiry.

    `problems` as in `create_block_group`. Raises BlockGroupNotFound before anything else,
    InvalidInput, BlockGroupExists where the group would take a name that is taken.
    """
    found = (*_addition_problems(addition, origin.at), *problems)
    if found:
        get_block_group(store, account, block_group_id)
        raise InvalidInput(*found, *_taken(store, account, addition.name, block_group_id))
    numbers = _normalise(account, addition.numbers)

    def add(tx: Transaction) -> NumbersAdded:
        tx.lock_account(account.account_id)
        phone_numbers.check_region(tx, account)
        group = block_groups.select_block_group(tx, account.account_id, block_group_id)
        _retitle(tx, account, group, addition, origin)
        allowed = _without_protected(tx, account, numbers, origin.at)
        return _add(tx, account, group, allowed, addition.expires_at, origin)

    return store.write(add)


def remove_numbers(
    store: Store,
    account: Account,
    block_group_id: int | None,
    numbers: Sequence[str],
    origin: Origin,
) -> NumbersRemoved:
    """Take numbers out of a group; out of every group of the account where the id is None.

    Raises BlockGroupNotFound, InvalidInput for too many.
    """
    found = tuple(cap_problems(numbers))
    if found:
        if block_group_id is not None:
            get_block_group(store, account, block_group_id)
        raise InvalidInput(*found)
    wanted = _normalise(account, numbers)

    def remove(tx: Transaction) -> NumbersRemoved:
        tx.lock_account(account.account_id)
        phone_numbers.check_region(tx, account)
        if block_group_id is not None:
            block_groups.select_block_group(tx, account.account_id, block_group_id)
        return _remove(tx, account, block_group_id, wanted, origin)

    return store.write(remove)


def find_block_group(store: Store, account: Account, name: str) -> BlockGroup:
    """Return the group of this name, letter case aside. Raises BlockGroupNotFound."""
    if not is_group_text(name):
        raise BlockGroupNotFound
    account_id = account.account_id
    return store.read(lambda tx: block_groups.select_named_group(tx, account_id, name))


def get_block_group(store: Store, account: Account, block_group_id: int) -> BlockGroup:
    """Return a group. Raises BlockGroupNotFound."""
    account_id = account.account_id
    return store.read(lambda tx: block_groups.select_block_group(tx, account_id, block_group_id))


def _draft_problems(draft: GroupDraft, at: datetime) -> Iterable[Problem]:
    yield from text_problems(draft.name, draft.description)
    yield from numbers_problems(draft.numbers)
    yield from expiry_problems(draft.expires_at, at)


def _addition_problems(addition: NumbersAddition, at: datetime) -> Iterable[Problem]:
    yield from text_problems(addition.name, addition.description)
    yield from numbers_problems(addition.numbers)
    yield from expiry_problems(addition.expires_at, at)


def _taken(
    store: Store, account: Account, name: str | None, own_id: int | None
) -> Iterable[Problem]:
    """Say, beside other problems, that a name is taken; only the insert decides that it is not."""
    if name is None or not is_group_text(name):
        return
    account_id = account.account_id
    holder = store.read(lambda tx: block_groups.select_block_group_id(tx, account_id, name))
    if holder not in (None, own_id):
        rule = BlockGroupExists.sentence
        yield Problem(InputCode.GROUP_NAME_TAKEN, "name", rule, name)


def _normalise(account: Account, numbers: Sequence[str]) -> tuple[E164 | None, ...]:
    return tuple(_blockable(number, account.region) for number in numbers)


def _blockable(number: str, region: str) -> E164 | None:
    found = normalise(number, region) if is_spelled(number) else None
    return None if found is None or is_emergency(found, region) else found


def _distinct(numbers: Iterable[E164 | None]) -> list[E164]:
    """Return each number once, in one order for all writers, so that none waits in a circle."""
    return sorted({number for number in numbers if number is not None})


def _without_protected(
    tx: Transaction, account: Account, numbers: tuple[E164 | None, ...], at: datetime
) -> tuple[E164 | None, ...]:
    protected = protections_of(tx, account, _distinct(numbers), at)
    return tuple(None if number in protected else number for number in numbers)


def _add(
    tx: Transaction,
    account: Account,
    group: BlockGroup,
    numbers: tuple[E164 | None, ...],
    expires_at: datetime | None,
    origin: Origin,
) -> NumbersAdded:
    distinct, own_id = _distinct(numbers), group.block_group_id
    held = blocked_numbers.select_entries(tx, account.account_id, distinct)
    live = {(each.pattern, each.block_group_id) for each in held if each.is_live(origin.at)}
    own = {each.pattern: each for each in held if each.block_group_id == own_id}
    written: dict[str, Entry | None] = {number: own.get(number) for number in distinct}
    put_entries(tx, account, own_id, written, Terms(expires_at), origin)
    new = len(set(distinct) - {pattern for pattern, _ in live})
    inserted = sum((number, own_id) not in live for number in distinct)
    return NumbersAdded(numbers, new, inserted)


def _remove(
    tx: Transaction,
    account: Account,
    block_group_id: int | None,
    wanted: tuple[E164 | None, ...],
    origin: Origin,
) -> NumbersRemoved:
    distinct = _distinct(wanted)
    held = blocked_numbers.select_entries(tx, account.account_id, distinct, block_group_id)
    take_entries(tx, account, held, origin)
    removed = {entry.pattern for entry in held if entry.is_live(origin.at)}
    told = tuple(number if number in removed else None for number in wanted)
    return NumbersRemoved(told, len(removed))


def _retitle(
    tx: Transaction, account: Account, group: BlockGroup, addition: NumbersAddition, origin: Origin
) -> None:
    after = replace(
        group,
        name=group.name if addition.name is None else addition.name,
        description=group.description if addition.description is None else addition.description,
    )
    if after != group:
        block_groups.update_block_group(tx, account.account_id, after, origin.at)
        log_group(tx, account, Action.BLOCK_GROUP_EDITED, group, after, origin)


def log_group(
    tx: Transaction,
    account: Account,
    action: Action,
    before: BlockGroup | None,
    after: BlockGroup | None,
    origin: Origin,
) -> None:
    """Record what a group was set to before a change and after it; None where there was none."""
    group = after or before
    assert group is not None, "a change is about a group"
    old, new = (None if each is None else facts_of(each) for each in (before, after))
    change = Change(action, str(group.block_group_id), old, new)
    changes.insert_change(tx, account.account_id, change, origin)
