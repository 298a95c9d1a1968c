"""The list of tables that a copy takes along is what the migrations make."""

import pytest

from ringfence.store import Store, Transaction
from ringfence.store.sqlite.connection import DIALECT
from ringfence.store.tables import NODE_LOCAL, TABLES


@pytest.fixture
def engine() -> str:
    """Return one engine: the migrations are the same for both, and SQLite tells more of them."""
    return "sqlite"


def columns_of(tx: Transaction, table: str) -> list[tuple[str, int]]:
    """Return the columns of a table, each with its place in the primary key or 0."""
    rows = tx.all("select name, pk from pragma_table_info(?)", (table,))
    return [(row[0], row[1]) for row in rows]


def test_every_table_is_copied_or_local_to_its_node(store: Store) -> None:
    """A new one has to be put into the list or be excluded by name."""
    made = store.read(lambda tx: tx.all(DIALECT.tables))
    listed = [table.name for table in TABLES]
    assert sorted([*listed, *NODE_LOCAL]) == sorted(name for (name,) in made)


def test_every_column_is_copied(store: Store) -> None:
    """A new one has to be put into the list."""
    for table in TABLES:
        made = store.read(lambda tx, name=table.name: columns_of(tx, name))  # type: ignore[misc]
        assert sorted(table.columns) == sorted(name for name, _ in made), table.name


def test_the_keys_are_those_of_the_tables(store: Store) -> None:
    """In their order, so that a copy arrives in the order in which the target keeps it."""
    for table in TABLES:
        made = store.read(lambda tx, name=table.name: columns_of(tx, name))  # type: ignore[misc]
        key = sorted((place, name) for name, place in made if place)
        assert table.key == tuple(name for _, name in key), table.name


def test_what_a_table_refers_to_is_copied_before_it(store: Store) -> None:
    """No foreign key is ever broken on the way."""
    names = [table.name for table in TABLES]
    for at, name in enumerate(names):
        sql = 'select "table" from pragma_foreign_key_list(?)'
        referred = store.read(lambda tx, name=name, sql=sql: tx.all(sql, (name,)))  # type: ignore[misc]
        assert {other for (other,) in referred} <= set(names[:at]), name
