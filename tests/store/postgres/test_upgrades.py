"""An upgrade beside those who read for long, as a backup does."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ringfence.store import OpenStore, open_store
from ringfence.store.schema import Migration, newest_version
from tests.store.postgres.administration import Administrator, opened
from tests.store.test_schema import know
from tests.store.together import PATIENCE_S
from tests.system.server_process import wait_until

NEXT = Migration(
    newest_version() + 1,
    f"{newest_version() + 1:04}_pre_note.sql",
    "alter table account add column note text",
)
ASKING = "select 1 from pg_locks where mode = 'AccessExclusiveLock' and not granted"


def test_an_upgrade_that_waits_for_a_table_lets_readers_by(
    store: OpenStore, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever came after it would wait behind it; and it is done once the reader is."""
    store.close()
    with (
        opened(database_url, timeout_s=2) as running,
        Administrator(database_url) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        know(monkeypatch, NEXT)
        with admin.holding("lock table account in access share mode"):
            upgrade = pool.submit(open_store, database_url, create=True)
            with Administrator(database_url) as onlooker:
                wait_until(lambda: bool(onlooker.run(ASKING)), "the upgrade asks for the table")
            assert running.read(lambda tx: tx.all("select account_id from account")) == []
            assert not upgrade.done()
        upgrade.result(PATIENCE_S).close()
        assert running.read(lambda tx: tx.all("select note from account")) == []
