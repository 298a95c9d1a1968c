"""Imports make progress while the server runs, whatever comes in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from threading import Event
from typing import Any, cast

import pytest
import structlog

from ringfence.core.group_settings import make_block_group
from ringfence.core.imports.reports import get_import
from ringfence.core.imports.steps import LEFT_AFTER, apply_import, step_import, undo_import
from ringfence.errors import Unavailable
from ringfence.http import importing
from ringfence.http.handover import Handover
from ringfence.http.importing import Importer
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.model.imports import Import, ImportState, Kind, Target
from ringfence.store import OpenStore
from tests.conftest import Clock
from tests.core.importing import rows, staged
from tests.core.people import NOW, ORIGIN, new_account

PATIENCE_S = 20.0
MILLISECOND = timedelta(milliseconds=1)
TARGET = Target(Kind.BLOCKED_NUMBERS, 1)


class Way:
    """A way to the store that fails in each of some ways first."""

    def __init__(self, store: OpenStore, *errors: Exception) -> None:
        self._handover = Handover(store, 10)
        self.errors = list(errors)
        self.done = 0

    async def run(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401  what work returns
        """Do what a hand-over does, once there is no error left."""
        if self.errors:
            raise self.errors.pop(0)
        result = await self._handover.run(work)
        self.done += 1
        return result


@pytest.fixture
def alice(store: OpenStore) -> Account:
    """Return an account with one empty group."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("One"), ORIGIN)
    return account


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rest for a moment only."""
    monkeypatch.setattr(importing, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(importing, "RETRY_S", 0.001)


def importer_of(store: OpenStore, clock: Clock, way: Way | None = None) -> Importer:
    """Return what makes the steps."""
    return Importer(store, cast("Handover", way or Way(store)), clock)


def set_out(store: OpenStore, account: Account, *places: int) -> str:
    """Return the id of an import that is to be applied since NOW."""
    made = staged(store, account, rows(*places))
    apply_import(store, account, made.import_id, ORIGIN)
    return made.import_id


def run(importer: Importer, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` while steps are made."""

    async def during() -> None:
        async with asyncio.timeout(PATIENCE_S), importer.running():
            await work()

    asyncio.run(during())


def arrives(
    store: OpenStore, account: Account, import_id: str, state: ImportState
) -> Callable[[], Awaitable[None]]:
    """Return what waits until an import is in a state."""
    return lambda: until(lambda: get_import(store, account, import_id).state is state)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; whoever made it so told nobody."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.002)


def test_an_import_goes_on_by_itself(store: OpenStore, clock: Clock, alice: Account) -> None:
    """From the moment on at which it is asked for, without a look around; and so does its undo."""
    import_id = set_out(store, alice, *range(7))
    importer = importer_of(store, clock)

    async def both() -> None:
        importer.go_on(alice, import_id)
        await arrives(store, alice, import_id, ImportState.APPLIED)()
        undo_import(store, alice, import_id, ORIGIN)
        importer.go_on(alice, import_id)
        await arrives(store, alice, import_id, ImportState.UNDONE)()

    run(importer, both)


@pytest.mark.parametrize("state", [ImportState.APPLYING, ImportState.UNDOING])
def test_what_was_left_is_taken_up(
    store: OpenStore, clock: Clock, alice: Account, state: ImportState
) -> None:
    """By any server, a while after the last step of whoever made them."""
    import_id = set_out(store, alice, *range(7))
    step_import(store, alice, import_id, NOW)
    if state is ImportState.UNDOING:
        undo_import(store, alice, import_id, ORIGIN)
    clock.now = NOW + LEFT_AFTER + MILLISECOND
    ends = ImportState.APPLIED if state is ImportState.APPLYING else ImportState.UNDONE
    run(importer_of(store, clock), arrives(store, alice, import_id, ends))


def test_what_others_do_is_left_to_them(store: OpenStore, clock: Clock, alice: Account) -> None:
    """While they make steps; and what is only looked at, or done, is nobody's."""
    import_id = set_out(store, alice, *range(7))
    clock.now = NOW + LEFT_AFTER
    way = Way(store)

    run(importer_of(store, clock, way), lambda: until(lambda: way.done >= 5))
    assert get_import(store, alice, import_id).position.done == 0


@pytest.mark.parametrize(
    "error", [Unavailable(reason="away"), RuntimeError("unexpected"), OSError(28, "disk full")]
)
def test_it_goes_on_after_trouble(
    store: OpenStore, clock: Clock, alice: Account, error: Exception
) -> None:
    """It looks around again; what is no such trouble as passes is logged."""
    import_id = set_out(store, alice, *range(7))
    clock.now = NOW + LEFT_AFTER + MILLISECOND
    way = Way(store, error, error)
    with structlog.testing.capture_logs() as lines:
        run(importer_of(store, clock, way), arrives(store, alice, import_id, ImportState.APPLIED))
    assert len(lines) == (0 if isinstance(error, Unavailable) else 2)


def test_a_step_that_cannot_be_made_is_told_once(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each row of failures, not each second: it may go on for hours."""
    import_id = set_out(store, alice, *range(40))
    away = [True, True, True, *[False] * importing.STEPS, True, True]

    def step(store: OpenStore, account: Account, import_id: str, at: Any) -> Import:  # noqa: ANN401
        if away and away.pop(0):
            raise Unavailable(reason="it took too long")
        return step_import(store, account, import_id, at)

    monkeypatch.setattr(importing, "step_import", step)
    importer = importer_of(store, clock)
    importer.go_on(alice, import_id)
    with structlog.testing.capture_logs() as lines:
        run(importer, arrives(store, alice, import_id, ImportState.APPLIED))
    assert not away
    assert [(line["log_level"], line["import_id"]) for line in lines] == [
        ("warning", import_id)
    ] * 2
    assert all("it took too long" in line["reason"] for line in lines)


def test_one_that_fails_holds_no_other_up(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the failing one is tried again later."""
    broken, sound = set_out(store, alice, *range(7)), set_out(store, alice, *range(10, 17))
    clock.now = NOW + LEFT_AFTER + MILLISECOND
    failed = 0

    def step(store: OpenStore, account: Account, import_id: str, at: Any) -> Import:  # noqa: ANN401
        nonlocal failed
        if import_id == broken and failed < 3:
            failed += 1
            raise RuntimeError
        return step_import(store, account, import_id, at)

    monkeypatch.setattr(importing, "step_import", step)
    importer = importer_of(store, clock)
    importer.go_on(alice, broken)
    run(importer, arrives(store, alice, sound, ImportState.APPLIED))
    run(importer_of(store, clock), arrives(store, alice, broken, ImportState.APPLIED))


def test_an_undo_beside_the_last_step(
    store: OpenStore, clock: Clock, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goes on at once: that the step was the last is no news about what was asked since."""
    monkeypatch.setattr(importing, "LOOK_EVERY_S", PATIENCE_S)
    import_id = set_out(store, alice, *range(3))
    importer = importer_of(store, clock)
    loop = asyncio.new_event_loop()
    told = Event()

    def step(store: OpenStore, account: Account, import_id: str, at: Any) -> Import:  # noqa: ANN401
        found = step_import(store, account, import_id, at)
        if found.state is ImportState.APPLIED:
            undo_import(store, account, import_id, Origin("test", 1, NOW))
            loop.call_soon_threadsafe(importer.go_on, account, import_id)
            loop.call_soon_threadsafe(told.set)
            assert told.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(importing, "step_import", step)

    async def both() -> None:
        async with asyncio.timeout(PATIENCE_S / 2), importer.running():
            importer.go_on(alice, import_id)
            await arrives(store, alice, import_id, ImportState.UNDONE)()

    loop.run_until_complete(both())
    loop.close()


def test_a_step_under_way_is_finished(store: OpenStore, clock: Clock, alice: Account) -> None:
    """The server's end does not tear it; what is left is for the next server."""
    import_id = set_out(store, alice, *range(30))
    importer = importer_of(store, clock)

    async def begin() -> None:
        importer.go_on(alice, import_id)
        await until(lambda: get_import(store, alice, import_id).position.done > 0)

    run(importer, begin)
    found = get_import(store, alice, import_id)
    assert found.position.done == 3 * found.position.chunks_done
    clock.now = NOW + LEFT_AFTER + MILLISECOND
    run(importer_of(store, clock), arrives(store, alice, import_id, ImportState.APPLIED))
