"""Sixteen threads on one account: ids differ, limits hold, nobody hears of a deadlock."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest

from ringfence.core.accounts import create_account, get_account, set_account
from ringfence.core.block_groups import add_numbers, create_block_group
from ringfence.core.credentials import create_key
from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
)
from ringfence.core.skills import add_skill, list_skills, remove_skill
from ringfence.errors import (
    AccountExists,
    PhoneNumberLimitReached,
    SkillExists,
    SkillNotFound,
)
from ringfence.model.accounts import Account, AccountChange, AccountDraft
from ringfence.model.block_groups import GroupDraft, NumbersAddition
from ringfence.model.phone_numbers import (
    PhoneNumberChange,
    PhoneNumberDraft,
    PhoneNumberRef,
    PhoneNumberSaved,
)
from ringfence.store.postgres.store import PostgresStore
from tests.core.people import new_account
from tests.store.people import NOW, ORIGIN
from tests.store.postgres.administration import opened
from tests.store.together import PATIENCE_S

T = TypeVar("T")
THREADS = 16
EACH = 6


@pytest.fixture
def crowded(database_url: str) -> Iterator[PostgresStore]:
    """Return a store with fewer connections than threads, and time for all of them."""
    with opened(database_url, timeout_s=PATIENCE_S) as store:
        yield store


@pytest.fixture
def alice(crowded: PostgresStore) -> Account:
    """Return an account with two skills."""
    return new_account(crowded, limit=40, skills=("Sales",))


def race(work: Callable[[int], T]) -> list[T]:
    """Let every thread, all starting at once, do `work` with numbers of its own."""
    start = Barrier(THREADS)

    def run(thread: int) -> list[T]:
        start.wait(PATIENCE_S)
        return [work(thread * EACH + each) for each in range(EACH)]

    with ThreadPoolExecutor(THREADS) as pool:
        return [each for told in pool.map(run, range(THREADS)) for each in told]


def unless(kinds: type[Exception] | tuple[type[Exception], ...], work: Callable[[], T]) -> T | None:
    """Return what `work` returns, or None where it raises one of `kinds`."""
    try:
        return work()
    except kinds:
        return None


def test_accounts_made_at_once_differ(crowded: PostgresStore) -> None:
    """Two names are asked for by everybody, and made once."""

    def make(n: int) -> int | None:
        name = f"shared{n // EACH % 2}" if n % EACH == 0 else f"own{n}"
        made = unless(
            AccountExists, lambda: create_account(crowded, AccountDraft(name), at=NOW).account
        )
        return None if made is None else made.account_id

    ids = [each for each in race(make) if each is not None]
    assert sorted(ids) == list(range(1, THREADS * (EACH - 1) + 3))


def test_keys_made_at_once_differ(crowded: PostgresStore, alice: Account) -> None:
    """The first is there already."""
    ids = race(lambda _: create_key(crowded, alice, ORIGIN)[0].key_id)
    assert sorted(ids) == list(range(2, THREADS * EACH + 2))


def test_skills_of_one_name_are_made_once(crowded: PostgresStore, alice: Account) -> None:
    """And each has an id of its own."""

    def make(n: int) -> str | None:
        name = f"skill{n % 10}"

        def add() -> str:
            add_skill(crowded, alice, name, ORIGIN)
            return name

        return unless(SkillExists, add)

    made = [each for each in race(make) if each]
    assert sorted(made) == [f"skill{n}" for n in range(10)]
    ids = crowded.read(lambda tx: tx.all("select skill_id from skill order by skill_id"))
    assert len(list_skills(crowded, alice)) == len(set(ids)) == 12


def test_groups_made_and_filled_at_once_are_whole(crowded: PostgresStore, alice: Account) -> None:
    """Everybody puts the same numbers, in another order, into a group of theirs and into one."""
    common = create_block_group(
        crowded, alice, GroupDraft("All", "all", ["9811111111"], None), ORIGIN
    )
    numbers = [f"98120000{n:02}" for n in range(20)]

    def make(n: int) -> int:
        mine = numbers[n % 20 :] + numbers[: n % 20]
        add_numbers(
            crowded, alice, common.block_group_id, NumbersAddition(mine[::-1], None), ORIGIN
        )
        return create_block_group(
            crowded, alice, GroupDraft(f"Group {n}", "one", mine, None), ORIGIN
        ).block_group_id

    ids = race(make)
    assert sorted(ids) == list(range(2, THREADS * EACH + 2))
    held = crowded.read(
        lambda tx: tx.all("select count(*) from blocked_number group by block_group_id")
    )
    assert sorted(held) == [(20,)] * len(ids) + [(21,)]
    batches = crowded.read(lambda tx: tx.all("select count(*), max(batch_id) from batch"))
    assert batches == [(2 * len(ids) + 1,) * 2]


def test_the_limit_holds_exactly(crowded: PostgresStore, alice: Account) -> None:
    """Of all attempts as many succeed as there are places; the ids are those of the records."""

    def make(n: int) -> int | None:
        draft = PhoneNumberDraft(f"Desk{n}", f"+9180412345{n:02}", ("Sales",))
        saved = unless(
            PhoneNumberLimitReached, lambda: create_phone_number(crowded, alice, draft, ORIGIN)
        )
        return None if saved is None else saved.phone_number_id

    ids = [each for each in race(make) if each is not None]
    assert sorted(ids) == list(range(1, 41))
    assert get_account(crowded, alice.user_name).phone_numbers_used == 40


def test_phone_numbers_come_and_go_while_the_account_changes(
    crowded: PostgresStore, alice: Account
) -> None:
    """Nobody is refused, and the counter ends where it began."""

    def come_and_go(n: int) -> None:
        ref = PhoneNumberRef(f"Desk{n}", f"+9180412345{n:02}")
        create_phone_number(crowded, alice, PhoneNumberDraft(ref.name, ref.number), ORIGIN)
        if n % EACH == 0:
            change = AccountChange(phone_number_limit=100 + n)
            set_account(crowded, alice.user_name, change, ORIGIN)
        delete_phone_number(crowded, alice, ref, ORIGIN)

    race(come_and_go)
    assert get_account(crowded, alice.user_name).phone_numbers_used == 0
    assert crowded.read(lambda tx: tx.all("select * from phone_number")) == []


def test_a_skill_goes_while_it_is_given(crowded: PostgresStore, alice: Account) -> None:
    """It is given, or refused as unknown; no record keeps a skill that is not there."""
    refs = [PhoneNumberRef(f"Desk{n}", f"+9180412345{n:02}") for n in range(THREADS)]
    for ref in refs:
        create_phone_number(crowded, alice, PhoneNumberDraft(ref.name, ref.number), ORIGIN)

    def give_or_take(n: int) -> PhoneNumberSaved | None:
        if n // EACH % 4 == 0:
            unless(SkillNotFound, lambda: remove_skill(crowded, alice, "Sales", ORIGIN))
            unless(SkillExists, lambda: add_skill(crowded, alice, "Sales", ORIGIN))
            return None
        change = PhoneNumberChange(None, None, ("Sales",), ("General",))
        return edit_phone_number(crowded, alice, refs[n // EACH], change, ORIGIN)

    told = [each for each in race(give_or_take) if each is not None]
    assert len(told) == THREADS * EACH * 3 // 4
    dangling = crowded.read(
        lambda tx: tx.all(
            "select * from phone_number_skill left join skill using (account_id, skill_id) "
            "where skill.name is null"
        )
    )
    assert dangling == []
