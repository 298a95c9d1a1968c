"""A SQLite file that is only looked at, whichever schema it has."""

from pathlib import Path

import pytest

from ringfence.store import open_store
from ringfence.store.schema import newest_version

NEWEST = newest_version()


@pytest.mark.parametrize("version", [0, NEWEST, 99])
def test_a_store_of_any_schema_can_be_looked_at(
    database_url: str, tmp_path: Path, version: int
) -> None:
    """It tells which it has, and not one byte of it changes."""
    path = tmp_path / "ringfence.db"
    if version == 0:
        path.touch()
    else:
        store = open_store(database_url, create=True)
        row = "insert into schema_migration values (?, 'x', 0)"
        store.write(lambda tx: version > NEWEST and tx.run(row, (version,)))
        store.close()
    before = path.read_bytes()
    looked_at = open_store(database_url, any_schema=True)
    facts = looked_at.describe()
    looked_at.close()
    assert (facts.schema, "account" in facts.tables) == (version, version > 0)
    assert (facts.engine, facts.size_bytes) == ("SQLite", len(before))
    assert path.read_bytes() == before
