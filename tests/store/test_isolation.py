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
from ringfence.model.phone_numbers import State
from ringfence.store import (
    Store,
    Transaction,
    accounts,
    api_keys,
    block_groups,
    changes,
    hunting,
    kept_answers,
    path_uses,
    phone_numbers,
    phone_search,
    skills,
    tokens,
)
from ringfence.store.kept_answers import AnswerKey, KeptAnswer
from tests.store.people import BLOCKED, NOW, ORIGIN, OWN, furnish, rows_of

MODULES = (
    *(accounts, api_keys, block_groups, changes, hunting, kept_answers, path_uses),
    *(phone_numbers, phone_search, skills, tokens),
)
HERS = BLOCKED["alice"]
HER_NUMBER = OWN["alice"]
LONG_AGO = NOW - timedelta(days=1)
EVER = tokens.Period(LONG_AGO, NOW)
EVERYTHING = phone_search.Look()


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
    block_groups.insert_batch: Call(
        lambda tx, bob: block_groups.insert_batch(tx, bob.account_id, ORIGIN),
    ),
    block_groups.upsert_blocked_numbers: Call(
        lambda tx, bob: block_groups.upsert_blocked_numbers(tx, bob.account_id, 1, [HERS], NOW, 1),
    ),
    block_groups.select_holding_groups: Call(
        lambda tx, bob: none(
            block_groups.select_holding_groups(tx, bob.account_id, [HERS], NOW)[HERS]
        ),
    ),
    block_groups.delete_blocked_numbers: Call(
        lambda tx, bob: block_groups.delete_blocked_numbers(tx, bob.account_id, 1, [HERS]),
    ),
    block_groups.delete_everywhere: Call(
        lambda tx, bob: block_groups.delete_everywhere(tx, bob.account_id, [HERS]),
    ),
    block_groups.select_blocks: Call(
        lambda tx, bob: none(block_groups.select_blocks(tx, bob.account_id, HERS, NOW)),
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
    hunting.attach_skills: Call(
        lambda tx, bob: hunting.attach_skills(tx, bob.account_id, 1, [1]),
    ),
    hunting.detach_skills: Call(
        lambda tx, bob: hunting.detach_skills(tx, bob.account_id, 1, [1]),
    ),
    hunting.reorder_hunts: Call(lambda tx, bob: hunting.reorder_hunts(tx, bob.account_id, 1)),
    hunting.select_held: Call(lambda tx, bob: none(hunting.select_held(tx, bob.account_id, 2))),
    hunting.select_hunt: Call(
        lambda tx, bob: hunting.select_hunt(tx, bob.account_id, 1, "", 10),
    ),
    kept_answers.select_kept_answer: Call(
        lambda tx, bob: none(
            kept_answers.select_kept_answer(tx, bob.account_id, AnswerKey(1, "of alice"), LONG_AGO)
        ),
    ),
    kept_answers.insert_kept_answer: Call(
        lambda tx, bob: kept_answers.insert_kept_answer(
            tx, bob.account_id, AnswerKey(1, "of alice"), KeptAnswer("other", "other"), NOW
        ),
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
        lambda tx, bob: phone_numbers.update_phone_name(tx, bob.account_id, 1, "desk.of.alice"),
    ),
    phone_numbers.update_number: Call(
        lambda tx, bob: phone_numbers.update_number(tx, bob.account_id, 1, HER_NUMBER, HER_NUMBER),
    ),
    phone_numbers.delete_phone_number: Call(
        lambda tx, bob: phone_numbers.delete_phone_number(tx, bob.account_id, 1),
    ),
    phone_numbers.update_standing: Call(
        lambda tx, bob: phone_numbers.update_standing(tx, bob.account_id, 1, 20, State.OFF),
    ),
    phone_numbers.touch_phone_number: Call(
        lambda tx, bob: phone_numbers.touch_phone_number(tx, bob.account_id, 1, LONG_AGO),
    ),
    phone_numbers.check_region: Call(phone_numbers.check_region),
    phone_numbers.select_phone_numbers: Call(
        lambda tx, bob: phone_numbers.select_phone_numbers(tx, bob.account_id, [1, 2]),
    ),
    phone_search.select_page: Call(
        lambda tx, bob: phone_search.select_page(tx, bob.account_id, EVERYTHING, None, 10),
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
        lambda tx, bob: skills.insert_skill(tx, bob, "skill of alice").skill_id,
    ),
    skills.select_skills: Call(
        lambda tx, bob: skills.select_skills(tx, bob.account_id),
    ),
    skills.select_skill_ids: Call(
        lambda tx, bob: none(skills.select_skill_ids(tx, bob.account_id, ["skill of alice"])),
    ),
    skills.select_skill: Call(
        lambda tx, bob: skills.select_skill(tx, bob, "skill of alice"), SkillNotFound
    ),
    skills.select_ids: Call(lambda tx, bob: skills.select_ids(tx, bob.account_id)),
    skills.is_in_scope: Call(lambda tx, bob: none(skills.is_in_scope(tx, bob.account_id, 2))),
    skills.delete_skill: Call(lambda tx, bob: skills.delete_skill(tx, bob.account_id, 1)),
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
    assert before["kept_answer"]


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
