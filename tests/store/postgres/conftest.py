"""These tests are about PostgreSQL, so that they run on nothing else."""

from collections.abc import Iterator

import pytest

from ringfence.store import Store
from ringfence.store.postgres.store import PostgresStore
from tests.conftest import DATABASE
from tests.postgres.server import PostgresServer
from tests.store.postgres.administration import Administrator


@pytest.fixture
def engine() -> str:
    """Return the one engine of these tests."""
    return "postgresql"


@pytest.fixture
def scratch(scratch: Store) -> PostgresStore:
    """Return a fresh store with an empty table `scratch`, as what it is."""
    assert isinstance(scratch, PostgresStore)
    return scratch


@pytest.fixture
def admin(postgres: PostgresServer) -> Iterator[Administrator]:
    """Return somebody who works on the same database."""
    with Administrator(postgres.url(DATABASE)) as connected:
        yield connected


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Return a server that the tests of one module may stop, start and configure."""
    with PostgresServer(tmp_path_factory.mktemp("own")) as server:
        yield server
