"""A PostgreSQL server of our own, from an empty folder to its end."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from tests.postgres import processes
from tests.postgres.binaries import environment, find_binaries
from tests.system.server_process import PATIENCE_S, wait_until

HOST = "127.0.0.1"
USER = "postgres"

PORTS = range(20_000, 32_000)
"""Below what kernels give to outgoing connections, one of which could otherwise take the port
of a server while it is down."""

TAKEN = "Address already in use"
ATTEMPTS = 10

SETTINGS = {
    "listen_addresses": HOST,
    # No sockets: a test's folder easily has a path too long for one.
    "unix_socket_directories": "",
    # In the data folder, which goes with the server, however it ended; and small containers
    # have little of the other kind.
    "dynamic_shared_memory_type": "mmap",
    # How soon a standby asks again for a primary that is away.
    "wal_retrieve_retry_interval": "200ms",
}

HASTY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""A crash may lose what was committed last; for tests that crash nothing."""

Seed = Callable[[Path], None]
"""Makes the data folder at a path that does not exist yet."""


class PostgresServer:
    """One server with its data in `folder`, which is empty or not there yet.

    On leaving, server and data are gone, whatever state they were in; the log stays. They are
    gone too, some milliseconds later, when the process that started the server is killed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = False,
        settings: Mapping[str, str] | None = None,
        seed: Seed | None = None,
    ) -> None:
        self.port = 0
        self.log = folder / "postgres.log"
        self._folder = folder
        self._settings = {**SETTINGS, **({} if durable else HASTY), **(settings or {})}
        self._seed = seed or initialize
        self._data: Path | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Make the data and start the server on a port that is free."""
        try:
            self._data = self._place()
            self._guardian = _guardian_of(self._data, self._rubbish)
            self._fill(self._seed)
            self._start_somewhere()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        """End the server, also a frozen one, and remove its data."""
        self.close()

    @property
    def data(self) -> Path:
        """The data folder."""
        assert self._data is not None, "the server was not started"
        return self._data

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The postmaster, while the server runs."""
        assert self._process is not None, "the server does not run"
        return self._process

    @property
    def running(self) -> bool:
        """Whether there is a postmaster, frozen or not."""
        return self._process is not None and self._process.poll() is None

    @property
    def version(self) -> int:
        """The version as PostgreSQL counts it: 180006 is 18.6."""
        [[number]] = self.execute("SHOW server_version_num")
        return int(number)

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, which need not exist."""
        return f"postgresql://{USER}@{HOST}:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement by itself on a connection of its own, and return its rows."""
        with (
            psycopg.connect(
                self.url(database), autocommit=True, connect_timeout=int(PATIENCE_S)
            ) as connection,
            connection.execute(statement.encode()) as cursor,
        ):
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name: str, template: str = "template1") -> None:
        """Make a database that is a copy of `template`, which no one may be connected to."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop_database(self, name: str) -> None:
        """Drop a database; who is connected to it no longer is."""
        self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def start(self) -> None:
        """Start the server that was stopped or killed, on the same data and the same port."""
        assert not self.running, "the server runs already"
        before = self.log.stat().st_size if self.log.exists() else 0
        self._launch()
        wait_until(lambda: self._is_ready(before), "PostgreSQL accepts connections")

    def stop(self) -> None:
        """Shut the server down in order, without waiting for its clients."""
        self.thaw()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)
        self._forget_process()

    def kill(self) -> None:
        """Kill every process of the server as one, as a machine that dies would."""
        if self.running:
            processes.end(self.process.pid)
        self.process.wait(PATIENCE_S)
        self._forget_process()

    def freeze(self) -> None:
        """Make every process of the server stand still; connections stay open, and mute."""
        processes.freeze(self.process.pid)

    def thaw(self) -> None:
        """Let every process of the server go on."""
        processes.thaw(self.process.pid)

    def promote(self) -> None:
        """Make the standby a primary; return when it is one."""
        [[promoted]] = self.execute(f"SELECT pg_promote(true, {int(PATIENCE_S)})")
        assert promoted, "the standby is none, or did not become a primary"

    def reload(self) -> None:
        """Have the server read its settings again, which takes it some milliseconds more."""
        self.process.send_signal(signal.SIGHUP)

    def reseed(self, seed: Seed) -> None:
        """Replace the data of a server that does not run, and start it on the same port."""
        assert not self.running, "the server still runs"
        self._discard(self.data)
        self._fill(seed)
        self._write({"port": str(self.port)})
        self.start()

    def close(self) -> None:
        """End the server and remove its data; may be called again."""
        if self._process is not None:
            self.kill()
        if self._data is not None:
            self._discard(self._rubbish)
            self._dismiss_guardian()
            self._data = None

    def _place(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        owner = find_binaries().owner
        if owner is None:
            return self._folder / "data"
        # Another user than ours does not reach into the folder of a test.
        home = Path(tempfile.mkdtemp(prefix="ringfence-postgres-"))
        os.chown(home, *owner)
        return home / "data"

    @property
    def _rubbish(self) -> Path:
        """What is to be removed in the end."""
        return self.data if self.data.parent == self._folder else self.data.parent

    def _fill(self, seed: Seed) -> None:
        seed(self.data)
        self._write(self._settings)

    def _write(self, settings: Mapping[str, str]) -> None:
        # Of lines that contradict each other the last one counts.
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def _start_somewhere(self) -> None:
        for _ in range(ATTEMPTS):
            self.port = random.choice(PORTS)
            self._write({"port": str(self.port)})
            try:
                self.start()
            except PortTaken:
                continue
            return
        raise PortTaken(f"no free port in {ATTEMPTS} attempts: {self.log}")

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                find_binaries().command("postgres", "-D", str(self.data)),
                cwd=self.data.parent,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # What a terminal sends to the tests is not for the server.
                start_new_session=True,
            )
        self._tell_guardian(self._process.pid)

    def _is_ready(self, log_start: int) -> bool:
        # The server's own word, as a connection could reach whoever else has the port.
        if not self.running:
            log = self.log.read_bytes()[log_start:].decode(errors="replace")
            self._forget_process()
            raise (PortTaken if TAKEN in log else AssertionError)(f"PostgreSQL ended: {log}")
        file = self.data / "postmaster.pid"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return lines[:1] == [str(self.process.pid)] and "".join(lines[7:8]).strip() == "ready"

    def _forget_process(self) -> None:
        self._process = None
        self._tell_guardian(0)

    def _tell_guardian(self, pid: int) -> None:
        assert self._guardian is not None
        assert self._guardian.stdin is not None
        self._guardian.stdin.write(b"%d\n" % pid)

    def _discard(self, rubbish: Path) -> None:
        processes.remove_shared_memory(self.data)
        shutil.rmtree(rubbish, ignore_errors=True)

    def _dismiss_guardian(self) -> None:
        if self._guardian is not None:
            assert self._guardian.stdin is not None
            self._guardian.kill()
            self._guardian.wait(PATIENCE_S)
            self._guardian.stdin.close()


class PortTaken(AssertionError):
    """Someone else listens on the port that the server was to have."""


def initialize(data: Path) -> None:
    """Make the data of a new server, whose one user is `postgres` without a password."""
    options = ("-A", "trust", "-U", USER, "-E", "UTF8", "--no-locale", "--no-sync")
    find_binaries().run("initdb", "-D", str(data), *options, cwd=data.parent)


def _guardian_of(data: Path, rubbish: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", processes.__file__, str(data), str(rubbish)],
        stdin=subprocess.PIPE,
        bufsize=0,
        # A signal to all processes of the tests leaves the guardian to do its work.
        start_new_session=True,
    )
