"""Two servers of which one follows the other, through the death of the first."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import pq

from tests.postgres.pending import Pending
from tests.postgres.replication import asynchronous, rejoin, standby_of, synchronous
from tests.postgres.server import PostgresServer
from tests.system.server_process import wait_until


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Return a primary with one table; each test leaves it running, and its rows."""
    with PostgresServer(tmp_path_factory.mktemp("a"), durable=True) as server:
        server.execute("CREATE TABLE events (id int PRIMARY KEY)")
        yield server


@pytest.fixture
def standby(primary: PostgresServer, tmp_path: Path) -> Iterator[PostgresServer]:
    """Return a standby that the primary waits for, until the end of the test."""
    with standby_of(primary, tmp_path / "b", "node_b") as server:
        synchronous(primary, ["node_a", "node_b"])
        primary.execute("TRUNCATE events")
        yield server
        asynchronous(primary)


def test_what_was_committed_outlives_its_primary(tmp_path: Path) -> None:
    """Kill, promote, rejoin, and the pair is whole again with the roles changed."""
    with (
        PostgresServer(tmp_path / "a", durable=True) as a,
        standby_of(a, tmp_path / "b", "node_b") as b,
    ):
        synchronous(a, ["node_a", "node_b"])
        a.execute("CREATE TABLE events AS SELECT 1 AS id")
        a.kill()
        b.promote()
        assert _ids(b) == [1]
        port = a.port
        rejoin(a, b, "node_a")
        assert a.port == port
        synchronous(b, ["node_a", "node_b"])
        b.execute("INSERT INTO events VALUES (2)")
        assert _ids(a) == [1, 2]


def test_a_commit_waits_for_a_frozen_standby(
    primary: PostgresServer, standby: PostgresServer
) -> None:
    """It returns when the primary is told not to wait; the standby catches up after the thaw."""
    with psycopg.connect(primary.url(), autocommit=True) as connection:
        standby.freeze()
        asked = Pending(connection, "INSERT INTO events VALUES (1)")
        assert not asked.is_answered()
        asynchronous(primary)
        wait_until(asked.is_answered, "the commit waits no more")
        assert asked.status() == pq.ExecStatus.COMMAND_OK
    primary.execute("INSERT INTO events VALUES (2)")
    standby.thaw()
    synchronous(primary, ["node_b"])
    primary.execute("INSERT INTO events VALUES (3)")
    assert _ids(standby) == [1, 2, 3]


def test_a_standby_refuses_writes_and_can_be_replaced(
    primary: PostgresServer, standby: PostgresServer
) -> None:
    """Its successor takes over its name."""
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        standby.execute("INSERT INTO events VALUES (1)")
    standby.kill()
    rejoin(standby, primary, "node_b")
    synchronous(primary, ["node_b"])
    primary.execute("INSERT INTO events VALUES (1)")
    assert _ids(standby) == [1]


def _ids(server: PostgresServer) -> list[int]:
    return [number for (number,) in server.execute("SELECT id FROM events ORDER BY id")]
