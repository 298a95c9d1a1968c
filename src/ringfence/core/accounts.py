"""Making, reading and setting accounts."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ringfence.core.credentials import insert_new_key
from ringfence.errors import (
    BlockGroupNotFound,
    InputCode,
    InvalidInput,
    PreconditionFailed,
    Problem,
)
from ringfence.model.accounts import (
    Account,
    AccountChange,
    AccountDraft,
    NewAccount,
    check_activity_days,
    check_agent_hours,
    check_answer,
    check_phone_number_limit,
    check_region,
    check_timezone,
    check_user_name,
)
from ringfence.model.changes import Action, Change, Facts, Origin
from ringfence.model.keep import Keep
from ringfence.model.numbers import identity
from ringfence.model.revisions import revision_of
from ringfence.model.skills import GENERAL, check_skill_name, skill_key
from ringfence.store import (
    Store,
    Transaction,
    accounts,
    block_groups,
    changes,
    phone_numbers,
    skills,
)

__all__ = [
    "AccountDraft",
    "create_account",
    "get_account",
    "has_accounts",
    "list_accounts",
    "set_account",
]

_KEY_BYTES = 32


def create_account(store: Store, draft: AccountDraft, *, at: datetime) -> NewAccount:
    """Make an account with its skills and a first key. Raises InvalidInput, AccountExists."""
    check_user_name(draft.user_name)
    _check_settings(draft.region, draft.timezone, draft.phone_number_limit)
    for name in draft.skills:
        check_skill_name(name)
    return store.write(lambda tx: _insert(tx, draft, at))


def _insert(tx: Transaction, draft: AccountDraft, at: datetime) -> NewAccount:
    account = accounts.insert_account(tx, draft, at)
    for name in {skill_key(name): name for name in (*draft.skills, GENERAL)}.values():
        skills.insert_skill(tx, account, name.strip())
    _, key = insert_new_key(tx, account, at)
    return NewAccount(account, key)


def get_account(store: Store, user_name: str) -> Account:
    """Return the account of this user name. Raises AccountNotFound."""
    return store.read(lambda tx: accounts.select_account(tx, user_name))


def list_accounts(store: Store) -> list[Account]:
    """Return every account, by user name."""
    return store.read(accounts.select_accounts)


def has_accounts(store: Store) -> bool:
    """Whether there is any account."""
    return bool(list_accounts(store))


def set_account(
    store: Store,
    user_name: str,
    change: AccountChange,
    origin: Origin,
    expected: str | None = None,
) -> Account:
    """Set what `change` names and return the account.

    Another region gives every phone number another identity; where two of them would become
    one, PhoneNumberExists is raised and nothing changes. Raises AccountNotFound, InvalidInput, and
    PreconditionFailed where the account is not at the revision `expected`.
    """
    _check_settings(change.region, change.timezone, change.phone_number_limit)
    if change.answer is not None:
        check_answer(change.answer)
    if change.activity_days is not None:
        check_activity_days(change.activity_days)
    if change.agent_hours is not None:
        check_agent_hours(change.agent_hours)
    # Slow, so before the lock.
    numbers = store.read(lambda tx: _numbers_to_move(tx, user_name, change.region))
    keys = {number: identity(number, change.region or "") for _, number in numbers}
    return store.write(lambda tx: _set(tx, user_name, _Setting(change, keys), origin, expected))


class _Setting(NamedTuple):
    """What to set, and by what the numbers are known then that were there a moment ago."""

    change: AccountChange
    keys: Mapping[str, str]


def _set(
    tx: Transaction, user_name: str, setting: _Setting, origin: Origin, expected: str | None
) -> Account:
    tx.lock_account(accounts.select_account(tx, user_name).account_id)
    before = accounts.select_account(tx, user_name)
    if expected not in (None, revision_of(before)):
        raise PreconditionFailed
    _check_agent_group(tx, before, setting.change.agent_group_id)
    after = _changed(before, setting.change)
    old, new = _facts(before), _facts(after)
    if old == new:
        return before
    accounts.update_account(tx, after)
    if after.activity_hashed:
        accounts.set_activity_key(tx, after.account_id, secrets.token_hex(_KEY_BYTES))
    if after.region != before.region:
        _identify_anew(tx, after, setting.keys)
    told = Change(Action.ACCOUNT_SET, user_name, old, new)
    changes.insert_change(tx, after.account_id, told, origin)
    return after


def _check_agent_group(
    tx: Transaction, account: Account, block_group_id: int | Keep | None
) -> None:
    if block_group_id is None or isinstance(block_group_id, Keep):
        return
    try:
        block_groups.select_block_group(tx, account.account_id, block_group_id)
    except BlockGroupNotFound:
        rule = "there is no such block number group"
        field = "agent_blocks/group_id"
        problem = Problem(InputCode.GROUP_UNKNOWN, field, rule, block_group_id)
        raise InvalidInput(problem) from None


def _changed(before: Account, change: AccountChange) -> Account:
    return replace(
        before,
        region=change.region or before.region,
        timezone=change.timezone or before.timezone,
        phone_number_limit=before.phone_number_limit
        if change.phone_number_limit is None
        else change.phone_number_limit,
        api_authentication=change.api_authentication or before.api_authentication,
        answer=change.answer or before.answer,
        activity_days=change.activity_days or before.activity_days,
        activity_hashed=before.activity_hashed
        if change.activity_hashed is None
        else change.activity_hashed,
        agent_group_id=before.agent_group_id
        if isinstance(change.agent_group_id, Keep)
        else change.agent_group_id,
        agent_hours=change.agent_hours or before.agent_hours,
    )


def _facts(account: Account) -> Facts:
    return {
        "region": account.region,
        "timezone": account.timezone,
        "phone_number_limit": account.phone_number_limit,
        "api_authentication": account.api_authentication.value,
        "answer": {"code": account.answer.code, "phrase": account.answer.phrase},
        "activity": {"days": account.activity_days, "hashed": account.activity_hashed},
        "agent_blocks": {"group_id": account.agent_group_id, "max_hours": account.agent_hours},
    }


def _numbers_to_move(
    tx: Transaction, user_name: str, region: str | None
) -> Sequence[tuple[int, str]]:
    """Return the numbers that will be known by something else in another region."""
    account = accounts.select_account(tx, user_name)
    if region in (None, account.region):
        return ()
    return phone_numbers.select_numbers(tx, account.account_id)


def _identify_anew(tx: Transaction, account: Account, known: Mapping[str, str]) -> None:
    numbers = phone_numbers.select_numbers(tx, account.account_id)
    keys = [
        (number_id, known.get(number) or identity(number, account.region))
        for number_id, number in numbers
    ]
    phone_numbers.update_number_keys(tx, account.account_id, keys)


def _check_settings(region: str | None, timezone: str | None, limit: int | None) -> None:
    if region is not None:
        check_region(region)
    if timezone is not None:
        check_timezone(timezone)
    if limit is not None:
        check_phone_number_limit(limit)
