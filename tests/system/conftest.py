"""What the system tests share: a running server with a demo account."""

from collections.abc import Iterator

import pytest

from tests.system.server_process import ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Return a server that the tests of one module share, so each uses names of its own."""
    with ServerProcess(tmp_path_factory.mktemp("server"), auth_delay_max_s=0) as started:
        yield started
