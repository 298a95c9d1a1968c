"""Clearing away what nobody sees any more."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from ringfence.core import housekeeping
from ringfence.core.blocked_lists import find_blocks
from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.core.housekeeping import tidy
from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import NumbersDraft
from ringfence.model.group_settings import GroupSettings
from ringfence.model.pages import Window
from ringfence.store import Store, Transaction
from ringfence.store.database import Row, Value
from ringfence.store.housekeeping import delete_old_answers
from tests.core.people import NOW, ORIGIN, new_account

NUMBERS = [f"98{place:08}" for place in range(7)]
DAY = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step be of three entries, and of two answers."""
    monkeypatch.setattr(housekeeping, "MAX_ENTRIES", 3)
    monkeypatch.setattr(housekeeping, "MAX_ANSWERS", 2)


def count(store: Store, table: str) -> int:
    """Return how many rows a table has."""
    row = store.read(lambda tx: tx.one(f"select count(*) from {table}"))
    assert row is not None
    return int(row[0])


def group_of(store: Store, account: Account, *numbers: str) -> int:
    """Make a group that blocks numbers."""
    made = make_block_group(store, account, GroupSettings("Spam"), ORIGIN).block_group_id
    if numbers:
        add_blocked_numbers(store, account, made, NumbersDraft(numbers), ORIGIN)
    return made


def keep_answers(store: Store, account: Account, how_many: int) -> None:
    """Keep answers of now."""
    rows = [(account.account_id, str(n), int(NOW.timestamp() * 1000)) for n in range(how_many)]
    sql = "insert into kept_answer values (?, 1, ?, 'fingerprint', 'answer', ?)"
    store.write(lambda tx: tx.run_many(sql, rows))


def test_there_is_nothing_to_clear_away(store: Store) -> None:
    """Nor in a group that is there, however often it is looked for."""
    assert not tidy(store, at=NOW)
    alice = new_account(store)
    group_of(store, alice, *NUMBERS)
    keep_answers(store, alice, 1)
    assert not tidy(store, at=NOW + DAY)
    assert (count(store, "blocked_number"), count(store, "kept_answer")) == (7, 1)


def test_a_deleted_group_goes_step_by_step(store: Store) -> None:
    """Its row when it is empty; what others hold stays, and so does a group of its name."""
    alice, bob = new_account(store), new_account(store)
    delete_block_group(store, alice, group_of(store, alice, *NUMBERS), ORIGIN)
    group_of(store, bob, *NUMBERS[:2])
    group_of(store, alice, NUMBERS[0])
    steps = []
    for _ in range(4):
        more = tidy(store, at=NOW)
        steps.append((more, count(store, "blocked_number"), count(store, "block_group")))
    assert steps == [(True, 7, 3), (True, 4, 3), (False, 3, 2), (False, 3, 2)]
    for account in (alice, bob):
        found = find_blocks(store, account, NUMBERS[0], Window(9), at=NOW).items
        assert [each.group_name for each in found] == ["Spam"]


def test_every_account_is_cleared(store: Store) -> None:
    """One group a step, empty ones too."""
    for numbers in (NUMBERS[:3], [], NUMBERS[:1]):
        account = new_account(store)
        delete_block_group(store, account, group_of(store, account, *numbers), ORIGIN)
    assert [tidy(store, at=NOW) for _ in range(4)] == [True, True, True, False]
    assert (count(store, "blocked_number"), count(store, "block_group")) == (0, 0)


def test_answers_are_kept_for_a_day(store: Store) -> None:
    """Then they go, some at a time."""
    keep_answers(store, new_account(store), 5)
    assert not tidy(store, at=NOW + DAY)
    steps = [(tidy(store, at=NOW + DAY + MILLISECOND), count(store, "kept_answer")) for _ in "123"]
    assert steps == [(True, 3), (True, 1), (False, 0)]


def test_an_answer_kept_anew_stays(store: Store) -> None:
    """Its name was used again after the old one had been found."""
    keep_answers(store, new_account(store), 1)
    later = NOW + 2 * DAY
    today = int(later.timestamp() * 1000)

    class Meanwhile:
        """A transaction in which another one takes effect behind the first look."""

        def __init__(self, tx: Transaction) -> None:
            self._tx = tx
            self.run_many = tx.run_many

        def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
            rows = self._tx.all(sql, values)
            self._tx.run("update kept_answer set created_at = ?", (today,))
            return rows

    store.write(
        lambda tx: delete_old_answers(Meanwhile(tx), later - DAY, 9)  # type: ignore[arg-type]
    )
    assert count(store, "kept_answer") == 1
