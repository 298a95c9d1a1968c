"""Which schema a store has, and how it gets to the newest."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from ringfence.core.readiness import check_ready
from ringfence.errors import StoreMissing, StoreTooNew, StoreTooOld, Unavailable
from ringfence.store import OpenStore, open_store, schema
from ringfence.store.database import Row
from ringfence.store.schema import Migration, migrations
from tests.store.tables import tables

NEWEST = migrations()[-1].version
NEXT = Migration(NEWEST + 1, "next", "create table next_one (n integer)")
BROKEN = Migration(NEWEST + 1, "broken", "create table next_one (n integer); create tabel typo")


def applied(store: OpenStore) -> list[tuple[int, str]]:
    """Return the version and the name of every migration that the store has seen, in order."""
    rows = store.read(
        lambda tx: tx.all("select version, name from schema_migration order by applied_at, version")
    )
    return [(row[0], row[1]) for row in rows]


def tables_at(url: str) -> list[str]:
    """Return the names of the tables of the store at `url`, which is closed."""
    store = open_store(url)
    try:
        return store.read(tables)
    finally:
        store.close()


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


def test_a_fresh_store_has_the_newest_schema(store: OpenStore) -> None:
    """Every migration was applied to it, in order."""
    assert applied(store) == [(step.version, step.name) for step in migrations()]


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    """Neither the tables, nor what is remembered of the first time."""
    first, second = (upgrade(database_url) for _ in range(2))
    assert first == second
    before = moments(database_url)
    open_store(database_url, create=True).close()
    assert moments(database_url) == before


def moments(url: str) -> list[Row]:
    """Return when each migration was applied to the store at `url`."""
    store = open_store(url)
    try:
        return store.read(lambda tx: tx.all("select version, applied_at from schema_migration"))
    finally:
        store.close()


@pytest.mark.parametrize("create", [True, False])
def test_a_store_of_a_newer_ringfence_is_refused(
    store: OpenStore, database_url: str, *, create: bool
) -> None:
    """The error says which schema it has and which are known here."""
    store.write(lambda tx: tx.run("insert into schema_migration values (99, 'later', 0)"))
    store.close()
    with pytest.raises(StoreTooNew) as refused:
        open_store(database_url, create=create)
    assert refused.value.facts == {"found": 99, "known": NEWEST}


@pytest.mark.parametrize("create", [True, False])
def test_a_store_of_a_newer_ringfence_is_served_where_its_steps_allow_it(
    store: OpenStore, database_url: str, *, create: bool
) -> None:
    """Machines on one store are upgraded one after the other."""
    row = "insert into schema_migration values (?, ?, 0)"
    store.write(lambda tx: tx.run(row, (99, "0099_pre_more.sql")))
    open_store(database_url, create=create).close()
    check_ready(store)
    store.write(lambda tx: tx.run(row, (100, "0100_post_less.sql")))
    with pytest.raises(StoreTooNew):
        check_ready(store)


def test_an_older_store_is_not_upgraded_unasked(
    store: OpenStore, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says how to upgrade, and the store stays as it is."""
    store.close()
    with monkeypatch.context() as newer:
        know(newer, NEXT)
        with pytest.raises(StoreTooOld) as refused:
            open_store(database_url)
    assert refused.value.facts == {"found": NEWEST, "known": NEWEST + 1, "url": database_url}
    assert f"ringfence db upgrade --database {database_url}" in str(refused.value)
    assert "next_one" not in tables_at(database_url)


@pytest.mark.parametrize("version", [NEWEST, 99])
def test_a_store_of_any_schema_can_be_looked_at(
    engine: str, database_url: str, version: int
) -> None:
    """It tells which it has, its tables, and its size."""
    store = open_store(database_url, create=True)
    row = "insert into schema_migration values (?, 'x', 0)"
    store.write(lambda tx: version > NEWEST and tx.run(row, (version,)))
    store.close()
    looked_at = open_store(database_url, any_schema=True)
    facts = looked_at.describe()
    looked_at.close()
    assert (facts.engine.lower(), facts.schema) == (engine, version)
    assert "account" in facts.tables
    assert facts.size_bytes > 0


def test_an_empty_store_is_made_when_asked(engine: str, database_url: str, tmp_path: Path) -> None:
    """It is what a creation that was cut off leaves behind, or an administrator made."""
    if engine == "sqlite":
        (tmp_path / "ringfence.db").touch()
    with pytest.raises((Unavailable, StoreMissing), match="ringfence db upgrade"):
        open_store(database_url)
    open_store(database_url, create=True).close()
    assert "account" in tables_at(database_url)


def test_an_older_store_is_upgraded_when_asked(
    store: OpenStore, database_url: str, monkeypatch: pytest.MonkeyPatch
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
    store: OpenStore, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not half a migration is kept, and a mended one can be applied."""
    store.close()
    with monkeypatch.context() as broken:
        know(broken, BROKEN)
        with pytest.raises(Exception, match="syntax"):
            open_store(database_url, create=True)
    assert "next_one" not in tables_at(database_url)
    know(monkeypatch, NEXT)
    open_store(database_url, create=True).close()
    assert "next_one" in tables_at(database_url)


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
