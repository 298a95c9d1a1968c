"""A store of the schema before /v1, with phone numbers in it, brought to the newest one."""

from collections.abc import Iterator

import pytest

from ringfence.core.hunting import hunt
from ringfence.core.phone_inventory import search_phone_numbers
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import PhoneNumberQuery, State
from ringfence.store import Store, accounts, open_store, schema
from ringfence.store.database import Row
from ringfence.store.schema import migrations

OLD = 4
ROWS = (
    (
        "insert into account (account_id, user_name, region, timezone, phone_number_limit, "
        "phone_numbers_used, created_at, last_api_key_id, last_skill_id, last_phone_number_id) "
        "values (1, 'alice', 'IN', 'UTC', 500, 3, 0, 1, 3, 3)"
    ),
    "insert into login values ('alice', 1)",
    "insert into api_key values ('digest', 1, 1, 'rf_abcd', 0, null)",
    (
        "insert into skill values (1, 1, 'General', 'general'), (1, 2, 'Sales', 'sales'), "
        "(1, 3, 'Night', 'night')"
    ),
    (
        "insert into phone_number (account_id, phone_number_id, name, name_key, number, "
        "number_key, priority, created_at, updated_at) values "
        "(1, 1, 'Desk', 'desk', '9812345678', '+919812345678', 1, 0, 0), "
        "(1, 2, 'Bench', 'bench', '12345', '12345', 10, 0, 0), "
        "(1, 3, 'chair', 'chair', '123', '123', 9, 0, 0)"
    ),
    "insert into phone_number_skill values (1, 1, 1), (1, 1, 2), (1, 2, 2), (1, 3, 2)",
    "insert into block_group values (1, 1, 'Spam', 'spam', '', 0, 0)",
    "insert into batch values (1, 1, 'a', 1, 0)",
    "insert into blocked_number values (1, '+919811111111', 1, null, 1)",
)


@pytest.fixture
def upgraded(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Return a store that an older Ringfence filled and this one upgraded."""
    older = [step for step in migrations() if step.version <= OLD]
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", lambda: older)
        store = open_store(database_url, create=True)
        store.write(lambda tx: [tx.run(each) for each in ROWS])
        store.close()
    store = open_store(database_url, create=True)
    yield store
    store.close()


@pytest.fixture
def alice(upgraded: Store) -> Account:
    """Return the account that is in it."""
    return upgraded.read(lambda tx: accounts.select_account(tx, "alice"))


def rows(store: Store, sql: str) -> list[Row]:
    """Return what a statement reads."""
    return store.read(lambda tx: tx.all(sql))


def test_what_is_derived_is_filled_in(upgraded: Store) -> None:
    """How many have each skill, the digits backwards, the places in hunts."""
    counted = rows(upgraded, "select name, phone_numbers from skill order by skill_id")
    assert counted == [("General", 1), ("Sales", 3), ("Night", 0)]
    digits = rows(upgraded, "select number_reversed from phone_number order by phone_number_id")
    assert digits == [("876543218919+",), ("54321",), ("321",)]
    places = rows(
        upgraded,
        "select phone_number_id, skill_id, hunt_key from phone_number_skill "
        "order by phone_number_id, skill_id",
    )
    assert places == [(1, 1, "01desk"), (1, 2, "01desk"), (2, 2, "10bench"), (3, 2, "09chair")]


def test_the_numbers_are_hunted_and_found(upgraded: Store, alice: Account) -> None:
    """As if they had been made by this Ringfence."""
    hunted = hunt(upgraded, alice, "Sales", None, 10)
    assert [each.name for each in hunted.items] == ["Desk", "chair", "Bench"]
    for query in (
        PhoneNumberQuery(last="2345"),
        PhoneNumberQuery(number="12345", skill="Sales", state=State.ACTIVE),
    ):
        found = search_phone_numbers(upgraded, alice, query, None, 10)
        assert [each.name for each in found.items] == ["Bench"]


def test_what_is_new_is_as_it_was_before(upgraded: Store, alice: Account) -> None:
    """Keys do everything, numbers ring, groups block all calls, and calls are declined."""
    assert rows(upgraded, "select role, label from api_key") == [("admin", "")]
    assert rows(upgraded, "select distinct state from phone_number") == [("active",)]
    group = "mode, direction, scope_skills, scope_called, answer_code, deleted_at"
    assert rows(upgraded, f"select {group} from block_group") == [
        ("enforce", "both", "[]", "[]", None, None)
    ]
    assert (alice.answer.code, alice.answer.own_phrase) == (603, None)
    assert rows(upgraded, "select reason from batch") == [("",)]
    assert rows(upgraded, "select * from change") == []
