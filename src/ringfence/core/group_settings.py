"""Making, listing, changing and deleting block number groups, apart from their numbers."""

from collections.abc import Sequence
from dataclasses import replace

from ringfence.core.block_groups import log_group
from ringfence.errors import InputCode, InvalidInput, PreconditionFailed, Problem
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup, Scope
from ringfence.model.changes import Action, Origin
from ringfence.model.group_settings import (
    GroupChange,
    GroupSettings,
    change_problems,
    read_called,
    settings_problems,
)
from ringfence.model.keep import Keep
from ringfence.model.revisions import revision_of
from ringfence.model.skills import skill_key
from ringfence.store import Store, Transaction, block_groups, phone_numbers


def make_block_group(
    store: Store, account: Account, draft: GroupSettings, origin: Origin
) -> BlockGroup:
    """Make a group without numbers. Raises InvalidInput, BlockGroupExists."""
    found = tuple(settings_problems(draft, account.region))
    if found:
        raise InvalidInput(*found)

    def make(tx: Transaction) -> BlockGroup:
        tx.lock_account(account.account_id)
        _check_region(tx, account, draft.scope.called)
        skill_ids = _skill_ids(tx, account, draft.scope.skills)
        made = block_groups.insert_block_group(
            tx, account.account_id, draft.name, draft.description, origin.at
        )
        scope = Scope((), read_called(draft.scope.called, account.region))
        group = BlockGroup(
            *(made, draft.name, draft.description, draft.mode, draft.direction),
            *(scope, draft.answer),
        )
        stored = _store(tx, account, group, skill_ids, origin)
        log_group(tx, account, Action.BLOCK_GROUP_CREATED, None, stored, origin)
        return stored

    return store.write(make)


def list_block_groups(
    store: Store, account: Account, after: int | None, limit: int
) -> list[BlockGroup]:
    """Return up to `limit` groups whose ids come after `after`, by id."""
    account_id = account.account_id
    return store.read(
        lambda tx: block_groups.select_block_groups(tx, account_id, after or 0, limit)
    )


def edit_block_group(
    store: Store,
    account: Account,
    block_group_id: int,
    change: GroupChange,
    origin: Origin,
    expected: str | None = None,
) -> BlockGroup:
    """Set what is given in `change` and return the group.

    Raises BlockGroupNotFound, PreconditionFailed where `expected` is not its revision,
    InvalidInput, BlockGroupExists.
    """
    found = tuple(change_problems(change, account.region))

    def edit(tx: Transaction) -> BlockGroup:
        tx.lock_account(account.account_id)
        _check_region(tx, account, change.called)
        group = _expected_group(tx, account, block_group_id, expected)
        if found:
            raise InvalidInput(*found)
        skill_ids = None if change.skills is None else _skill_ids(tx, account, change.skills)
        return _edit(tx, account, group, change, skill_ids, origin)

    return store.write(edit)


def delete_block_group(
    store: Store,
    account: Account,
    block_group_id: int,
    origin: Origin,
    expected: str | None = None,
) -> None:
    """Delete a group with all its numbers; its name is free at once, its id never comes back.

    Raises BlockGroupNotFound, PreconditionFailed where `expected` is not its revision.
    """

    def delete(tx: Transaction) -> None:
        tx.lock_account(account.account_id)
        group = _expected_group(tx, account, block_group_id, expected)
        block_groups.delete_block_group(tx, account.account_id, block_group_id, origin.at)
        log_group(tx, account, Action.BLOCK_GROUP_DELETED, group, None, origin)

    store.write(delete)


def _check_region(tx: Transaction, account: Account, called: Sequence[str] | None) -> None:
    """Raise Unavailable where called numbers were read for a region that the account has left."""
    if called:
        phone_numbers.check_region(tx, account)


def _expected_group(
    tx: Transaction, account: Account, block_group_id: int, expected: str | None
) -> BlockGroup:
    group = block_groups.select_block_group(tx, account.account_id, block_group_id)
    if expected is not None and expected != revision_of(group):
        raise PreconditionFailed
    return group


def _edit(
    tx: Transaction,
    account: Account,
    group: BlockGroup,
    change: GroupChange,
    skill_ids: Sequence[int] | None,
    origin: Origin,
) -> BlockGroup:
    after = _changed(group, change, account.region)
    names = block_groups.select_skill_names(tx, account.account_id)
    if skill_ids is not None:
        skills = tuple(names[skill_id] for skill_id in skill_ids)
        after = replace(after, scope=replace(after.scope, skills=skills))
    if after == group:
        return group
    stored = _store(tx, account, after, skill_ids, origin)
    log_group(tx, account, Action.BLOCK_GROUP_EDITED, group, stored, origin)
    return stored


def _changed(group: BlockGroup, change: GroupChange, region: str) -> BlockGroup:
    """Return the group as it is set by a change, but for its skills."""
    scope, answer = group.scope, change.answer
    if change.called is not None:
        scope = replace(scope, called=read_called(change.called, region))
    return replace(
        group,
        name=group.name if change.name is None else change.name,
        description=group.description if change.description is None else change.description,
        mode=change.mode or group.mode,
        direction=change.direction or group.direction,
        scope=scope,
        answer=group.answer if isinstance(answer, Keep) else answer,
    )


def _skill_ids(tx: Transaction, account: Account, names: Sequence[str]) -> list[int]:
    """Return the ids of skills, each once. Raises InvalidInput for a skill that is none."""
    known = block_groups.select_skill_names(tx, account.account_id)
    ids = {skill_key(name): skill_id for skill_id, name in known.items()}
    found = [
        Problem(InputCode.SKILL_UNKNOWN, f"scope/skills/{place}", "there is no such skill", name)
        for place, name in enumerate(names)
        if skill_key(name) not in ids
    ]
    if found:
        raise InvalidInput(*found)
    return list(dict.fromkeys(ids[skill_key(name)] for name in names))


def _store(
    tx: Transaction,
    account: Account,
    group: BlockGroup,
    skill_ids: Sequence[int] | None,
    origin: Origin,
) -> BlockGroup:
    account_id = account.account_id
    block_groups.update_block_group(tx, account_id, group, origin.at, skill_ids)
    return block_groups.select_block_group(tx, account_id, group.block_group_id)
