"""Long lists are read along an index, in its order, so a page costs the same however long."""

from collections.abc import Callable
from functools import partial

import pytest

from ringfence.core.phone_records import get_by_id
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import State
from ringfence.store import (
    Store,
    Transaction,
    changes,
    hunting,
    phone_search,
    screening_counts,
    screenings,
    skills,
)
from ringfence.store.phone_search import Look
from tests.store.people import furnish
from tests.store.plans import indexes_in, plans_of, sorts

NUMBERS = 4000
Work = Callable[[Transaction], object]


@pytest.fixture(autouse=True)
def _few_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page read little of the tables, as it does of a million rows."""
    monkeypatch.setattr(phone_search, "SCANNED", 50)


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account of many phone numbers, of which the database knows how many."""
    furnish(store, "bob")
    alice = furnish(store, "alice")
    owner = alice.account_id
    numbers = [
        (
            owner,
            n,
            f"n{n:06}",
            f"n{n:06}",
            f"+9198{n:08}",
            f"{n:08}"[::-1],
            "off" if n % 9 else "active",
        )
        for n in range(2, NUMBERS)
    ]
    held = [(owner, n, 1, f"01n{n:06}" if n % 9 == 0 else None) for n in range(3, NUMBERS, 3)]
    told = [(owner - 1 if n % 3 else owner, n) for n in range(10, NUMBERS)]

    def fill(tx: Transaction) -> None:
        tx.run_many(
            "insert into phone_number (account_id, phone_number_id, name, name_key, number, "
            "number_key, number_reversed, state, created_at, updated_at) "
            "values (?, ?, ?, ?, '', ?, ?, ?, 0, 0)",
            numbers,
        )
        tx.run_many(
            "insert into phone_number_skill (account_id, phone_number_id, skill_id, hunt_key) "
            "values (?, ?, ?, ?)",
            held,
        )
        tx.run_many(
            "insert into change (account_id, change_id, at, door, action, subject) "
            "values (?, ?, 0, 'test', 'account.set', '1')",
            told,
        )

    store.write(fill)
    return alice


@pytest.fixture
def analyzed(store: Store, engine: str, alice: Account) -> Account:
    """Return the account once PostgreSQL knows its tables; SQLite is never told."""
    if engine == "postgresql":
        for table in ("phone_number", "phone_number_skill", "change", "skill"):
            store.write(lambda tx, table=table: tx.run(f"analyze {table}"))  # type: ignore[misc]
    return alice


LOOKS = {
    "everything": Look(),
    "number": Look(numbers=("+9198",)),
    "numbers": Look(numbers=("+919800", "98")),
    "number of a skill": Look(numbers=("+9198",), skill_id=1),
    "number that is off": Look(numbers=("+9198",), state=State.OFF),
    "last": Look(reversed_digits="1"),
    "last of a skill that is on": Look(reversed_digits="1", skill_id=1, state=State.ACTIVE),
    "name": Look(name_key="n00"),
    "name of a skill": Look(name_key="n", skill_id=1),
    "skill": Look(skill_id=1),
    "skill that is off": Look(skill_id=1, state=State.OFF),
    "off": Look(state=State.OFF),
    "on": Look(state=State.ACTIVE),
}
INDEXES = {
    "number": {"sqlite_autoindex_phone_number_3", "phone_number_account_id_number_key_key"},
    "last": {"phone_number_by_last_digits"},
    "name": {"sqlite_autoindex_phone_number_2", "phone_number_account_id_name_key_key"},
    "skill": {"phone_number_of_skill"},
    "off": {"phone_number_off"},
}


def assert_in_order(store: Store, work: Work, *indexes: str) -> None:
    """Check that a list is read in the order in which it is told, along one of these indexes."""
    plan = plans_of(store, work)[0]
    assert not sorts(plan), plan
    assert not indexes or indexes_in(plan) & set(indexes), plan


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("look", LOOKS)
def test_a_search_is_read_along_its_index(
    store: Store, analyzed: Account, look: str, *, first: bool
) -> None:
    """The first page and a later one."""
    owner, wanted = analyzed.account_id, LOOKS[look]
    page = partial(phone_search.select_page, account_id=owner, look=wanted, limit=10)
    [after] = [None] if first else store.read(lambda tx: page(tx, after=None)).next or [None]
    assert first is (after is None)
    indexes = next((INDEXES[name] for name in INDEXES if look.startswith(name)), set())
    assert_in_order(store, lambda tx: page(tx, after=after), *indexes)


@pytest.mark.parametrize("after", ["", "01n000999"])
def test_a_hunt_is_read_along_its_index(store: Store, analyzed: Account, after: str) -> None:
    """However many of the skill's numbers are off."""
    owner = analyzed.account_id
    assert_in_order(
        store, lambda tx: hunting.select_hunt(tx, owner, 1, after, 10), "phone_number_hunt"
    )


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("after", [None, 2000])
def test_changes_are_read_along_their_index(
    store: Store, analyzed: Account, after: int | None, *, newest_first: bool
) -> None:
    """In both directions."""
    owner = analyzed.account_id

    def select(tx: Transaction) -> object:
        return changes.select_changes(tx, owner, after, 10, newest_first=newest_first)

    assert_in_order(store, select, "sqlite_autoindex_change_1", "change_account_id_change_id_key")


@pytest.fixture
def called(store: Store, engine: str) -> Account:
    """Return an account of many calls, of which PostgreSQL knows how many."""
    furnish(store, "bob")
    alice = furnish(store, "alice")

    def fill(tx: Transaction) -> None:
        tx.run_many(
            "insert into screening (account_id, screening_id, calling, called, direction, "
            "disposition, reason, latency_us) "
            "values (?, ?, ?, ?, 'inbound', 'pass', 'not_blocked', 0)",
            [(alice.account_id - n % 2, n, f"n{n % 99}", f"d{n % 5}") for n in range(NUMBERS)],
        )
        tx.run_many(
            "insert into screening_count values (?, ?, 0, 'pass', 1)",
            [(alice.account_id - n % 2, n) for n in range(NUMBERS)],
        )

    store.write(fill)
    if engine == "postgresql":
        for table in ("screening", "screening_count"):
            store.write(lambda tx, table=table: tx.run(f"analyze {table}"))  # type: ignore[misc]
    return alice


CALL_LOOKS = {
    "every": screenings.Look(0, NUMBERS),
    "some": screenings.Look(0, NUMBERS, None, (("direction = ?", ("outbound",)),)),
    "calling": screenings.Look(0, NUMBERS, ("calling", ("n7",))),
    "called": screenings.Look(0, NUMBERS, ("called", ("d3",)), (("latency_us >= ?", (5,)),)),
}


@pytest.mark.parametrize("name", CALL_LOOKS)
def test_calls_are_read_along_their_index(
    store: Store, called: Account, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number where one is asked for, the newest first; what else is asked reads no more."""
    monkeypatch.setattr(screenings, "SCANNED", 50)
    owner, look = called.account_id, CALL_LOOKS[name]
    plan = plans_of(store, lambda tx: screenings.select_screenings(tx, owner, look, 10))[0]
    index = f"screening_by_{name}" if look.along else "screening_pkey"
    along = f"INDEX {index} (account_id=? AND {name}=? AND screening_id>? AND screening_id<?)"
    by_key = "PRIMARY KEY (account_id=? AND screening_id>? AND screening_id<?)"
    ways = (along if look.along else by_key, f"Index Scan Backward using {index} on screening")
    assert any(way in plan for way in ways), plan
    assert "TEMP B-TREE" not in plan, plan


def test_counts_are_found_by_their_minute(store: Store, called: Account) -> None:
    """So that nothing is read of times without calls."""
    near = screening_counts.CountRange(500, 560, 60)
    owner = called.account_id
    [plan] = plans_of(
        store, lambda tx: screening_counts.select_counts(tx, owner, near, (0, -1, ""), 10)
    )
    assert "SCAN screening_count" not in plan, plan
    assert "Seq Scan" not in plan, plan


def test_a_list_that_is_sorted_is_seen(store: Store, analyzed: Account) -> None:
    """What the tests above look for is there when it should be."""
    sql = "select name from phone_number where account_id = ? order by created_at limit 10"
    [plan] = plans_of(store, lambda tx: tx.all(sql, (analyzed.account_id,)))
    assert sorts(plan), plan


def test_a_page_of_a_thousand_is_read_at_once(store: Store, analyzed: Account) -> None:
    """A database takes as many values in a statement."""
    owner = analyzed.account_id
    page = store.read(lambda tx: phone_search.select_page(tx, owner, Look(), None, 1000))
    assert len(page.items) == 1000
    assert store.read(lambda tx: get_by_id(tx, analyzed, 5)).name == "n000005"
    assert [each.name for each in store.read(lambda tx: skills.select_skills(tx, owner))] == [
        "skill of alice"
    ]
