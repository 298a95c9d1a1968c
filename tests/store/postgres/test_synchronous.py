"""A primary that waits for its standby: nothing is acknowledged that only the primary has."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ringfence.errors import Unavailable
from tests.conftest import DATABASE
from tests.postgres.replication import asynchronous, standby_of, synchronous
from tests.postgres.server import PostgresServer
from tests.store.postgres.administration import OURS, Administrator, opened
from tests.store.together import PATIENCE_S, kept, put
from tests.system.server_process import wait_until

STANDBY = "waited_for"
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
