"""What the system tests share: folders with a store of either engine, and a running server."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.postgres.server import PostgresServer
from tests.system.server_process import ServerProcess, use_store

MakeFolder = Callable[[], Path]
_serial = count(1)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return on which database the tests of a module run, one after the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def make_folder(
    engine: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[MakeFolder]:
    """Return what makes an empty folder whose commands and servers work on a store of its own."""
    if engine == "sqlite":
        yield lambda: tmp_path_factory.mktemp("folder")
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    made: list[str] = []

    def make() -> Path:
        folder = tmp_path_factory.mktemp("folder")
        name = f"system{next(_serial)}"
        postgres.create_database(name)
        made.append(name)
        use_store(folder, postgres.url(name))
        return folder

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture
def folder(make_folder: MakeFolder) -> Path:
    """Return an empty folder with a store for one test."""
    return make_folder()


@pytest.fixture(scope="module")
def server(make_folder: MakeFolder) -> Iterator[ServerProcess]:
    """Return a server that the tests of one module share, so each uses names of its own."""
    with ServerProcess(make_folder(), auth_delay_max_s=0) as started:
        yield started
