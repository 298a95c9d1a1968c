"""`ringfence db`: look at a store, back it up, restore it, copy it."""

import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.store import Store, open_store, schema
from ringfence.store.database import Row
from ringfence.store.tables import TABLES
from tests.cli.commands import Run, start
from tests.cli.stores import block
from tests.store.contents import NOTHING, contents
from tests.store.test_schema import NEXT, know

pytestmark = pytest.mark.usefixtures("alice")

STORE = "sqlite:///var/ringfence.db"
OTHER = "sqlite:///other.db"
ROWS = 9
"""What an account with a key, a skill, a group, a blocked number and the record of both is."""


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Open a store behind the commands' backs, and close it afterwards."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def held(url: str) -> dict[str, list[Row]]:
    """Return all that a store holds."""
    with opened(url) as store:
        return contents(store)


@pytest.fixture
def here(engine: str, database_url: str) -> str:
    """Return the URL of the store that the commands work on."""
    return STORE if engine == "sqlite" else database_url


@pytest.fixture(autouse=True)
def _blocked(alice: str, tmp_path: Path) -> None:
    """Have a row in most tables."""
    assert alice
    block(tmp_path, "Spam", "9812345678", None)


def test_status_tells_what_the_store_is(here: str, ringfence: Run, engine: str) -> None:
    """As JSON for a script."""
    told = ringfence("db", "status", "--json").json
    version, size, rows = (told.pop(name) for name in ("version", "sizeBytes", "rows"))
    newest = schema.newest_version()
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine]
    assert told == {"store": here, "engine": name, "schema": newest, "newestSchema": newest}
    assert version[0].isdigit()
    assert size > 0
    assert list(rows) == [table.name for table in TABLES]
    assert (sum(rows.values()), rows["blocked_number"]) == (ROWS, 1)


def test_status_tells_it_to_a_person(here: str, ringfence: Run) -> None:
    """One fact a line."""
    told = dict(line.split(None, 1) for line in ringfence("db", "status").lines)
    assert (told["store"], told["rows.account"]) == (here, "1")


@pytest.mark.parametrize("newer", [True, False])
def test_status_tells_of_any_schema(
    here: str, ringfence: Run, monkeypatch: pytest.MonkeyPatch, *, newer: bool
) -> None:
    """That is when it is asked for."""
    newest = schema.newest_version()
    if newer:
        with opened(here) as store:
            store.write(lambda tx: tx.run("insert into schema_migration values (99, 'x', 0)"))
    else:
        know(monkeypatch, NEXT)
    told = ringfence("db", "status", "--json")
    expected = (0, 99, newest) if newer else (0, newest, newest + 1)
    assert (told.code, told.json["schema"], told.json["newestSchema"]) == expected


def test_a_backup_is_restored_into_a_new_store(here: str, ringfence: Run) -> None:
    """Both say how many rows it was, and nothing on standard error that is no terminal."""
    saved = ringfence("db", "backup", "a.backup")
    told = f"{ROWS} rows are backed up to a.backup.\n"
    assert (saved.code, saved.out, saved.err) == (0, told, "")
    restored = ringfence("db", "restore", "a.backup", "--database", OTHER)
    told = f"{ROWS} rows are restored to {OTHER}.\n"
    assert (restored.code, restored.out, restored.err) == (0, told, "")
    assert held(OTHER) == held(here)


def test_a_backup_is_restored_into_an_empty_store(here: str, ringfence: Run) -> None:
    """One that was made before and has no account."""
    ringfence("db", "backup", "a.backup")
    ringfence("db", "upgrade", "--database", OTHER)
    assert ringfence("db", "restore", "a.backup", "--database", OTHER).code == 0
    assert held(OTHER) == held(here)


def test_a_backup_is_not_restored_over_accounts(ringfence: Run) -> None:
    """The store stays as it is."""
    ringfence("db", "backup", "a.backup")
    ringfence("account", "create", "bob", "--database", OTHER)
    before = held(OTHER)
    assert_refused(ringfence("db", "restore", "a.backup", "--database", OTHER), "holds accounts")
    assert held(OTHER) == before


def test_a_backup_overwrites_nothing(ringfence: Run, tmp_path: Path) -> None:
    """Whatever the file is."""
    (tmp_path / "a.backup").write_text("precious")
    assert_refused(ringfence("db", "backup", "a.backup"), "there is something at a.backup already")
    assert (tmp_path / "a.backup").read_text() == "precious"


@pytest.mark.parametrize("damage", ["truncated", "foreign", "missing"])
def test_a_damaged_backup_makes_no_store(ringfence: Run, tmp_path: Path, damage: str) -> None:
    """Not even an empty one."""
    ringfence("db", "backup", "a.backup")
    path = tmp_path / "a.backup"
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:9000] if damage == "truncated" else b"mine" * 999)
    assert_refused(ringfence("db", "restore", "a.backup", "--database", OTHER), "backup a.backup: ")
    assert not (tmp_path / "other.db").exists()


def test_a_copy_is_counted(here: str, ringfence: Run) -> None:
    """As JSON and as a table, each table in both stores."""
    copied = ringfence("db", "copy", here, OTHER, "--json")
    assert (copied.code, copied.err) == (0, "")
    assert [each["table"] for each in copied.json] == [table.name for table in TABLES]
    assert sum(each["to"] for each in copied.json) == ROWS
    assert all(each["from"] == each["to"] for each in copied.json)
    assert held(OTHER) == held(here)
    copied = ringfence("db", "copy", here, "sqlite:///third.db")
    lines = [line.split() for line in copied.lines]
    assert lines[:2] == [["table", "from", "to"], ["account", "1", "1"]]


def test_a_store_is_not_copied_onto_itself(ringfence: Run) -> None:
    """By whichever name."""
    refused = ringfence("db", "copy", STORE, "sqlite:///./var/ringfence.db")
    assert_refused(refused, "one store")


def test_a_store_is_not_copied_over_accounts(here: str, ringfence: Run) -> None:
    """The other stays as it is."""
    ringfence("account", "create", "bob", "--database", OTHER)
    before = held(OTHER)
    assert_refused(ringfence("db", "copy", here, OTHER), "holds accounts")
    assert held(OTHER) == before


def test_an_older_store_says_how_to_upgrade_it(
    here: str, ringfence: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By its own URL, and the other store is not made."""
    know(monkeypatch, NEXT)
    refused = ringfence("db", "copy", here, OTHER)
    assert_refused(refused, f"run: ringfence db upgrade --database {here}")
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("words", [(STORE, "nonsense"), ("mysql://u:hidden@h/db", OTHER)])
def test_a_copy_needs_two_urls(ringfence: Run, words: tuple[str, str]) -> None:
    """What is none is told, without its password."""
    refused = ringfence("db", "copy", *words)
    assert_refused(refused, "ringfence: ")
    assert "hidden" not in refused.err


def test_progress_is_shown_on_a_terminal(here: str, tmp_path: Path) -> None:
    """On standard error, so that what is printed stays what was asked for."""
    terminal, far_end = pty.openpty()
    words = ("db", "copy", here, OTHER, "--json")
    with start(*words, folder=tmp_path, stdout=subprocess.PIPE, stderr=far_end) as process:
        os.close(far_end)
        shown = read_terminal(terminal)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out.startswith(b"[")
    assert f"{ROWS} / {ROWS} rows" in shown
    assert held(OTHER) == held(here) != NOTHING


def read_terminal(terminal: int) -> str:
    """Return what is written to a terminal until nobody is left to write."""
    shown = b""
    try:
        while part := os.read(terminal, 65536):
            shown += part
    except OSError:  # this is how Linux says so
        pass
    finally:
        os.close(terminal)
    return shown.decode()


def assert_refused(outcome: object, why: str) -> None:
    """Check that a command failed as all do: 2, nothing printed, one line of why."""
    code, out, err = (getattr(outcome, name) for name in ("code", "out", "err"))
    assert (code, out) == (2, "")
    assert err.startswith("ringfence: ")
    assert err.count("\n") == 1
    assert why in err
