"""What the store tests share: a store with a table of their own."""

import pytest

from ringfence.store import Store


@pytest.fixture
def scratch(store: Store) -> Store:
    """Return a fresh store with an empty table `scratch` of numbers and texts."""
    store.write(lambda tx: tx.run("create table scratch (n integer primary key, t text)"))
    return store
