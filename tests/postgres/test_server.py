"""The PostgreSQL that other tests use, and what they do to it."""

import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import pq

from tests.postgres.binaries import find_binaries
from tests.postgres.pending import Pending
from tests.postgres.processes import family, live
from tests.postgres.server import PostgresServer
from tests.system.server_process import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Return a server that keeps what it commits; each test leaves it running."""
    with PostgresServer(tmp_path_factory.mktemp("server"), durable=True) as started:
        yield started


def test_a_fresh_server_answers(server: PostgresServer) -> None:
    """It takes connections, and is no older than what we support."""
    assert server.execute("SELECT 1 + 1") == [(2,)]
    assert server.version >= 150_000


def test_databases_come_from_templates_and_go_while_in_use(server: PostgresServer) -> None:
    """A database has what its template had; dropping it throws its users out."""
    server.create_database("pattern")
    server.execute("CREATE TABLE kept AS SELECT 7 AS number", "pattern")
    server.create_database("copied", template="pattern")
    with psycopg.connect(server.url("copied")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
        server.drop_database("copied")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    server.drop_database("pattern")


def test_a_frozen_server_is_mute_until_it_thaws(server: PostgresServer) -> None:
    """What was asked of a frozen server is answered after the thaw, on the same connection."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("SELECT 1")
        server.freeze()
        asked = Pending(connection, "SELECT 2")
        assert not asked.is_answered()
        server.thaw()
        wait_until(asked.is_answered, "the thawed server answers")
        assert asked.status() == pq.ExecStatus.TUPLES_OK


def test_a_killed_server_recovers_what_it_committed(server: PostgresServer) -> None:
    """No process is left by a kill; the next start has the row, at the same address."""
    server.execute("CREATE TABLE survivors AS SELECT 'row' AS name")
    url = server.url()
    members = family(server.process.pid)
    server.kill()
    assert not live(members)
    assert not server.running
    server.start()
    assert server.url() == url
    assert server.execute("SELECT name FROM survivors") == [("row",)]
    server.execute("DROP TABLE survivors")


def test_a_frozen_server_can_be_stopped_and_started(server: PostgresServer) -> None:
    """Stop needs no thaw before it."""
    server.freeze()
    server.stop()
    assert not server.running
    server.start()
    assert server.execute("SELECT 1") == [(1,)]


def test_a_reload_applies_settings(server: PostgresServer) -> None:
    """What ALTER SYSTEM wrote holds after a reload."""
    server.execute("ALTER SYSTEM SET work_mem = '5MB'")
    server.reload()
    wait_until(lambda: server.execute("SHOW work_mem") == [("5MB",)], "the setting holds")


def test_settings_of_ours_reach_the_server_and_a_frozen_one_leaves_nothing(tmp_path: Path) -> None:
    """On leaving, processes and data are gone, and the log is there to read."""
    with PostgresServer(tmp_path / "deep" / "er", settings={"work_mem": "3MB"}) as server:
        assert server.execute("SHOW work_mem") == [("3MB",)]
        assert server.execute("SHOW fsync") == [("off",)]
        data, members = server.data, family(server.process.pid)
        server.freeze()
    assert not live(members)
    assert not data.exists()
    assert server.log.exists()


def test_a_start_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    """The error has the server's words."""
    server = PostgresServer(tmp_path, settings={"no_such_setting": "1"})
    with pytest.raises(AssertionError, match="no_such_setting"):
        server.__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["postgres.log"]


def test_a_port_that_is_taken_is_left_alone(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next port is tried."""
    ports = iter([server.port, server.port, server.port + 1])
    monkeypatch.setattr(random, "choice", lambda _: next(ports))
    with PostgresServer(tmp_path) as other:
        assert other.port == server.port + 1
        assert other.execute("SELECT 1") == [(1,)]


def test_no_server_outlives_a_killed_test_process(tmp_path: Path) -> None:
    """A kill leaves the process no time to clean up; even a frozen server goes nevertheless."""
    script = """
        import sys
        from pathlib import Path
        from tests.postgres.server import PostgresServer
        with PostgresServer(Path(sys.argv[1])) as server:
            server.freeze()
            print(server.process.pid, server.data, flush=True)
            sys.stdin.read()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as tester:
        assert tester.stdout is not None
        pid, data = tester.stdout.readline().split()
        members = family(int(pid))
        tester.send_signal(signal.SIGKILL)
    wait_until(lambda: not live(members), "the server is gone")
    wait_until(lambda: not Path(data).exists(), "the data are gone")


def test_a_folder_without_programs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong PG_BIN fails; it does not give way to another PostgreSQL."""
    monkeypatch.setenv("PG_BIN", "/nowhere")
    with pytest.raises(AssertionError, match="PG_BIN is /nowhere"):
        find_binaries.__wrapped__()


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    """The error has the program's words."""
    with pytest.raises(AssertionError, match=r"initdb failed: .*no-such-option"):
        find_binaries().run("initdb", "--no-such-option", cwd=tmp_path)
