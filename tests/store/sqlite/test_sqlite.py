"""The embedded store: opening it, reading it, and what it leaves on the disk."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

import apsw
import pytest

from ringfence.errors import InvalidInput, StoreMissing, Unavailable
from ringfence.store import OpenStore, open_store
from ringfence.store.sqlite.store import SqliteStore
from tests.store.together import kept, put

T = TypeVar("T")


def test_a_missing_store_is_not_made_unasked(database_url: str, tmp_path: Path) -> None:
    """The error says how to make one, and nothing is left behind."""
    with pytest.raises(StoreMissing, match="ringfence db upgrade --database sqlite:///"):
        open_store(database_url)
    assert list(tmp_path.iterdir()) == []


def test_it_makes_a_store_with_its_folders(tmp_path: Path) -> None:
    """What `create` makes is there to be opened without it."""
    url = f"sqlite:///{tmp_path}/var/lib/ringfence.db"
    open_store(url, create=True).close()
    open_store(url).close()


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_only_its_owner_reads_the_files(scratch: SqliteStore, tmp_path: Path, suffix: str) -> None:
    """The store and its journal hold what nobody else on the machine should see."""
    scratch.write(put(1))
    assert (tmp_path / f"ringfence.db{suffix}").stat().st_mode & 0o777 == 0o600


def test_the_owner_of_the_folder_owns_the_store(tmp_path: Path) -> None:
    """Also where root makes it, as an operator does for a service that runs as another user."""
    folder = tmp_path / "service"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 61234, 61235)
    open_store(f"sqlite:///{folder}/ringfence.db", create=True).close()
    made, owner = (folder / "ringfence.db").stat(), folder.stat()
    assert (made.st_uid, made.st_gid) == (owner.st_uid, owner.st_gid)


@pytest.mark.parametrize("create", [True, False])
def test_a_file_of_another_kind_is_unavailable(
    database_url: str, tmp_path: Path, *, create: bool
) -> None:
    """It is named, and not touched."""
    path = tmp_path / "ringfence.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(Unavailable, match="not a database"):
        open_store(database_url, create=create)
    assert path.read_bytes() == b"not a database" * 1000


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_is_no_store(tmp_path: Path, *, create: bool) -> None:
    """Neither is it made into one."""
    with pytest.raises(Unavailable):
        open_store(f"sqlite:///{tmp_path}", create=create)


def test_a_store_under_a_file_cannot_be_made(tmp_path: Path) -> None:
    """What stands in the way is told as the reason."""
    (tmp_path / "var").write_text("a file")
    with pytest.raises(Unavailable, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/var/ringfence.db", create=True)


def test_no_name_makes_a_store_that_forgets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`:memory:` is a store of its own on each SQLite connection: refused, or a file like any."""
    monkeypatch.chdir(tmp_path)
    try:
        store = open_store("sqlite:///:memory:", create=True)
    except InvalidInput:
        return
    try:
        store.write(lambda tx: tx.run("create table scratch (n integer)"))
        assert store.read(lambda tx: tx.all("select n from scratch")) == []
    finally:
        store.close()


def in_another_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns in a thread that never used the store before."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_a_store_that_is_gone_is_unavailable(scratch: SqliteStore, tmp_path: Path) -> None:
    """A thread that opens its first connection when the file is away gets no other error."""
    path = tmp_path / "ringfence.db"
    path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(Unavailable):
        in_another_thread(lambda: kept(scratch))
    (tmp_path / "elsewhere.db").rename(path)
    assert in_another_thread(lambda: kept(scratch)) == []


def test_upgrading_twice_leaves_the_same_bytes(
    store: OpenStore, database_url: str, path: Path
) -> None:
    """A store that is up to date is only read."""
    store.close()
    before = path.read_bytes()
    open_store(database_url, create=True).close()
    assert path.read_bytes() == before


def test_a_start_waits_for_another_that_makes_the_store(database_url: str, path: Path) -> None:
    """A file that somebody is about to write first is busy for a moment, not unavailable."""
    other = apsw.Connection(str(path))
    other.execute("begin immediate")
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(open_store, database_url, create=True)
        wait([starting], timeout=0.2)
        other.execute("rollback")
        other.close()
        starting.result().close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the file of the store is."""
    return tmp_path / "ringfence.db"
