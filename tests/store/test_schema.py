"""Which schema a store has, and how it gets to the newest."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait
from itertools import pairwise
from pathlib import Path

import apsw
import pytest

from ringfence.errors import StoreTooNew, StoreTooOld
from ringfence.store import Store, open_store, schema
from ringfence.store.schema import Migration, migrations

NEWEST = migrations()[-1].version
NEXT = Migration(NEWEST + 1, "next", "create table next_one (n integer)")
BROKEN = Migration(NEWEST + 1, "broken", "create table next_one (n integer); create tabel typo")


def applied(store: Store) -> list[tuple[int, str]]:
    """Return the version and the name of every migration that the store has seen, in order."""
    rows = store.read(
        lambda tx: tx.all("select version, name from schema_migration order by applied_at, version")
    )
    return [(row[0], row[1]) for row in rows]


def tables(path: Path) -> set[str]:
    """Return the names of the tables in a file."""
    connection = apsw.Connection(str(path))
    rows = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    connection.close()
    return {str(row[0]) for row in rows}


def know(monkeypatch: pytest.MonkeyPatch, *more: Migration) -> None:
    """Let this Ringfence know `more` migrations beside its own."""
    known = [*migrations(), *more]
    monkeypatch.setattr(schema, "migrations", lambda: known)


def test_migrations_are_numbered_without_gaps() -> None:
    """Every SQL file is one of them, and no two have one number."""
    versions = [step.version for step in migrations()]
    assert versions == list(range(1, NEWEST + 1))
    folder = Path(schema.__file__).parent / "migrations"
    assert {step.name for step in migrations()} == {file.name for file in folder.glob("*.sql")}


def test_a_fresh_store_has_the_newest_schema(store: Store) -> None:
    """Every migration was applied to it, in order."""
    assert applied(store) == [(step.version, step.name) for step in migrations()]


def test_upgrading_twice_changes_nothing(store: Store, database_url: str, tmp_path: Path) -> None:
    """The file has the same bytes afterwards."""
    store.close()
    before = (tmp_path / "ringfence.db").read_bytes()
    open_store(database_url, create=True).close()
    assert (tmp_path / "ringfence.db").read_bytes() == before


@pytest.mark.parametrize("create", [True, False])
def test_a_store_of_a_newer_ringfence_is_refused(
    store: Store, database_url: str, *, create: bool
) -> None:
    """The error says which schema it has and which are known here."""
    store.write(lambda tx: tx.run("insert into schema_migration values (99, 'later', 0)"))
    store.close()
    with pytest.raises(StoreTooNew) as refused:
        open_store(database_url, create=create)
    assert refused.value.facts == {"found": 99, "known": NEWEST}


def test_an_older_store_is_not_upgraded_unasked(
    store: Store, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says how to upgrade, and the store stays as it is."""
    store.close()
    know(monkeypatch, NEXT)
    with pytest.raises(StoreTooOld) as refused:
        open_store(database_url)
    assert refused.value.facts == {"found": NEWEST, "known": NEWEST + 1, "url": database_url}
    assert f"ringfence db upgrade --database {database_url}" in str(refused.value)
    assert "next_one" not in tables(tmp_path / "ringfence.db")


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


def test_an_empty_file_is_an_older_store(database_url: str, tmp_path: Path) -> None:
    """It is what a creation that was cut off leaves behind."""
    (tmp_path / "ringfence.db").touch()
    with pytest.raises(StoreTooOld, match="ringfence db upgrade"):
        open_store(database_url)
    open_store(database_url, create=True).close()
    assert "account" in tables(tmp_path / "ringfence.db")


def test_an_older_store_is_upgraded_when_asked(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is missing is applied, and what was in the store stays."""
    before = applied(store)
    store.close()
    know(monkeypatch, NEXT)
    upgraded = open_store(database_url, create=True)
    assert applied(upgraded) == [*before, (NEXT.version, NEXT.name)]
    upgraded.close()
    open_store(database_url).close()


def test_an_upgrade_that_fails_leaves_the_older_store(
    store: Store, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not half a migration is kept, and a mended one can be applied."""
    store.close()
    with monkeypatch.context() as broken:
        know(broken, BROKEN)
        with pytest.raises(Exception, match="syntax"):
            open_store(database_url, create=True)
    assert "next_one" not in tables(tmp_path / "ringfence.db")
    know(monkeypatch, NEXT)
    open_store(database_url, create=True).close()
    assert "next_one" in tables(tmp_path / "ringfence.db")


def test_threads_that_upgrade_at_once_agree(database_url: str) -> None:
    """Each finds the store upgraded, once."""
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(upgrade, [database_url] * 8))
    assert_applied_once(seen)


def test_processes_that_upgrade_at_once_agree(database_url: str) -> None:
    """Two services that start together on an empty folder both start."""
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        seen = list(pool.map(upgrade, [database_url] * 4))
    assert_applied_once(seen)


def test_a_start_waits_for_another_that_makes_the_store(database_url: str, tmp_path: Path) -> None:
    """A file that somebody is about to write first is busy for a moment, not unavailable."""
    other = apsw.Connection(str(tmp_path / "ringfence.db"))
    other.execute("begin immediate")
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(upgrade, database_url)
        wait([starting], timeout=0.2)
        other.execute("rollback")
        other.close()
        assert_applied_once([starting.result()])


def upgrade(url: str) -> list[tuple[int, str]]:
    """Upgrade the store at `url` and return what was ever applied to it."""
    store = open_store(url, create=True)
    try:
        return applied(store)
    finally:
        store.close()


def assert_applied_once(seen: Sequence[list[tuple[int, str]]]) -> None:
    """Check that all saw every migration, each one time."""
    assert seen[0] == [(step.version, step.name) for step in migrations()]
    assert all(one == other for one, other in pairwise(seen))
