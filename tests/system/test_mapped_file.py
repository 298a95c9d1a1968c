"""How much of the SQLite file a server maps into its memory."""

import sys
from pathlib import Path

import pytest

from tests.system.server_process import ServerProcess
from tests.system.stores import rows
from tests.system.test_screening import screen


@pytest.fixture(scope="module")
def engine() -> str:
    """Return the one engine that is a file."""
    return "sqlite"


def maps_the_file(server: ServerProcess) -> bool:
    """Whether the file of the store is in the server's memory; its log is not meant."""
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    return any(line.endswith("ringfence.db") for line in maps.splitlines())


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize(("most", "mapped"), [(0x7FFF0000, True), (0, False)])
def test_screening_maps_the_file_unless_it_must_not(
    folder: Path, most: int, *, mapped: bool
) -> None:
    """What is still in the log is read there, so that is written back first."""
    with ServerProcess(folder) as server, server.client() as client:
        client.block("POST", name="One", description="One", blockNumbers=["9812300001"])
        account = server.account
    rows(server.store, "pragma wal_checkpoint")
    with (
        ServerProcess(folder, "--no-demo", sqlite_mmap_bytes=most) as server,
        server.client(account) as client,
    ):
        assert screen(client, "+919812300001") == "block"
        assert maps_the_file(server) == mapped
