"""Whatever the server's settings say, commits are durable and texts compare as on SQLite."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.store import OpenStore, Transaction, open_store
from ringfence.store.database import Row
from ringfence.store.postgres.store import PostgresStore
from tests.conftest import DATABASE, ENGINES
from tests.postgres.server import PostgresServer
from tests.store.postgres.administration import Administrator, opened
from tests.store.together import PATIENCE_S, perform_together
from tests.system.server_process import wait_until

TEXTS = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    unique=True,
    max_size=20,
)


OPTION = "-c default_transaction_isolation="
ESCAPED_SPACE = "\\ "


def show(store: PostgresStore, setting: str) -> set[object]:
    """Return what a setting is on all connections of the store."""
    works = [lambda: store.read(lambda tx: tx.one(f"show {setting}"))] * 20
    return set(perform_together(store, works))


@pytest.mark.parametrize("level", ["off", "on", "local", "remote_apply"])
def test_commits_are_at_least_durable(database_url: str, admin: Administrator, level: str) -> None:
    """Where the server says `off` we say `on`; what says more is left alone."""
    admin.run(f"alter database {DATABASE} set synchronous_commit = {level}")
    try:
        with opened(database_url) as store:
            assert show(store, "synchronous_commit") == {("on" if level == "off" else level,)}
    finally:
        admin.run(f"alter database {DATABASE} reset synchronous_commit")


def test_commits_stay_durable_when_the_setting_changes(own_server: PostgresServer) -> None:
    """A server that is told so while we are connected."""
    own_server.execute("alter system set synchronous_commit = on")
    own_server.reload()
    wait_until(lambda: setting_of(own_server) == "on", "the setting holds")
    with opened(own_server.url()) as store:
        assert show(store, "synchronous_commit") == {("on",)}
        own_server.execute("alter system set synchronous_commit = off")
        own_server.reload()
        wait_until(lambda: setting_of(own_server) == "off", "the setting holds")
        assert show(store, "synchronous_commit") == {("on",)}


def setting_of(server: PostgresServer) -> object:
    """Return what others get."""
    [[level]] = server.execute("show synchronous_commit")
    return level


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_a_stricter_server_is_served_too(database_url: str, level: str) -> None:
    """What we need of isolation is said in every transaction, also in that of an upgrade."""
    url = f"{database_url}?options={quote(OPTION + level.replace(' ', ESCAPED_SPACE))}"

    def start(_: int) -> None:
        with opened(url, timeout_s=PATIENCE_S):
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))
    with opened(url, timeout_s=PATIENCE_S) as store:
        assert show(store, "default_transaction_isolation") == {(level,)}
        store.write(lambda tx: tx.run("insert into login values ('a', 0)"))
        add = "update login set account_id = account_id + 1"
        perform_together(store, [lambda: store.write(lambda tx: tx.run(add))] * 50)
        assert store.read(lambda tx: tx.all("select account_id from login")) == [(50,)]


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[dict[str, OpenStore]]:
    """Return a store of each engine, each with the same table."""
    name = "ordering"
    postgres.create_database(name)
    folder: Path = tmp_path_factory.mktemp("ordering")
    urls = [f"sqlite:///{folder}/ringfence.db", postgres.url(name)]
    stores = {
        engine: open_store(url, create=True) for engine, url in zip(ENGINES, urls, strict=True)
    }
    yield stores
    for each in stores.values():
        each.close()
    postgres.drop_database(name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=TEXTS)
def test_texts_have_the_same_order(both: dict[str, OpenStore], texts: list[str]) -> None:
    """That of their code points, whatever the language of the server."""

    def ordered(tx: Transaction) -> list[Row]:
        tx.run("delete from login")
        tx.run_many("insert into login values (?, 1)", [(text,) for text in texts])
        return tx.all("select user_name from login order by user_name")

    told = [store.write(ordered) for store in both.values()]
    assert told[0] == told[1] == [(text,) for text in sorted(texts)]
