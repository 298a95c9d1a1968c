"""Creating block number groups, and putting numbers in and out of them.

Numbers come in as they were sent and in any repetition; what became of each is told in the same
order. A number is refused, and the rest go on, where it is no possible number of the account's
region, or is protected: one of the account's own phone numbers, or an emergency number.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

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
from ringfence.model.changes import Origin
from ringfence.model.numbers import E164, is_emergency, is_spelled, normalise
from ringfence.store import Store, Transaction, block_groups, phone_numbers


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
        made = block_groups.insert_block_group(
            tx, account.account_id, draft.name, draft.description, origin.at
        )
        allowed = _without_protected(tx, account, numbers)
        _put(tx, account, made, _distinct(allowed), draft.expires_at, origin)
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
        group = block_groups.select_block_group(tx, account.account_id, block_group_id)
        _retitle(tx, account, group, addition, origin.at)
        allowed = _without_protected(tx, account, numbers)
        return _add(tx, account, group, allowed, addition.expires_at, origin)

    return store.write(add)


def remove_numbers(
    store: Store,
    account: Account,
    block_group_id: int | None,
    numbers: Sequence[str],
    *,
    at: datetime,
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
        if block_group_id is not None:
            block_groups.select_block_group(tx, account.account_id, block_group_id)
        return _remove(tx, account, block_group_id, wanted, at)

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
    tx: Transaction, account: Account, numbers: tuple[E164 | None, ...]
) -> tuple[E164 | None, ...]:
    own = phone_numbers.select_own_numbers(tx, account.account_id, _distinct(numbers))
    return tuple(None if number in own else number for number in numbers) if own else numbers


def _put(
    tx: Transaction,
    account: Account,
    block_group_id: int,
    numbers: Sequence[E164],
    expires_at: datetime | None,
    origin: Origin,
) -> None:
    batch_id = block_groups.insert_batch(tx, account.account_id, origin)
    block_groups.upsert_blocked_numbers(
        tx, account.account_id, block_group_id, numbers, expires_at, batch_id
    )


def _add(
    tx: Transaction,
    account: Account,
    group: BlockGroup,
    numbers: tuple[E164 | None, ...],
    expires_at: datetime | None,
    origin: Origin,
) -> NumbersAdded:
    distinct = _distinct(numbers)
    held = block_groups.select_holding_groups(tx, account.account_id, distinct, origin.at)
    _put(tx, account, group.block_group_id, distinct, expires_at, origin)
    new = sum(not groups for groups in held.values())
    inserted = sum(group.block_group_id not in groups for groups in held.values())
    return NumbersAdded(numbers, new, inserted)


def _remove(
    tx: Transaction,
    account: Account,
    block_group_id: int | None,
    wanted: tuple[E164 | None, ...],
    at: datetime,
) -> NumbersRemoved:
    distinct = _distinct(wanted)
    held = block_groups.select_holding_groups(tx, account.account_id, distinct, at)
    if block_group_id is None:
        removed = {number for number in distinct if held[number]}
        block_groups.delete_everywhere(tx, account.account_id, distinct)
    else:
        removed = {number for number in distinct if block_group_id in held[number]}
        block_groups.delete_blocked_numbers(tx, account.account_id, block_group_id, distinct)
    told = tuple(number if number in removed else None for number in wanted)
    return NumbersRemoved(told, len(removed))


def _retitle(
    tx: Transaction, account: Account, group: BlockGroup, addition: NumbersAddition, at: datetime
) -> None:
    if addition.name is None and addition.description is None:
        return
    after = BlockGroup(
        group.block_group_id,
        group.name if addition.name is None else addition.name,
        group.description if addition.description is None else addition.description,
    )
    block_groups.update_block_group(tx, account.account_id, after, at)
