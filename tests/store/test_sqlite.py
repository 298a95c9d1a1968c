"""The embedded store: opening it, reading it, and what it leaves on the disk."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw
import pytest

from ringfence.errors import InvalidInput, StoreMissing, Unavailable
from ringfence.store import Store, open_store
from ringfence.store.sqlite import SqliteStore
from tests.store.together import kept, put

T = TypeVar("T")


def in_another_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns in a thread that never used the store before."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


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


def test_a_read_returns_what_its_work_returned(scratch: SqliteStore) -> None:
    """A write that returned is seen by the next read, in any thread."""
    scratch.write(put(1))
    assert kept(scratch) == in_another_thread(lambda: kept(scratch)) == [1]
    scratch.write(put(2))
    assert kept(scratch) == in_another_thread(lambda: kept(scratch)) == [1, 2]


def test_a_read_sees_one_state(scratch: SqliteStore) -> None:
    """What others write meanwhile is not in it, however late it looks."""
    scratch.write(put(1))
    count = "select count(*) from scratch"
    seen = scratch.read(lambda tx: [tx.one(count), scratch.write(put(2)), tx.one(count)])
    assert seen == [(1,), 2, (1,)]
    assert kept(scratch) == [1, 2]


def test_a_read_changes_nothing(scratch: SqliteStore) -> None:
    """Work that writes where it may only read is refused."""
    with pytest.raises(Unavailable):
        scratch.read(put(1))
    assert kept(scratch) == []


def test_a_read_raises_what_its_work_raised(scratch: SqliteStore) -> None:
    """The error is the very one, and the next read works."""
    error = ValueError("mine")

    def fail(_: object) -> None:
        raise error

    with pytest.raises(ValueError, match="mine") as raised:
        scratch.read(fail)
    assert raised.value is error
    assert kept(scratch) == []


def test_only_a_taken_key_is_a_clash(scratch: SqliteStore) -> None:
    """Another rule of a table that was broken is a mistake of ours, and told as it is."""
    orphan = "insert into skill values (99, 1, 'of nobody', 'of nobody')"
    empty = "insert into login values (null, 1)"
    for statement in (orphan, empty):
        with pytest.raises(apsw.ConstraintError):
            scratch.write(lambda tx, sql=statement: tx.run(sql))  # type: ignore[misc]


def test_a_store_that_is_gone_is_unavailable(scratch: SqliteStore, tmp_path: Path) -> None:
    """A thread that opens its first connection when the file is away gets no other error."""
    path = tmp_path / "ringfence.db"
    path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(Unavailable):
        in_another_thread(lambda: kept(scratch))
    (tmp_path / "elsewhere.db").rename(path)
    assert in_another_thread(lambda: kept(scratch)) == []


@pytest.mark.parametrize("where", ["same thread", "another thread"])
def test_a_read_after_close_is_unavailable(scratch: SqliteStore, where: str) -> None:
    """A closed store has let go of its file; nothing opens it again behind its back."""
    assert kept(scratch) == []
    scratch.close()
    with pytest.raises(Unavailable):
        kept(scratch) if where == "same thread" else in_another_thread(lambda: kept(scratch))


def test_a_crash_after_a_write_loses_nothing(database_url: str, tmp_path: Path) -> None:
    """A process that ends without closing leaves every write that returned."""
    open_store(database_url, create=True).close()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        written = pool.submit(write_and_leave_open, database_url).result()
    assert written == 10
    connection = apsw.Connection(str(tmp_path / "ringfence.db"))
    assert connection.execute("select count(*) from scratch").fetchall() == [(10,)]
    connection.close()


def write_and_leave_open(url: str) -> int:
    """Write ten rows and return without closing; the process then ends."""
    store: Store = open_store(url)
    store.write(lambda tx: tx.run("create table scratch (n integer)"))
    for n in range(10):
        store.write(lambda tx, n=n: tx.run("insert into scratch values (?)", (n,)))  # type: ignore[misc]
    return 10
