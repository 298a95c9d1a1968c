"""A state that the event loop's reader holds is let go again and again."""

import asyncio
from typing import cast

import pytest

from ringfence.errors import Unavailable
from ringfence.http import letting_go
from ringfence.store.database import Nearby

PATIENCE_S = 30.0


class Held:
    """A reader that can let go so many times, and fails the first time."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.is_done = asyncio.Event()

    def let_go(self) -> None:
        """Count it; fail the first time."""
        self.left -= 1
        if self.left == 0:
            self.is_done.set()
        raise Unavailable(reason="for a moment")


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


def test_where_nobody_reads_nearby_there_is_nothing_to_do() -> None:
    """A server's store has no such reader."""

    async def run() -> set[asyncio.Task[object]]:
        async with letting_go.letting_go(None):
            return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(run()) == set()
