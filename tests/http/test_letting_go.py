"""A state that the event loop's reader holds is let go again and again."""

import asyncio
from typing import cast

import pytest

from ringfence.app import create_app
from ringfence.config import Settings
from ringfence.errors import Unavailable
from ringfence.http import letting_go
from ringfence.store.database import Nearby
from ringfence.store.sqlite.nearby import SqliteNearby
from ringfence.store.sqlite.store import SqliteStore
from tests.api.running import running
from tests.conftest import Clock

PATIENCE_S = 30.0


@pytest.fixture
def engine() -> str:
    """Return the one engine that has such a reader."""
    return "sqlite"


class Held:
    """A reader that is done once it was asked so many times, and fails each time."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.is_done = asyncio.Event()

    def let_go(self) -> None:
        """Count it, and fail in one of two ways."""
        self.left -= 1
        if self.left == 0:
            self.is_done.set()
        raise Unavailable(reason="for a moment") if self.left % 2 else RuntimeError("unexpected")


def test_it_is_let_go_until_the_end_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is out of reach for a moment does not end it."""
    monkeypatch.setattr(letting_go, "EVERY_S", 0.001)

    async def run() -> int:
        held = Held(5)
        async with letting_go.letting_go(cast("Nearby", held)):
            await asyncio.wait_for(held.is_done.wait(), PATIENCE_S)
        left = held.left
        await asyncio.sleep(0.01)
        return held.left - left

    assert asyncio.run(run()) == 0


def test_a_server_lets_go(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its start to its end, of the reader that answers calls."""
    monkeypatch.setattr(letting_go, "EVERY_S", 0.001)
    asked: set[SqliteNearby] = set()
    let_go = SqliteNearby.let_go

    def asked_to_let_go(self: SqliteNearby) -> None:
        let_go(self)
        asked.add(self)

    monkeypatch.setattr(SqliteNearby, "let_go", asked_to_let_go)
    app = create_app(store, Settings.model_validate({}), clock)

    async def run() -> None:
        async with asyncio.timeout(PATIENCE_S), running(app):
            while not asked:  # noqa: ASYNC110  it is asked in the same loop, by nobody to tell
                await asyncio.sleep(0.001)

    asyncio.run(run())
    assert len(asked) == 1


def test_where_nobody_reads_nearby_there_is_nothing_to_do() -> None:
    """A server's store has no such reader."""

    async def run() -> set[asyncio.Task[object]]:
        async with letting_go.letting_go(None):
            return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(run()) == set()
