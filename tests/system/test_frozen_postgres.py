"""A PostgreSQL that stands still: the service does not, and goes on when it does."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString, Self

import psycopg
import pytest

from tests.postgres.server import PostgresServer
from tests.system.client import SAVED, Answer
from tests.system.server_process import (
    ServerProcess,
    command,
    environment,
    use_store,
    wait_until,
)

CALLERS = 40
"""More than there are connections to the database, so that some wait behind others."""

ANSWER_S = 3.0
UNAVAILABLE = b'{"status":"error","message":"service temporarily unavailable"}'


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Return a database server that may be frozen."""
    with PostgresServer(tmp_path_factory.mktemp("postgres")) as started:
        started.create_database("ringfence")
        yield started


@pytest.fixture(scope="module")
def server(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """Return a service on that database."""
    folder = tmp_path_factory.mktemp("frozen")
    use_store(folder, postgres.url("ringfence"))
    with ServerProcess(folder) as started:
        yield started


def timed(server: ServerProcess, name: str, number: str) -> tuple[Answer, float]:
    """Create a phone number; return the answer and how many seconds it took."""
    started = time.monotonic()
    with server.client(kept=False) as client:
        answer = client.phone("create", phoneName=name, phoneNumber=number)
    return answer, time.monotonic() - started


def test_the_service_answers_while_the_database_is_frozen(
    server: ServerProcess, postgres: PostgresServer
) -> None:
    """Every write says unavailable in time, the process is well meanwhile, and then all goes on."""
    assert timed(server, "Before", "+918000000000")[0].message == SAVED
    postgres.freeze()
    try:
        answers, longest_health_s = frozen_answers(server)
        ready, ready_s = asked(server, "/readyz")
        figures, figures_s = asked(server, "/metrics")
    finally:
        postgres.thaw()
    assert (ready.status, ready.content["status"], ready_s < ANSWER_S) == (503, "unavailable", True)
    assert b'outcome="unavailable"' in figures.body
    assert figures_s < 1.0
    assert {(each.status, each.body) for each, _ in answers} == {(503, UNAVAILABLE)}
    assert max(seconds for _, seconds in answers) < ANSWER_S
    assert longest_health_s < 1.0
    wait_until(lambda: timed(server, "After", "+918000000001")[0].message == SAVED, "it goes on")
    assert asked(server, "/readyz")[0].status == 200
    stored = postgres.execute("select name from phone_number order by name", "ringfence")
    assert {("After",), ("Before",)} <= set(stored)
    assert len(stored) == len(set(stored))


def test_a_command_on_a_frozen_database_ends_by_ctrl_c(
    server: ServerProcess, postgres: PostgresServer, tmp_path: Path
) -> None:
    """At once: it does not wait for the database to agree."""
    use_store(tmp_path, server.store)
    with PostgresSession(postgres) as session:
        session.hold("lock table account")
        words = command(tmp_path, "db", "backup", "a.backup")
        with subprocess.Popen(words, cwd=tmp_path, env=environment()) as process:
            wait_until(session.is_waited_for, "the backup waits for a table")
            postgres.freeze()
            try:
                process.send_signal(signal.SIGINT)
                assert process.wait(ANSWER_S) == 130
            finally:
                process.kill()
                postgres.thaw()
    assert not (tmp_path / "a.backup").exists()


class PostgresSession:
    """A session of somebody else on the same database."""

    def __init__(self, postgres: PostgresServer) -> None:
        self._postgres = postgres
        self._connection = psycopg.connect(postgres.url("ringfence"))

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and with it what it holds."""
        self._connection.close()

    def hold(self, lock: LiteralString) -> None:
        """Hold what the statement `lock` locks."""
        self._connection.execute(lock)

    def is_waited_for(self) -> bool:
        """Whether anybody waits for a lock."""
        waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
        return bool(self._postgres.execute(waiting))


def asked(server: ServerProcess, path: str) -> tuple[Answer, float]:
    """Ask for a path; return the answer and how many seconds it took."""
    started = time.monotonic()
    answer = server.request("GET", path)
    return answer, time.monotonic() - started


def frozen_answers(server: ServerProcess) -> tuple[list[tuple[Answer, float]], float]:
    """Let many callers write, and ask for the health all the while; return what came of it."""
    done = threading.Event()
    with ThreadPoolExecutor(CALLERS + 1) as pool:
        health = pool.submit(longest_health_s, server, done)
        calls = [
            pool.submit(timed, server, f"Frozen.{n}", f"+9181000000{n:02}") for n in range(CALLERS)
        ]
        answers = [each.result() for each in calls]
        done.set()
        return answers, health.result()


def longest_health_s(server: ServerProcess, done: threading.Event) -> float:
    """Ask for the health until `done`; return the longest time that took."""
    longest = 0.0
    while not done.wait(0.05):
        started = time.monotonic()
        assert server.is_well()
        longest = max(longest, time.monotonic() - started)
    return longest
