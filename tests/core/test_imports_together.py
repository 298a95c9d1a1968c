"""Several processes make the steps of one import, on stores of their own, while others write."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from ringfence.core.accounts import has_accounts
from ringfence.core.blocked_numbers import add_blocked_numbers, remove_blocked_numbers
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.core.housekeeping import tidy
from ringfence.core.imports.reports import get_import
from ringfence.core.imports.steps import apply_import, step_import, undo_import
from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import NumbersDraft
from ringfence.model.changes import Action
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import ImportState, RowOutcome
from ringfence.store import OpenStore, Store, open_store
from tests.core.importing import applied, finished, number, rows, staged, told
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.records import followed, recorded, stored

PATIENCE_S = 30.0
CHUNKS = 20
ROWS = rows(*range(3 * CHUNKS))
STEPPERS = 3


@pytest.fixture
def stores(store: Store, database_url: str) -> Iterator[list[OpenStore]]:
    """Return the store as several processes have it."""
    assert not has_accounts(store), "it was made already"
    opened = [open_store(database_url) for _ in range(STEPPERS)]
    yield opened
    for each in opened:
        each.close()


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with two empty groups."""
    account = new_account(store)
    for name in ("One", "Two"):
        make_block_group(store, account, GroupSettings(name), ORIGIN)
    return account


def together(works: list[Callable[[], object]]) -> None:
    """Do works at the same time, each in a thread."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait(PATIENCE_S)
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for each in [pool.submit(run, work) for work in works]:
            each.result(PATIENCE_S)


def steppers(
    stores: list[OpenStore], account: Account, *import_ids: str
) -> list[Callable[[], object]]:
    """Return works that make all the steps of imports, each on a store of its own."""

    def all_steps(store: OpenStore) -> None:
        while any(step_import(store, account, each, NOW).is_under_way for each in import_ids):
            pass

    return [lambda store=store: all_steps(store) for store in stores]  # type: ignore[misc]


def actions(store: Store, account: Account) -> Counter[Action]:
    """Return how many changes there were of each kind."""
    return Counter(each.change.action for each in recorded(store, account))


def check_record(store: Store, account: Account) -> None:
    """Check that whoever follows the changes has what the database has."""
    held = followed(store, account)
    assert {group: held for group, held in held.items() if held} == stored(store, account)


def test_steps_made_by_many(store: Store, stores: list[OpenStore], alice: Account) -> None:
    """Each chunk is put there once, and taken back once."""
    import_id = staged(store, alice, ROWS).import_id
    apply_import(store, alice, import_id, ORIGIN)
    together(steppers(stores, alice, import_id))
    done = get_import(store, alice, import_id)
    assert (done.state, done.applied.counts) == (ImportState.APPLIED, {RowOutcome.NEW: len(ROWS)})
    assert actions(store, alice)[Action.NUMBERS_IMPORTED] == CHUNKS
    check_record(store, alice)
    undo_import(store, alice, import_id, ORIGIN)
    together(steppers(stores, alice, import_id))
    assert get_import(store, alice, import_id).state is ImportState.UNDONE
    assert actions(store, alice)[Action.NUMBERS_TAKEN_BACK] == CHUNKS
    assert stored(store, alice) == {}
    check_record(store, alice)


def test_an_undo_among_the_steps(store: Store, stores: list[OpenStore], alice: Account) -> None:
    """What was put there by then is taken back; others write, and keep house."""
    import_id = staged(store, alice, ROWS).import_id
    apply_import(store, alice, import_id, ORIGIN)
    begun, ended = Event(), Event()

    def undo() -> None:
        assert begun.wait(PATIENCE_S)
        undo_import(stores[0], alice, import_id, ORIGIN)

    def write() -> None:
        for place in range(30):
            numbers = [number(2 * place), number(1_000 + place)]
            add_blocked_numbers(store, alice, 1, NumbersDraft(numbers, None, "by hand"), ORIGIN)
            remove_blocked_numbers(store, alice, 1, [number(2 * place + 1)], ORIGIN)
            if get_import(store, alice, import_id).position.chunks_done > 3:
                begun.set()
        ended.set()

    def keep_house() -> None:
        while not ended.is_set():
            tidy(stores[1], at=NOW)

    together([undo, write, keep_house, *steppers(stores, alice, import_id)])
    assert finished(store, alice, import_id).state is ImportState.UNDONE
    check_record(store, alice)
    told_by = actions(store, alice)
    assert told_by[Action.NUMBERS_TAKEN_BACK] <= told_by[Action.NUMBERS_IMPORTED] <= CHUNKS
    # What was there by an import already, when it was to be blocked by hand, was its and is gone.
    left = told(store, alice)
    assert {reason for _, reason, *_ in left.values()} == {"by hand"}
    assert {number(1_000 + place) for place in range(30)} <= set(left)
    assert not {number(2 * place + 1) for place in range(30)} & set(left)


def test_two_imports_and_a_group_that_goes(
    store: Store, stores: list[OpenStore], alice: Account
) -> None:
    """Their steps come in any order; nobody waits for anybody in a circle."""
    mixed = [*rows(*range(20)), *rows(*range(20), group=2)]
    ids = []
    for _ in range(2):
        ids.append(staged(store, alice, mixed).import_id)
        apply_import(store, alice, ids[-1], ORIGIN)
    works = steppers(stores, alice, *ids)
    together([*works, lambda: delete_block_group(store, alice, 2, ORIGIN)])
    while tidy(store, at=NOW):
        pass
    assert set(told(store, alice)) == {number(place) for place in range(20)}
    assert told(store, alice, 2) == {}
    for each in ids:
        undo_import(store, alice, each, ORIGIN)
    together(steppers(stores, alice, *ids))
    assert stored(store, alice) == {}


def test_a_change_is_lost_with_its_chunk(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that fails in the middle leaves nothing, and is made again in full."""
    made = staged(store, alice, ROWS[:6])
    apply_import(store, alice, made.import_id, ORIGIN)
    there = stored(store, alice), recorded(store, alice), get_import(store, alice, made.import_id)

    def fail(*_: object) -> None:
        raise OSError(28, "disk full")

    with monkeypatch.context() as patched:
        patched.setattr("ringfence.core.imports.steps.imports.update_import", fail)
        with pytest.raises(OSError, match="disk full"):
            step_import(store, alice, made.import_id, NOW)
    now = stored(store, alice), recorded(store, alice), get_import(store, alice, made.import_id)
    assert now == there
    finished(store, alice, made.import_id)
    assert len(told(store, alice)) == 6
    check_record(store, alice)


def test_a_step_is_made_anew_where_the_database_asks(store: Store, alice: Account) -> None:
    """Work that runs twice, the first time for nothing, does what it does once."""

    class Twice:
        """A store that gives up the first attempt of each write."""

        read = store.read

        def write(self, work):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            class GivenUpError(Exception):
                pass

            def attempt(tx):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
                work(tx)
                raise GivenUpError

            with pytest.raises(GivenUpError):
                store.write(attempt)
            return store.write(work)

    twice: Store = Twice()  # type: ignore[assignment]
    made = applied(twice, alice, ROWS)
    assert made.applied.counts == {RowOutcome.NEW: len(ROWS)}
    assert made.preview.counts == made.applied.counts
    assert actions(store, alice)[Action.NUMBERS_IMPORTED] == CHUNKS
    undo_import(twice, alice, made.import_id, ORIGIN)
    finished(twice, alice, made.import_id)
    assert stored(store, alice) == {}
    check_record(store, alice)
