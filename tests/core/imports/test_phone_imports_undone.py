"""Imports of phone numbers, one upon another, and taken back from the last to the first."""

from collections.abc import Callable
from random import Random
from typing import TypeVar

import pytest

from ringfence.core.imports import phone_reading
from ringfence.errors import PhoneNumberExists
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import State
from ringfence.store import Store
from tests.core.imports.phone_files import check_derived, kept, lines, load, undo
from tests.core.people import new_account
from tests.core.phones import add

T = TypeVar("T")
SKILLS = ("Sales", "Service", "Night")


def some(chance: Random, most: int, make: Callable[[], T]) -> list[T]:
    """Return up to `most` of what `make` makes."""
    return [make() for _ in range(chance.randint(1, most))]


def row(chance: Random) -> str:
    """Return a row of which name and number may be those of any record, or of two."""
    skills = "|".join(chance.sample(SKILLS, chance.randint(0, 3)))
    standing = f"{chance.choice(['', 1, 5, 20])},{chance.choice(['', 'off'])}"
    return f"D{chance.randint(0, 9)}x,{number(chance)},{standing},{skills}"


def number(chance: Random) -> str:
    """Return one of a few numbers."""
    return f"98123456{chance.randint(0, 12):02}"


def furnish(store: Store, account: Account, chance: Random) -> None:
    """Give the account some phone numbers."""
    for n in chance.sample(range(10), chance.randint(0, 4)):
        skills = chance.sample(SKILLS, chance.randint(0, 2))
        standing = {"priority": chance.randint(1, 20), "state": chance.choice(list(State))}
        try:
            add(store, account, f"D{n}x", number(chance), *skills, **standing)  # type: ignore[arg-type]
        except PhoneNumberExists:
            continue


@pytest.mark.parametrize("seed", range(8))
def test_every_step_is_undone_exactly(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """In chunks of three rows, with little room, whatever rows mean to each other."""
    monkeypatch.setattr(phone_reading, "CHUNK_ROWS", 3)
    chance = Random(seed)
    for _ in range(3):
        alice = new_account(store, limit=chance.choice([4, 8, 20]), skills=SKILLS)
        furnish(store, alice, chance)
        made = []
        for text in some(chance, 4, lambda: lines(some(chance, 14, lambda: row(chance)))):
            before = kept(store, alice)
            made.append((load(store, alice, text), before))
            check_derived(store, alice)
        for each, before in reversed(made):
            undo(store, alice, each)
            check_derived(store, alice)
            assert kept(store, alice) == before
