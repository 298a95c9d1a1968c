"""What housekeeping clears away of imports, and what it leaves alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ringfence.core import housekeeping
from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.core.housekeeping import PREVIEW_KEPT, READING_LEFT, tidy
from ringfence.core.imports.reports import get_import, list_imports
from ringfence.core.imports.staging import stage_import
from ringfence.core.imports.steps import apply_import, undo_import
from ringfence.errors import ImportNotApplicable, ImportNotFound
from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import NumbersDraft
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import ImportState, Kind, Part, Target
from ringfence.store import Store, Transaction
from ringfence.store import housekeeping as store_housekeeping
from ringfence.store.database import Row
from ringfence.store.postgres.connection import PostgresTransaction
from ringfence.store.sqlite.connection import SqliteTransaction
from tests.conftest import Clock
from tests.core.importing import (
    after,
    applied,
    at,
    begun,
    failed,
    failing,
    finished,
    number,
    parts,
    rows,
    staged,
    undone,
)
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.records import recorded, stored

MILLISECOND = timedelta(milliseconds=1)
LONG = PREVIEW_KEPT + MILLISECOND
TARGET = Target(Kind.BLOCKED_NUMBERS)
ROWS = rows(*range(20))


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step be of two chunks, and of one part of a file of failed rows."""
    monkeypatch.setattr(housekeeping, "MAX_CHUNKS", 2)
    monkeypatch.setattr(housekeeping, "MAX_PARTS", 1)


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with one empty group."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("One"), ORIGIN)
    return account


def kept(store: Store) -> tuple[int, int, int]:
    """Return how many imports are there, how many chunks, how many parts of failed rows."""

    def count(tx: Transaction) -> list[Row]:
        tables = ("import", "import_chunk", "import_failure")
        return [tx.all(f"select count(*) from {table}")[0] for table in tables]

    (one,), (two,), (three,) = store.read(count)
    return one, two, three


def tidy_all(store: Store, moment: timedelta) -> int:
    """Keep house until there is nothing to do; return how many steps that took."""
    steps = 1
    while tidy(store, at=NOW + moment):
        steps += 1
        assert steps < 50
    return steps


def test_what_is_under_way_is_left_alone(store: Store, alice: Account) -> None:
    """However long ago its last step was; and what was applied, so that it can be taken back."""
    before = stored(store, alice)
    applying = begun(store, alice, ROWS, 2)
    undoing = applied(store, alice, rows(*range(30, 40))).import_id
    done = applied(store, alice, rows(*range(50, 60))).import_id
    undo_import(store, alice, undoing, ORIGIN)
    there = kept(store)
    assert not tidy(store, at=NOW + 400 * LONG)
    assert kept(store) == there
    finished(store, alice, applying)
    for each in (applying, undoing, done):
        assert undone(store, alice, each).state is ImportState.UNDONE
    assert stored(store, alice) == before


def test_an_old_preview_goes(store: Store, alice: Account) -> None:
    """It is as if it were taken back; all but its failed rows is still told."""
    found = failing("9,x,,,number_format,no number\r\n", 1, ROWS)
    made = stage_import(store, alice, TARGET, found, ORIGIN)
    recent = staged(store, alice, rows(30), at(1))
    assert not tidy(store, at=NOW + PREVIEW_KEPT)
    assert tidy_all(store, LONG) == 7
    assert kept(store) == (2, 1, 0)
    told = get_import(store, alice, made.import_id)
    assert (told.state, told.preview) == (ImportState.UNDONE, made.preview)
    assert (told.failed, len(failed(store, alice, made.import_id))) == (0, 1)
    assert undo_import(store, alice, made.import_id, ORIGIN) == told
    with pytest.raises(ImportNotApplicable):
        apply_import(store, alice, made.import_id, ORIGIN)
    assert get_import(store, alice, recent.import_id) == recent
    assert not tidy(store, at=NOW + LONG)


def test_a_preview_that_is_applied_in_time_stays(store: Store, alice: Account) -> None:
    """It is of the day on which it was begun."""
    made = staged(store, alice, ROWS)
    apply_import(store, alice, made.import_id, at(PREVIEW_KEPT.total_seconds()))
    assert not tidy(store, at=NOW + 2 * LONG)
    assert finished(store, alice, made.import_id).position.done == len(ROWS)


def test_rows_that_were_never_applied_go(store: Store, alice: Account) -> None:
    """Of an import taken back half applied; those that were stay, for they say what was undone."""
    import_id = begun(store, alice, ROWS, 3)
    undone(store, alice, import_id)
    assert kept(store) == (1, 7, 0)
    assert tidy_all(store, timedelta()) == 3
    assert kept(store) == (1, 3, 0)
    assert get_import(store, alice, import_id).state is ImportState.UNDONE
    assert not tidy(store, at=NOW + LONG)


def test_failed_rows_stay_for_a_while(store: Store, alice: Account) -> None:
    """After an import was taken back; of one that was not they stay."""
    sources = [failing("9,x,,,number_format,no number\r\n", 1, rows(place)) for place in (1, 2)]
    first, second = (stage_import(store, alice, TARGET, each, ORIGIN) for each in sources)
    for each in (first, second):
        apply_import(store, alice, each.import_id, ORIGIN)
        finished(store, alice, each.import_id)
    undone(store, alice, first.import_id, at(60))
    week = PREVIEW_KEPT + timedelta(seconds=60)
    tidy_all(store, week)
    assert get_import(store, alice, first.import_id).failed == 1
    assert len(failed(store, alice, first.import_id)) == 2
    assert tidy_all(store, week + MILLISECOND) == 2
    assert get_import(store, alice, first.import_id).failed == 0
    assert len(failed(store, alice, first.import_id)) == 1
    assert len(failed(store, alice, second.import_id)) == 2
    assert not tidy(store, at=NOW + 2 * LONG)


def test_a_reading_that_ends_at_the_last_moment_stays(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end needs no lock, so it may come between the look and the clearing."""
    made = staged(store, alice, ROWS)
    store.write(lambda tx: tx.run("update import set state = 'reading'"))
    look = store_housekeeping.select_spent_import

    def ends_behind(tx: Transaction, *until: Any) -> object:  # noqa: ANN401
        found = look(tx, *until)
        looks.append(found)
        if len(looks) == 3:
            tx.run("update import set state = 'previewed'")
        return found

    looks: list[object] = []
    monkeypatch.setattr(store_housekeeping, "select_spent_import", ends_behind)
    tidy(store, at=NOW + 2 * READING_LEFT)
    assert None not in looks[:3]
    assert kept(store) == (1, made.position.chunks, 0)
    assert get_import(store, alice, made.import_id) == made


def test_the_second_look_finds_the_same(store: Store, alice: Account) -> None:
    """Of several, the first of its account, whichever was left first."""
    made = sorted(staged(store, alice, rows(n), at(9 - n)).import_id for n in range(5))
    until = NOW + 2 * PREVIEW_KEPT
    spent = store.read(lambda tx: store_housekeeping.select_spent_import(tx, until, until))
    assert spent is not None
    assert spent.import_id == made[0]


def test_chunks_that_were_applied_are_not_looked_at(store: Store, alice: Account) -> None:
    """However many: a step reads as many as it may delete."""
    import_id = begun(store, alice, ROWS, 4)
    undone(store, alice, import_id)
    delete = store_housekeeping.delete_some_chunks
    steps = [store.write(lambda tx: delete(tx, alice.account_id, import_id, 2)) for _ in range(3)]
    assert steps == [2, 1, 0]


def test_chains_are_known_after_tidying(store: Store, alice: Account) -> None:
    """The second of two overlapping imports is taken back to what was before the first."""
    add_blocked_numbers(store, alice, 1, NumbersDraft([number(3)], after(30)), ORIGIN)
    before = stored(store, alice)
    first = begun(store, alice, rows(*range(9), ends=50), 2)
    second = applied(store, alice, rows(*range(2, 12))).import_id
    undone(store, alice, first)
    tidy_all(store, 2 * LONG)
    undone(store, alice, second)
    assert stored(store, alice) == before


def test_a_reading_that_was_abandoned_goes(store: Store, alice: Account) -> None:
    """As a crash leaves it: an hour after its last sign of life, with all that was kept."""
    [*chunks, _] = failing("9,x,,,number_format,no number\r\n", 1, rows(*range(40)))
    with pytest.raises(KeyboardInterrupt):
        stage_import(store, alice, TARGET, dying(store, chunks), ORIGIN)
    before = kept(store)
    assert before[1] > 4
    assert not tidy(store, at=NOW + READING_LEFT)
    assert kept(store) == before
    assert tidy_all(store, READING_LEFT + MILLISECOND) > 2
    assert kept(store) == (0, 0, 0)
    assert recorded(store, alice)[1:] == []


def dying(store: Store, some: list[Part]) -> Iterator[Part]:
    """Yield parts, then die as by a crash: what would clear away at once does not happen."""
    yield from some
    store.write(lambda tx: tx.run("update import set state = 'reading'"))
    monkey = pytest.MonkeyPatch()
    monkey.setattr("ringfence.core.imports.staging._Staging.give_up", lambda _: monkey.undo())
    raise KeyboardInterrupt


def test_a_reading_that_failed_goes_at_once(store: Store, alice: Account) -> None:
    """There is no need to wait for an hour."""

    def broken() -> Iterator[Part]:
        *chunks, _ = parts(rows(*range(40)))
        yield from chunks
        raise RuntimeError

    with pytest.raises(RuntimeError):
        stage_import(store, alice, TARGET, broken(), ORIGIN)
    assert kept(store)[0] == 1
    tidy_all(store, timedelta())
    assert kept(store) == (0, 0, 0)


@pytest.mark.parametrize("steps", [1, 2, 3, 20])
def test_a_reading_held_to_be_abandoned(store: Store, alice: Account, steps: int) -> None:
    """Comes to nothing, however much was cleared away before its next sign of life.

    An import of which some rows are gone would tell of them, and never be applied to its end.
    """

    def slow() -> Iterator[Part]:
        *chunks, summary = parts(rows(*range(30)))
        yield from chunks[:8]
        for _ in range(steps):
            tidy(store, at=NOW + 2 * READING_LEFT)
        yield from chunks[8:]
        yield summary

    with pytest.raises(ImportNotFound):
        stage_import(store, alice, TARGET, slow(), ORIGIN)
    tidy_all(store, timedelta())
    assert kept(store) == (0, 0, 0)
    assert list_imports(store, alice, None, 9) == []


def test_a_reading_that_takes_long_is_left_alone(
    store: Store, alice: Account, clock: Clock
) -> None:
    """Each batch is a sign of life; and a preview is kept from its end on."""

    def slow() -> Iterator[Part]:
        for part in parts(rows(*range(90))):
            yield part
            clock.now += READING_LEFT / 10
            tidy(store, at=clock.now)

    clock.now = NOW
    made = stage_import(store, alice, TARGET, slow(), ORIGIN, clock)
    assert clock.now > NOW + 2 * READING_LEFT
    assert not tidy(store, at=clock.now + PREVIEW_KEPT)
    assert tidy(store, at=clock.now + LONG)
    assert made.created_at == NOW


def test_one_thing_after_the_other(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step of housekeeping holds the lock of one account at most: two could meet in a circle."""
    bob = new_account(store)
    make_block_group(store, bob, GroupSettings("Gone"), ORIGIN)
    delete_block_group(store, bob, 1, ORIGIN)
    undone(store, alice, begun(store, alice, ROWS, 3))
    locked: list[set[int]] = []
    for kind in (SqliteTransaction, PostgresTransaction):
        lock = kind.lock_account

        def note(tx: Transaction, account_id: int, lock: Any = lock) -> None:  # noqa: ANN401
            locked[-1].add(account_id)
            lock(tx, account_id)

        monkeypatch.setattr(kind, "lock_account", note)
    more = True
    while more:
        locked.append(set())
        more = tidy(store, at=NOW)
    assert {len(held) for held in locked} == {1}
    assert set().union(*locked) == {alice.account_id, bob.account_id}
    assert kept(store) == (1, 3, 0)
