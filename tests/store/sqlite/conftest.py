"""These tests are about SQLite, so that they run on nothing else."""

import pytest

from ringfence.store import Store
from ringfence.store.sqlite.store import SqliteStore


@pytest.fixture
def engine() -> str:
    """Return the one engine of these tests."""
    return "sqlite"


@pytest.fixture
def scratch(scratch: Store) -> SqliteStore:
    """Return a fresh store with an empty table `scratch`, as what it is."""
    assert isinstance(scratch, SqliteStore)
    return scratch
