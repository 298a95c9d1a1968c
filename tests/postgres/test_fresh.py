"""A fresh store has nothing of the test before it, whatever that did."""

from collections.abc import Callable

import psycopg
import pytest

from ringfence.store import open_store
from tests.postgres.fresh import FreshStore
from tests.postgres.server import PostgresServer
from tests.store.people import furnish

NAME = "often_fresh"


@pytest.fixture(scope="module")
def url(postgres: PostgresServer) -> str:
    """Return the address of a database of these tests."""
    postgres.create_database(NAME)
    return postgres.url(NAME)


@pytest.fixture(scope="module")
def make(postgres: PostgresServer, url: str) -> Callable[[], None]:
    """Return what makes its store fresh."""
    assert url
    return FreshStore(postgres, NAME).make


def told(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Return the rows of the last statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements[:-1]:
            connection.execute(statement.encode())
        return connection.execute(statements[-1].encode()).fetchall()


def test_rows_are_gone_and_numbers_start_again(make: Callable[[], None], url: str) -> None:
    """Without the tables being made anew."""
    seen = []
    for _ in range(2):
        make()
        store = open_store(url, create=True)
        furnish(store, "alice")
        store.close()
        seen += told(
            url, "select min(sequence), max(sequence), 'change'::regclass::oid from change"
        )
    make()
    assert seen[0][:2] == (1, 1)
    assert seen[0] == seen[1]
    assert told(url, "select count(*) from account") == [(0,)]


@pytest.mark.parametrize(
    "harm",
    [
        "create table more (n integer)",
        "drop table kept_answer",
        "drop table schema_migration",
        "alter table account add column more text",
        "alter table account alter column region drop not null",
        "alter table account alter column region set default 'IN'",
        "alter table skill rename column name to title",
        "drop index kept_answer_by_age",
        "alter table skill set (fillfactor = 50)",
        "grant select on account to public",
        "create function one() returns integer language sql as 'select 1'",
        "insert into schema_migration (version, name, applied_at) values (9999, 'x', 0)",
        "insert into path_use select 1, n::text, 0, 0 from generate_series(1, 50000) n",
        "analyze schema_migration",
        "drop schema public cascade",
    ],
)
def test_a_changed_schema_is_made_anew(make: Callable[[], None], url: str, harm: str) -> None:
    """Nothing that a test does to it is left to the next one."""
    make()
    before = told(url, "select 'account'::regclass::oid")
    told(url, "set session_replication_role = replica", harm, "select 1")
    make()
    assert told(url, "select 'account'::regclass::oid") != before
    store = open_store(url)
    furnish(store, "alice")
    store.close()
