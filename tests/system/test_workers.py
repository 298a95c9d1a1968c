"""Several processes at one address, on PostgreSQL: all serve, and each may die."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.postgres.processes import family
from tests.postgres.server import PostgresServer
from tests.system.client import EXISTS, SAVED, Account, Client
from tests.system.server_process import (
    PATIENCE_S,
    ServerProcess,
    run_ringfence,
    use_store,
    wait_until,
)

WORKERS = 3
CALLERS = 24


@pytest.fixture(scope="module")
def folder(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder whose store is a database of its own."""
    made = tmp_path_factory.mktemp("workers")
    postgres.create_database("workers")
    use_store(made, postgres.url("workers"))
    ready = run_ringfence(made, "account", "create", "alice")
    assert ready.returncode == 0, ready.stderr
    yield made
    postgres.drop_database("workers")


@pytest.fixture
def server(folder: Path) -> Iterator[ServerProcess]:
    """Return a server of three workers."""
    words = ("--workers", str(WORKERS))
    with ServerProcess(folder, *words, operations_listen="127.0.0.1:0") as started:
        yield started


def children(pid: int) -> set[int]:
    """Return the workers of a server: those of its children that serve."""
    return {child for child in family(pid) if is_worker(child)}


def is_worker(pid: int) -> bool:
    """Whether there is a process of this id that was started to serve."""
    words = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        with suppress(FileNotFoundError, ProcessLookupError):
            return b"spawn_main" in words.read_bytes()
        return False
    told = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    )
    return b"spawn_main" in told.stdout


def figures(server: ServerProcess) -> str:
    """Return what the workers tell together."""
    found = re.search(r"http://([0-9.]+):(\d+)/metrics", server.banner)
    assert found is not None, server.banner
    with Client(found[1], int(found[2]), None, PATIENCE_S, kept=False) as client:
        return client.request("GET", urlsplit(found[0]).path).body.decode()


def test_every_worker_answers_and_their_figures_are_one(server: ServerProcess) -> None:
    """Many connections are spread over them, and /metrics counts every request once."""
    before = count(server)
    for _ in range(CALLERS):
        assert server.is_well()
    assert count(server) - before == CALLERS
    assert len(children(server.process.pid)) == WORKERS


def count(server: ServerProcess) -> int:
    """Return how many times the health was asked for."""
    told = re.findall(r'requests_total\{.*route="/healthz".*} ([0-9.]+)', figures(server))
    return int(sum(map(float, told)))


def test_a_worker_that_dies_is_replaced(server: ServerProcess) -> None:
    """The others answer meanwhile."""
    before = children(server.process.pid)
    os.kill(min(before), signal.SIGKILL)
    wait_until(lambda: min(before) not in children(server.process.pid), "it is gone")
    assert server.is_well()
    wait_until(lambda: len(children(server.process.pid)) == WORKERS, "another took its place")
    assert "a worker ended" in server.logs()


def test_it_stops_as_one(server: ServerProcess) -> None:
    """SIGTERM ends every worker and is a success."""
    workers = children(server.process.pid)
    assert server.stop() == 0
    assert not any(map(is_worker, workers))


def test_workers_do_not_outlive_the_one_that_watches(server: ServerProcess) -> None:
    """Killed without a word, it leaves nobody behind who holds its port."""
    workers = children(server.process.pid)
    server.kill()
    wait_until(lambda: not any(map(is_worker, workers)), "they stop too")


def test_a_hang_up_ends_nobody(server: ServerProcess) -> None:
    """There is no certificate to load anew, and that is all."""
    before = children(server.process.pid)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.logs().count("SIGHUP") >= WORKERS, "every worker heard it")
    assert children(server.process.pid) == before
    assert server.is_well()


def test_what_one_worker_stores_another_finds(folder: Path) -> None:
    """Each request is on a connection of its own, so any worker may have it."""
    with ServerProcess(folder, "--workers", str(WORKERS)) as server:
        key = run_ringfence(folder, "key", "create", "alice").stdout.strip()
        alice = Account("alice", key)
        for n in range(CALLERS):
            fields = {"phoneName": f"Worker.{n}", "phoneNumber": f"+9180000000{n:02}"}
            for expected in (SAVED, EXISTS, EXISTS):
                with server.client(alice, kept=False) as client:
                    assert client.phone("create", **fields).message == expected


def test_on_sqlite_several_workers_are_refused(tmp_path: Path) -> None:
    """One line says what they need, and nothing is made."""
    refused = run_ringfence(tmp_path, "serve", "--port", "0", "--workers", "2")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("ringfence: 2 workers need PostgreSQL")
    assert refused.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
