"""No function of the store, called for Bob, sees or touches what is Alice's."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from types import FunctionType, ModuleType

import pytest

from ringfence.errors import (
    ApiKeyNotFound,
    BlockGroupNotFound,
    Conflict,
    PhoneNumberNotFound,
    RingfenceError,
    SkillNotFound,
)
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup
from ringfence.model.changes import Action, Change
from ringfence.store import (
    Store,
    Transaction,
    accounts,
    allowed_numbers,
    api_keys,
    block_groups,
    blocked_numbers,
    changes,
    housekeeping,
    path_uses,
    phone_numbers,
    protection,
    skills,
    tokens,
)
from tests.store.people import BLOCKED, NOW, ORIGIN, OWN, allowed, furnish, rows_of

MODULES = (
    *(accounts, allowed_numbers, api_keys, block_groups, blocked_numbers, changes, housekeeping),
    *(path_uses, phone_numbers, protection, skills, tokens),
)
HERS = BLOCKED["alice"]
HER_NUMBER = OWN["alice"]
LONG_AGO = NOW - timedelta(days=1)
EVERYTHING = blocked_numbers.Span("", "~")
EVER = tokens.Period(LONG_AGO, NOW)


@dataclass(frozen=True)
class Call:
    """A call for Bob with Alice's values, and the error it ends in, if any."""

    run: Callable[[Transaction, Account], object]
    error: type[RingfenceError] | None = None


CALLS: dict[Callable[..., object], Call] = {
    accounts.update_account: Call(
        lambda tx, bob: accounts.update_account(tx, replace(bob, user_name="alice", region="US"))
    ),
    accounts.next_id: Call(
        lambda tx, bob: accounts.next_id(tx, bob.account_id, "last_batch_id"),
    ),
    api_keys.insert_api_key: Call(
        lambda tx, bob: api_keys.insert_api_key(tx, bob.account_id, "digest of alice", "al", NOW),
        Conflict,
    ),
    api_keys.select_api_keys: Call(
        lambda tx, bob: api_keys.select_api_keys(tx, bob.account_id),
    ),
    api_keys.revoke_api_key: Call(
        lambda tx, bob: api_keys.revoke_api_key(tx, bob, 1, NOW),
    ),
    block_groups.insert_block_group: Call(
        lambda tx, bob: block_groups.insert_block_group(
            tx, bob.account_id, "group of alice", "mine", NOW
        ),
    ),
    block_groups.select_block_group: Call(
        lambda tx, bob: block_groups.select_block_group(tx, bob.account_id, 1),
    ),
    block_groups.select_block_group_id: Call(
        lambda tx, bob: none(
            block_groups.select_block_group_id(tx, bob.account_id, "group of alice")
        ),
    ),
    block_groups.select_named_group: Call(
        lambda tx, bob: block_groups.select_named_group(tx, bob.account_id, "group of alice"),
        BlockGroupNotFound,
    ),
    block_groups.update_block_group: Call(
        lambda tx, bob: block_groups.update_block_group(
            tx, bob.account_id, BlockGroup(1, "group of alice", "mine"), NOW
        ),
    ),
    block_groups.select_block_groups: Call(
        lambda tx, bob: block_groups.select_block_groups(tx, bob.account_id, 0, 9),
    ),
    block_groups.select_skill_names: Call(
        lambda tx, bob: block_groups.select_skill_names(tx, bob.account_id),
    ),
    block_groups.delete_block_group: Call(
        lambda tx, bob: block_groups.delete_block_group(tx, bob.account_id, 1, NOW),
    ),
    block_groups.read_groups: Call(
        lambda tx, bob: none(block_groups.read_groups(tx, bob.account_id, [])),
    ),
    housekeeping.delete_some_entries: Call(
        lambda tx, bob: housekeeping.delete_some_entries(tx, bob.account_id, 1, 9),
    ),
    housekeeping.delete_empty_group: Call(
        lambda tx, bob: housekeeping.delete_empty_group(tx, bob.account_id, 1),
    ),
    allowed_numbers.insert_allowed_number: Call(
        lambda tx, bob: allowed_numbers.insert_allowed_number(
            tx, bob.account_id, replace(allowed("alice"), allowed_number_id=2)
        ),
    ),
    allowed_numbers.select_allowed_number: Call(
        lambda tx, bob: allowed_numbers.select_allowed_number(tx, bob.account_id, 1),
    ),
    allowed_numbers.select_allowed_pattern: Call(
        lambda tx, bob: none(allowed_numbers.select_allowed_pattern(tx, bob.account_id, HERS)),
    ),
    allowed_numbers.select_allowed_numbers: Call(
        lambda tx, bob: allowed_numbers.select_allowed_numbers(tx, bob.account_id, EVERYTHING, 9),
    ),
    allowed_numbers.select_any_allowed: Call(
        lambda tx, bob: none(allowed_numbers.select_any_allowed(tx, bob.account_id, [HERS], NOW)),
    ),
    allowed_numbers.delete_allowed_number: Call(
        lambda tx, bob: allowed_numbers.delete_allowed_number(tx, bob.account_id, 1),
    ),
    protection.select_protections: Call(
        lambda tx, bob: none(
            protection.select_protections(tx, bob.account_id, [HERS, HER_NUMBER], NOW)
        ),
    ),
    blocked_numbers.select_found_blocks: Call(
        lambda tx, bob: none(
            blocked_numbers.select_found_blocks(tx, bob.account_id, [HERS], ("", 0), 9, NOW)
        ),
    ),
    blocked_numbers.select_group_entries: Call(
        lambda tx, bob: [
            each.pattern.replace(BLOCKED["bob"], "")
            for each in blocked_numbers.select_group_entries(tx, bob.account_id, 1, EVERYTHING, 9)
        ],
    ),
    blocked_numbers.insert_batch: Call(
        lambda tx, bob: blocked_numbers.insert_batch(tx, bob.account_id, ORIGIN),
    ),
    blocked_numbers.upsert_blocked_numbers: Call(
        lambda tx, bob: blocked_numbers.upsert_blocked_numbers(
            tx, bob.account_id, 1, [HERS], NOW, 1
        ),
    ),
    blocked_numbers.select_entries: Call(
        lambda tx, bob: none(blocked_numbers.select_entries(tx, bob.account_id, [HERS])),
    ),
    blocked_numbers.delete_blocked_numbers: Call(
        lambda tx, bob: blocked_numbers.delete_blocked_numbers(tx, bob.account_id, 1, [HERS]),
    ),
    blocked_numbers.select_blocks: Call(
        lambda tx, bob: none(blocked_numbers.select_blocks(tx, bob.account_id, HERS, NOW)),
    ),
    changes.insert_change: Call(
        lambda tx, bob: changes.insert_change(
            tx, bob.account_id, Change(Action.ACCOUNT_SET, "1"), ORIGIN
        ),
    ),
    changes.select_changes: Call(
        lambda tx, bob: changes.select_changes(tx, bob.account_id, None, 10, newest_first=True),
    ),
    changes.select_change: Call(
        lambda tx, bob: none(changes.select_change(tx, bob.account_id, 1)),
    ),
    path_uses.add_path_use: Call(
        lambda tx, bob: path_uses.add_path_use(tx, bob.account_id, "/path", 1, NOW),
    ),
    phone_numbers.insert_phone_number: Call(
        lambda tx, bob: phone_numbers.insert_phone_number(
            tx, bob, "desk.of.alice", HER_NUMBER, HER_NUMBER, NOW
        ),
    ),
    phone_numbers.lock_phone_number: Call(
        lambda tx, bob: phone_numbers.lock_phone_number(tx, bob, "desk.of.alice", HER_NUMBER),
        PhoneNumberNotFound,
    ),
    phone_numbers.select_phone_number: Call(
        lambda tx, bob: phone_numbers.select_phone_number(
            tx, bob.account_id, "desk.of.alice", HER_NUMBER
        ),
        PhoneNumberNotFound,
    ),
    phone_numbers.update_phone_name: Call(
        lambda tx, bob: phone_numbers.update_phone_name(
            tx, bob.account_id, 1, "desk.of.alice", NOW
        ),
    ),
    phone_numbers.update_number: Call(
        lambda tx, bob: phone_numbers.update_number(
            tx, bob.account_id, 1, HER_NUMBER, HER_NUMBER, NOW
        ),
    ),
    phone_numbers.delete_phone_number: Call(
        lambda tx, bob: phone_numbers.delete_phone_number(tx, bob.account_id, 1),
    ),
    phone_numbers.attach_skills: Call(
        lambda tx, bob: phone_numbers.attach_skills(tx, bob.account_id, 1, [1]),
    ),
    phone_numbers.detach_skills: Call(
        lambda tx, bob: phone_numbers.detach_skills(tx, bob.account_id, 1, [1]),
    ),
    phone_numbers.select_own_numbers: Call(
        lambda tx, bob: none(phone_numbers.select_own_numbers(tx, bob.account_id, [HER_NUMBER])),
    ),
    phone_numbers.select_numbers: Call(
        lambda tx, bob: phone_numbers.select_numbers(tx, bob.account_id),
    ),
    phone_numbers.update_number_keys: Call(
        lambda tx, bob: phone_numbers.update_number_keys(tx, bob.account_id, [(1, HER_NUMBER)]),
    ),
    skills.insert_skill: Call(
        lambda tx, bob: skills.insert_skill(tx, bob, "skill of alice"),
    ),
    skills.select_skills: Call(
        lambda tx, bob: skills.select_skills(tx, bob.account_id),
    ),
    skills.select_skill_ids: Call(
        lambda tx, bob: none(skills.select_skill_ids(tx, bob.account_id, ["skill of alice"])),
    ),
    skills.delete_skill: Call(
        lambda tx, bob: skills.delete_skill(tx, bob, "skill of alice"), SkillNotFound
    ),
    tokens.check_token_limit: Call(
        lambda tx, bob: tokens.check_token_limit(tx, bob.account_id, 2, EVER),
    ),
    tokens.insert_token: Call(
        lambda tx, bob: tokens.insert_token(tx, bob.account_id, "jti of alice", 1, EVER, NOW),
    ),
    tokens.select_live_token: Call(
        lambda tx, bob: tokens.select_live_token(tx, bob.account_id, EVER),
    ),
}


def none(found: object) -> None:
    """Check that nothing was found."""
    assert not found


def public_functions(module: ModuleType) -> list[FunctionType]:
    """Return the functions that `module` defines for others."""
    found = inspect.getmembers(module, inspect.isfunction)
    return [each for name, each in found if each.__module__ == module.__name__ and name[0] != "_"]


def works_on_an_account(function: FunctionType) -> bool:
    """Tell whether `function` takes a transaction and then an account."""
    names = [*inspect.signature(function).parameters, "", ""]
    return names[0] == "tx" and names[1] in {"account", "account_id"}


def test_every_function_that_takes_an_account_is_called_here() -> None:
    """A new function of the store has to be added to the calls."""
    functions = {each for module in MODULES for each in public_functions(module)}
    assert {each for each in functions if works_on_an_account(each)} == set(CALLS)


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_it_leaves_the_other_account_alone(store: Store, function: Callable[..., object]) -> None:
    """What is Alice's has the same rows afterwards, and nothing of it is told."""
    alice, bob = furnish(store, "alice"), furnish(store, "bob")
    before = rows_of(store, alice)
    call = CALLS[function]
    told = result_of(store, call, bob)
    assert rows_of(store, alice) == before
    assert "alice" not in told
    assert before["blocked_number"]
    assert before["phone_number_skill"]


def result_of(store: Store, call: Call, bob: Account) -> str:
    """Make the call for Bob, and return what it told as a text."""
    if call.error is None:
        return repr(store.write(lambda tx: call.run(tx, bob)))
    with pytest.raises(call.error) as raised:
        store.write(lambda tx: call.run(tx, bob))
    return repr(raised.value.facts).replace("skill of alice", "")


def test_ids_of_another_account_are_not_found(store: Store) -> None:
    """An id that only Alice has is no id of Bob's."""
    alice, bob = furnish(store, "alice"), furnish(store, "bob")
    hers = store.write(
        lambda tx: block_groups.insert_block_group(tx, alice.account_id, "more", "more", NOW)
    )
    with pytest.raises(BlockGroupNotFound):
        store.read(lambda tx: block_groups.select_block_group(tx, bob.account_id, hers))
    store.write(lambda tx: api_keys.insert_api_key(tx, alice.account_id, "more", "mo", NOW))
    with pytest.raises(ApiKeyNotFound):
        store.write(lambda tx: api_keys.revoke_api_key(tx, bob, 2, NOW))
