"""The entries of groups in the database: that none is looked for among those of others."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ringfence.model.numbers import E164
from ringfence.model.patterns import patterns_of
from ringfence.store import Store, Transaction, allowed_numbers, blocked_numbers, housekeeping
from ringfence.store.blocked_numbers import Span
from ringfence.store.database import Row, Value
from tests.store.people import NOW, furnish

NUMBER = E164("+919811111111")
SPAN = Span("+91", "+91:", "+919811")


class Explained:
    """A transaction of SQLite that notes how each statement finds its rows."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.plan: list[str] = []

    def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Note the plan of a statement and run it."""
        rows = self._tx.all(f"explain query plan {sql}", values)
        self.plan += [row[-1] for row in rows]
        return self._tx.all(sql, values)

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """Note the plan of a statement and return its first row."""
        return next(iter(self.all(sql, values)), None)

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Note the plan of a statement that would change rows."""
        self.plan += [row[-1] for row in self._tx.all(f"explain query plan {sql}", values)]
        return 0

    def run_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Do nothing."""


Call = Callable[[Any], object]
OF_GROUP = "blocked_number_of_group (account_id=? AND block_group_id=?"
OF_KEY = "PRIMARY KEY (account_id=? AND pattern=?"


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("call", "first"),
    [
        (
            lambda tx: blocked_numbers.select_group_entries(tx, 1, 1, SPAN, 9),
            f"{OF_GROUP} AND pattern>? AND pattern<?)",
        ),
        (lambda tx: housekeeping.delete_some_entries(tx, 1, 1, 9), f"{OF_GROUP})"),
        (housekeeping.select_deleted_group, "INDEX block_group_deleted"),
        (lambda tx: housekeeping.has_old_answers(tx, NOW), "kept_answer_by_age (created_at<?)"),
        (
            lambda tx: blocked_numbers.select_found_blocks(
                tx, 1, patterns_of(NUMBER), ("+9198*", 1), 9, NOW
            ),
            OF_KEY,
        ),
        (lambda tx: blocked_numbers.select_entries(tx, 1, [NUMBER]), OF_KEY),
        (
            lambda tx: allowed_numbers.select_allowed_numbers(tx, 1, SPAN, 9),
            "PRIMARY KEY (account_id=? AND pattern>? AND pattern<?)",
        ),
    ],
)
def test_what_is_looked_for_is_found_by_an_index(store: Store, call: Call, first: str) -> None:
    """With every condition that bounds how much is read, and without sorting what is a page."""
    furnish(store, "alice")

    def explain(tx: Transaction) -> list[str]:
        explained = Explained(tx)
        call(explained)
        return explained.plan

    plan = store.read(explain)
    assert any(first in step for step in plan), plan
    assert not any(step.startswith("SCAN blocked_number") for step in plan), plan


def test_many_values_are_looked_up_in_parts(store: Store) -> None:
    """Each statement has a bounded number of marks."""
    alice = furnish(store, "alice")
    numbers = [f"+9170{place:08}" for place in range(1200)]
    assert [len(part) for part in blocked_numbers.in_chunks(numbers)] == [500, 500, 200]
    found = store.read(
        lambda tx: blocked_numbers.select_entries(tx, alice.account_id, [*numbers, NUMBER])
    )
    assert [entry.pattern for entry in found] == [NUMBER]
