"""Databases that are not opened, each with one line that says why and shows no password."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.errors import StoreMissing, Unavailable
from ringfence.store import open_store
from ringfence.store.postgres import opening
from tests.conftest import DATABASE
from tests.postgres.fresh import EMPTY
from tests.postgres.replication import standby_of
from tests.postgres.server import PostgresServer
from tests.store.postgres.administration import Administrator, opened

SECRET = "s3cret-of-ours"


@pytest.fixture
def fresh(postgres: PostgresServer) -> Iterator[str]:
    """Return the name of a database that is there only for one test."""
    name = "other"
    yield name
    postgres.execute(f'drop database if exists "{name}" with (force)')


def refusal(url: str, *, create: bool = True) -> str:
    """Return why the database at `url` is not opened."""
    with pytest.raises(Unavailable) as refused:
        open_store(url, create=create)
    told = str(refused.value)
    assert "\n" not in told
    assert SECRET not in told
    return told


def test_a_wrong_password_is_refused(own_server: PostgresServer) -> None:
    """Whether the user exists is not told either."""
    own_server.execute(f"create role guarded login password '{SECRET}x'")
    rules = own_server.data / "pg_hba.conf"
    others = rules.read_text("utf-8")
    rules.write_text(f"host all guarded,nobody 127.0.0.1/32 scram-sha-256\n{others}", "utf-8")
    own_server.execute("select pg_reload_conf()")
    for user in ("guarded", "nobody"):
        url = re.sub("//postgres@", f"//{user}:{SECRET}@", own_server.url())
        assert f'password authentication failed for user "{user}"' in refusal(url)


@pytest.mark.parametrize("create", [True, False])
def test_a_database_that_is_not_there_is_refused(postgres: PostgresServer, *, create: bool) -> None:
    """Ringfence makes its tables, not the database."""
    assert 'database "nowhere" does not exist' in refusal(postgres.url("nowhere"), create=create)


def test_a_server_that_is_not_there_is_refused() -> None:
    """At once where the machine is."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    url = f"postgresql://postgres:{SECRET}@127.0.0.1:{port}/ringfence"
    assert re.search("(?i)connection refused", refusal(url))


def test_a_server_that_does_not_answer_is_refused() -> None:
    """After two seconds, here of one that takes connections and is mute."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert "timeout" in refusal(f"postgresql://postgres:{SECRET}@127.0.0.1:{port}/ringfence")


def test_another_encoding_is_refused(postgres: PostgresServer, fresh: str) -> None:
    """It could not keep every name, and would compare others as bytes."""
    postgres.execute(f"create database {fresh} template template0 encoding 'SQL_ASCII' locale 'C'")
    assert "must have the encoding UTF8" in refusal(postgres.url(fresh))


@pytest.mark.parametrize("create", [True, False])
def test_another_programs_tables_are_not_touched(
    database_url: str, admin: Administrator, *, create: bool
) -> None:
    """Whether the store may be made or not."""
    admin.run("create table account (id integer primary key, owner text)")
    assert "belongs to another program" in refusal(database_url, create=create)
    assert admin.run("select tablename from pg_tables where schemaname = 'public'") == [
        ("account",)
    ]


def test_another_programs_tables_in_another_schema_do_not_matter(
    database_url: str, admin: Administrator
) -> None:
    """A schema is what the search path names."""
    admin.run("create schema if not exists theirs")
    admin.run("create table theirs.account (id integer primary key)")
    try:
        with opened(database_url) as store:
            assert store.read(lambda tx: tx.all("select * from account")) == []
    finally:
        admin.run("drop schema theirs cascade")


def test_an_older_server_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is made."""
    monkeypatch.setattr(opening, "OLDEST_SERVER", 990_000)
    assert "PostgreSQL 15 or newer is needed" in refusal(database_url)


def test_a_user_who_may_not_make_tables_is_refused(
    postgres: PostgresServer, database_url: str, admin: Administrator
) -> None:
    """An administrator forgot to grant it."""
    postgres.execute("create role reader login")
    admin.run("grant usage on schema public to reader")
    reader = database_url.replace("//postgres@", "//reader@")
    assert "permission denied for schema public" in refusal(reader)
    admin.run("drop owned by reader")
    admin.run("drop role reader")


def test_an_empty_database_is_not_filled_unasked(database_url: str) -> None:
    """The error says how to fill it."""
    with pytest.raises(StoreMissing, match="ringfence db upgrade"):
        open_store(database_url)


def test_of_several_hosts_the_one_that_writes_is_used(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    """Wherever it stands in the list; a standby alone is refused."""
    own_server.execute(EMPTY)
    own_server.create_database(DATABASE)
    with standby_of(own_server, tmp_path, "follower") as standby:
        ports = (own_server.port, standby.port)
        for one, other in (ports, reversed(ports)):
            hosts = f"127.0.0.1:{one},127.0.0.1:{other}"
            with opened(f"postgresql://postgres@{hosts}/{DATABASE}") as store:
                store.write(lambda tx: tx.run("delete from login"))
                assert store.read(lambda tx: tx.one("select pg_is_in_recovery()")) == (False,)
        assert "read-only" in refusal(standby.url(DATABASE))
