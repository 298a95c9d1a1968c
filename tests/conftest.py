"""What many tests share: a fresh store on either database and a clock that tests move."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from ringfence.store import Store, open_store
from tests.postgres.fresh import EMPTY, FreshStore
from tests.postgres.server import PostgresServer

ENGINES = ("sqlite", "postgresql")
DATABASE = "ringfence"
SYSTEM = "tests/system/"


@dataclass
class Clock:
    """The time as the app is told it."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time set last."""
        return self.now


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps the tests of a file, and all of the system tests, one after the other.

    A file's tests share what they start, and system tests measure times, which they would spoil
    for each other; beside them runs no more than one other test.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return SYSTEM if file.startswith(SYSTEM) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Return which process runs which test; groups of marks do not work with pytest 9.2.

    See https://github.com/pytest-dev/pytest-xdist/issues/1386.
    """
    return ByFile(config, log)


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still until a test sets its `now`."""
    return Clock()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Return a PostgreSQL server with one database that tests empty before they use it."""
    with PostgresServer(tmp_path_factory.mktemp("postgres")) as server:
        server.create_database(DATABASE)
        yield server


@pytest.fixture(scope="session")
def fresh_store(postgres: PostgresServer) -> FreshStore:
    """Return what makes the store of that database as if just made."""
    return FreshStore(postgres, DATABASE)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return on which database the test runs: each runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return the address of a store that does not exist yet, but for a test that has `store`."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'ringfence.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    if "store" in request.fixturenames:
        request.getfixturevalue("fresh_store").make()
    else:
        server.execute(EMPTY, DATABASE)
    return server.url(DATABASE)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return a fresh store."""
    opened = open_store(database_url, create=True)
    yield opened
    opened.close()
