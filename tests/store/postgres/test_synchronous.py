"""A primary that waits for its standby: nothing is acknowledged that only the primary has."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from ringfence.errors import Unavailable
from ringfence.store import Transaction
from ringfence.store.postgres.store import PostgresStore
from tests.conftest import DATABASE
from tests.postgres.replication import asynchronous, standby_of, synchronous
from tests.postgres.server import PostgresServer
from tests.store.postgres.administration import OURS, Administrator, opened
from tests.store.together import PATIENCE_S, kept, put
from tests.system.server_process import wait_until

STANDBY = "waited_for"
CONNECTIONS = 8
WAITING = f"select pid from pg_stat_activity where {OURS} and wait_event = 'SyncRep'"


@pytest.fixture
def standby(own_server: PostgresServer, tmp_path: Path) -> Iterator[PostgresServer]:
    """Return a standby for which the commits of the server wait."""
    own_server.create_database(DATABASE)
    with standby_of(own_server, tmp_path, STANDBY) as following:
        synchronous(own_server, [STANDBY])
        yield following
        asynchronous(own_server)
    own_server.drop_database(DATABASE)


@pytest.mark.parametrize("end", ["pg_terminate_backend", "pg_cancel_backend"])
def test_a_write_whose_wait_was_ended_waits_for_the_standby_too(
    own_server: PostgresServer, standby: PostgresServer, end: str
) -> None:
    """It is committed on the primary by then; that alone must not be told as success.

    Whether its session was ended by an operator, or only the wait.
    """
    url = own_server.url(DATABASE)
    with (
        opened(url, timeout_s=PATIENCE_S) as store,
        opened(url, timeout_s=2) as hasty,
        Administrator(url) as admin,
        ThreadPoolExecutor(2) as pool,
    ):
        store.write(lambda tx: tx.run("create table scratch (n integer primary key, t text)"))
        standby.freeze()
        try:
            patient, impatient = pool.submit(store.write, put(1)), pool.submit(hasty.write, put(2))
            wait_until(lambda: len(admin.run(WAITING)) == 2, "both commits wait")
            for (pid,) in admin.run(WAITING):
                admin.run(f"select {end}({pid})")
            assert isinstance(impatient.exception(PATIENCE_S), Unavailable)
            assert not patient.done()
        finally:
            standby.thaw()
        assert patient.result(PATIENCE_S) == 1
        assert kept(store) == [1, 2]


def test_commits_that_nobody_waits_for_do_not_use_the_server_up(
    own_server: PostgresServer, standby: PostgresServer
) -> None:
    """Each keeps a connection until the standby is back; so further writes are refused at once."""
    url = own_server.url(DATABASE)
    with opened(url, timeout_s=1, connections=2) as store, Administrator(url) as admin:
        store.write(lambda tx: tx.run("create table scratch (n integer primary key, t text)"))
        standby.freeze()
        try:
            for n in range(2):
                with pytest.raises(Unavailable, match="did not answer"):
                    store.write(put(n))
            for n in range(2, 12):
                with pytest.raises(Unavailable, match="2 commits wait for a standby"):
                    store.write(put(n))
            assert len(admin.run(WAITING)) == 2
            assert kept(store) == []
        finally:
            standby.thaw()
        wait_until(lambda: admin.run(WAITING) == [], "they are done")
        store.write(put(12))
        assert kept(store) == [0, 1, 12]


def test_a_primary_that_falls_silent_is_given_up_as_a_whole(
    own_server: PostgresServer, standby: PostgresServer
) -> None:
    """A machine that loses power hangs up on nobody: not every connection has to find that out."""
    ports = f"127.0.0.1:{own_server.port},127.0.0.1:{standby.port}"
    url = f"postgresql://postgres@{ports}/{DATABASE}"
    with opened(url, timeout_s=2, connections=CONNECTIONS) as store:
        store.write(lambda tx: tx.run("create table scratch (n integer primary key, t text)"))
        read_together(store)
        assert store.stats()["connections"] == CONNECTIONS
        own_server.freeze()
        try:
            standby.promote()
            failures = 0
            while not is_written(store):
                failures += 1
            assert failures <= 3
        finally:
            own_server.thaw()
            own_server.kill()
            own_server.start()


def read_together(store: PostgresStore) -> None:
    """Use as many connections as there may be."""
    meeting = Barrier(CONNECTIONS)

    def read(tx: Transaction) -> None:
        tx.one("select 1")
        meeting.wait(PATIENCE_S)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda _: store.read(read), range(CONNECTIONS)))


def is_written(store: PostgresStore) -> bool:
    """Try a write once."""
    try:
        store.write(put(1))
    except Unavailable:
        return False
    return True
