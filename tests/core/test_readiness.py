"""Whether the service can serve: the store can be read and has the schema that is needed."""

from pathlib import Path

import pytest

from ringfence.core.readiness import check_ready
from ringfence.errors import StoreTooNew, StoreTooOld, Unavailable
from ringfence.store import Store, open_store


def run(store: Store, statement: str) -> None:
    """Run one statement on the store."""
    store.write(lambda tx: tx.run(statement))


def test_a_store_that_is_up_to_date_is_ready(store: Store) -> None:
    """Nothing is raised."""
    check_ready(store)


def test_an_older_schema_is_not_ready(store: Store) -> None:
    """The reason says what to do."""
    run(store, "delete from schema_migration")
    with pytest.raises(StoreTooOld, match=r"at schema 0 .* run: ringfence db upgrade"):
        check_ready(store)


def test_a_newer_schema_is_not_ready(store: Store) -> None:
    """Somebody upgraded the store under a running service."""
    run(store, "insert into schema_migration values (9999, '9999_post_later.sql', 0)")
    with pytest.raises(StoreTooNew, match="at schema 9999"):
        check_ready(store)


def test_a_store_that_cannot_be_read_is_not_ready(tmp_path: Path) -> None:
    """It is closed."""
    store = open_store(f"sqlite:///{tmp_path / 'closed.db'}", create=True)
    store.close()
    with pytest.raises(Unavailable):
        check_ready(store)
