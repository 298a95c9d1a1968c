"""No function of the store, called for Bob, sees or touches what is Alice's."""

import inspect
from collections.abc import Callable
from types import FunctionType, ModuleType

import pytest

from ringfence.errors import ApiKeyNotFound, BlockGroupNotFound
from ringfence.model.accounts import Account
from ringfence.store import Store, api_keys, block_groups
from tests.store.calls_for_bob import CALLS, MODULES, Call
from tests.store.people import NOW, furnish, rows_of


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
