"""What many tests share: a fresh store and a clock that tests move."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.store import Store, open_store


@dataclass
class Clock:
    """The time as the app is told it."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time set last."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still until a test sets its `now`."""
    return Clock()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Return the address of a store that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ringfence.db'}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return a fresh store on SQLite."""
    opened = open_store(database_url, create=True)
    yield opened
    opened.close()
