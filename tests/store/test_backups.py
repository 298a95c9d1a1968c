"""Backups: one file, whole or not there, private, and never written to by who restores it."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import sleep

import apsw
import pytest

from ringfence.errors import BackupExists, BackupFailed
from ringfence.store import OpenStore, schema
from ringfence.store.backups import back_up, open_backup
from ringfence.store.copying import copy_store
from ringfence.store.sqlite import connection as sqlite
from tests.store.contents import contents
from tests.store.copies import furnished, opened, unheard
from tests.store.test_schema import NEXT, know

WAL_OF_A_HEADER = slice(18, 20)
"""Where a SQLite file says whether it needs a log beside it: https://sqlite.org/fileformat.html"""


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every row of a copy be a chunk of its own."""
    monkeypatch.setattr(sqlite, "STREAM_ROWS", 1)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[OpenStore]:
    """Return a store with two accounts, each with one of everything."""
    with furnished(tmp_path / "source" / "ringfence.db") as store:
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a backup is to go: into a folder with nothing else in it."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "a backup?#%.db"


@pytest.fixture
def backup(source: OpenStore, path: Path) -> Path:
    """Return a backup of the source."""
    back_up(source, path, unheard)
    return path


def names(path: Path) -> list[str]:
    """Return the names of all files in the folder of a backup."""
    return sorted(each.name for each in path.parent.iterdir())


def restored(path: Path, target: Path) -> object:
    """Restore a backup and return what is in the store then."""
    with closing(open_backup(path)) as source, opened(target) as store:
        copy_store(source, store, unheard)
        return contents(store)


def test_what_is_restored_is_what_was_backed_up(
    source: OpenStore, backup: Path, tmp_path: Path
) -> None:
    """Every row of every table."""
    assert restored(backup, tmp_path / "restored.db") == contents(source)


def test_it_is_one_private_file(backup: Path) -> None:
    """Nothing beside it, for nobody else, and it needs no log to be read."""
    assert names(backup) == [backup.name]
    assert backup.stat().st_mode & 0o777 == 0o600
    assert backup.stat().st_nlink == 1
    assert backup.read_bytes()[WAL_OF_A_HEADER] == b"\x01\x01"


def test_it_is_private_from_the_first_byte(source: OpenStore, path: Path) -> None:
    """Whatever umask there is, and whichever files SQLite needs on the way."""
    modes: set[int] = set()

    def look(*_: int) -> None:
        modes.update(each.stat().st_mode & 0o777 for each in path.parent.iterdir())
        assert not path.exists()

    before = os.umask(0)
    try:
        back_up(source, path, look)
    finally:
        os.umask(before)
    assert modes == {0o600}


def put_there(path: Path) -> None:
    """Write a file that nobody may lose."""
    path.write_text("precious")


@pytest.mark.parametrize("kind", ["file", "folder", "link to nothing"])
def test_it_overwrites_nothing(source: OpenStore, path: Path, kind: str) -> None:
    """Not even a link that leads nowhere."""
    make: dict[str, Callable[[], object]] = {
        "file": lambda: put_there(path),
        "folder": path.mkdir,
        "link to nothing": lambda: path.symlink_to("nowhere"),
    }
    make[kind]()
    with pytest.raises(BackupExists):
        back_up(source, path, unheard)
    assert names(path) == [path.name]
    assert kind != "file" or path.read_text() == "precious"


def test_a_file_that_came_meanwhile_is_not_overwritten(source: OpenStore, path: Path) -> None:
    """The backup gives way."""
    with pytest.raises(BackupExists):
        back_up(source, path, lambda *_: put_there(path))
    assert (names(path), path.read_text()) == ([path.name], "precious")


def test_a_file_system_without_links_is_no_hindrance(
    source: OpenStore, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is renamed there, and overwrites nothing either."""
    monkeypatch.setattr(Path, "hardlink_to", lambda *_: _refuse())
    back_up(source, path, unheard)
    assert names(path) == [path.name]
    assert restored(path, tmp_path / "restored.db") == contents(source)
    other = path.with_name("other.db")
    with pytest.raises(BackupExists):
        back_up(source, other, lambda *_: put_there(other))
    assert other.read_text() == "precious"


def _refuse() -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_folder_that_is_not_there_is_told(source: OpenStore, tmp_path: Path) -> None:
    """In words of the system."""
    with pytest.raises(BackupFailed, match="No such file or directory"):
        back_up(source, tmp_path / "nowhere" / "backup.db", unheard)


def test_a_backup_that_fails_leaves_no_file(source: OpenStore, path: Path) -> None:
    """Neither at its place nor beside it."""

    def fail(done: int, _: int) -> None:
        if done == 5:
            raise OSError("mine")

    with pytest.raises(OSError, match="mine"):
        back_up(source, path, fail)
    assert names(path) == []


def test_a_backup_that_is_interrupted_leaves_no_file(source: OpenStore, path: Path) -> None:
    """Ctrl-C ends it before its end."""

    def interrupt(*_: int) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        sleep(0.2)

    with pytest.raises(KeyboardInterrupt):
        back_up(source, path, interrupt)
    assert names(path) == []


def test_restoring_changes_neither_the_file_nor_its_folder(backup: Path, tmp_path: Path) -> None:
    """So that it may stand where nothing can be written."""
    before = (backup.read_bytes(), backup.stat().st_mtime_ns, names(backup))
    folder = backup.parent.stat().st_mtime_ns
    restored(backup, tmp_path / "restored.db")
    assert (backup.read_bytes(), backup.stat().st_mtime_ns, names(backup)) == before
    assert backup.parent.stat().st_mtime_ns == folder


def test_a_store_at_rest_is_as_good_as_a_backup(source: OpenStore, tmp_path: Path) -> None:
    """One that was closed properly has everything in its one file, and stays as it is too."""
    expected = contents(source)
    source.close()
    path = tmp_path / "source" / "ringfence.db"
    before = path.read_bytes()
    assert restored(path, tmp_path / "restored.db") == expected
    assert (path.read_bytes(), names(path)) == (before, ["ringfence.db"])


@pytest.mark.usefixtures("source")
def test_a_store_in_use_is_not_taken_for_a_backup(tmp_path: Path) -> None:
    """Its latest changes are not in its file yet: they would be lost without a word."""
    with pytest.raises(BackupFailed, match="ringfence db copy"):
        open_backup(tmp_path / "source" / "ringfence.db")


@pytest.mark.parametrize("keep", [0, 1, 99, 100, 4095, 4096, 0.25, 0.5, 0.9, -4096, -1])
def test_a_truncated_backup_is_refused(backup: Path, keep: float) -> None:
    """Wherever it ends."""
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(BackupFailed) as refused:
        open_backup(backup)
    assert "\n" not in str(refused.value)


def test_a_damaged_page_is_refused(backup: Path) -> None:
    """Whichever page it is."""
    whole = backup.read_bytes()
    for page in range(len(whole) // 4096):
        backup.write_bytes(
            whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :],
        )
        with pytest.raises(BackupFailed) as refused:
            open_backup(backup)
        assert "\n" not in str(refused.value), page


def test_a_single_wrong_byte_is_refused(backup: Path) -> None:
    """Also in the middle of a text, where SQLite could not know."""
    whole = backup.read_bytes()
    for at in range(0, len(whole), 499):
        backup.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BackupFailed):
            open_backup(backup)


def test_a_backup_that_was_used_as_a_store_can_still_be_restored(
    source: OpenStore, backup: Path, tmp_path: Path
) -> None:
    """It was changed by who might: that is no damage."""
    with opened(backup) as store:
        assert contents(store) == contents(source)
    assert restored(backup, tmp_path / "restored.db") == contents(source)


def spoil(*statements: str) -> Callable[[Path], None]:
    """Return what runs `statements` on a file, and unseals it, as somebody may on purpose."""

    def run(path: Path) -> None:
        connection = apsw.Connection(str(path))
        for statement in (*statements, "pragma application_id = 0"):
            connection.execute(statement)
        connection.close()

    return run


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: (path.unlink(), path.mkdir()), "no such file"),
        (lambda path: path.write_bytes(b"no database" * 999), "not a database"),
        (spoil("drop table schema_migration"), "no backup of a Ringfence store"),
        (spoil("delete from schema_migration"), "no backup of a Ringfence store"),
        (spoil("insert into schema_migration values (99, 'x', 0)"), "at schema 99.*newer"),
        (spoil("pragma foreign_keys = off", "delete from batch"), "damaged: blocked_number"),
    ],
    ids=["missing", "folder", "text", "foreign", "empty", "newer", "orphans"],
)
def test_what_is_no_sound_backup_is_refused(
    backup: Path, change: Callable[[Path], object], told: str
) -> None:
    """In one line that says what is wrong with it."""
    change(backup)
    with pytest.raises(BackupFailed, match=told) as refused:
        open_backup(backup)
    assert str(refused.value).startswith(f"backup {backup}: ")
    assert "\n" not in str(refused.value)


def test_a_table_that_is_missing_is_told(backup: Path, tmp_path: Path) -> None:
    """A file that says it has our schema and has not gives nothing to the store."""
    spoil("drop table login")(backup)
    with pytest.raises(BackupFailed, match="no such table: login"):
        restored(backup, tmp_path / "restored.db")


def test_an_older_backup_says_how_to_upgrade_it(
    backup: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A copy of it; then it can be restored."""
    know(monkeypatch, NEXT)
    with pytest.raises(BackupFailed, match="ringfence db upgrade --database sqlite:///COPY"):
        open_backup(backup)
    copy = tmp_path / "copy.db"
    copy.write_bytes(backup.read_bytes())
    with opened(copy) as upgraded:
        expected = contents(upgraded)
    assert schema.newest_version() == NEXT.version
    assert restored(copy, tmp_path / "restored.db") == expected
