"""A store copied into another: all of one state or nothing, whatever happens meanwhile."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from ringfence.core.accounts import create_account
from ringfence.errors import CopyFailed, StoreNotEmpty, StoreTooNew, Unavailable
from ringfence.model.accounts import AccountDraft
from ringfence.store import Store, accounts
from ringfence.store.copying import TableCount, copy_store, count_rows
from ringfence.store.sqlite import connection as sqlite
from ringfence.store.sqlite.connection import SqliteTransaction
from ringfence.store.tables import TABLES
from tests.store.contents import NOTHING, contents
from tests.store.copies import (
    Load,
    doubling_a_chunk,
    furnished,
    losing_a_row,
    opened,
    retrying,
    unheard,
)
from tests.store.people import NOW, furnish


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every row of a copy be a chunk of its own."""
    monkeypatch.setattr(sqlite, "STREAM_ROWS", 1)


ROWS = {table.name: 1 if table.name == "signing_secret" else 2 for table in TABLES}
"""How many rows of each table the source has: what signs tokens is one for all accounts."""

TOTAL = sum(ROWS.values())


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    """Return a store with two accounts, each with one of everything."""
    with furnished(tmp_path / "source.db") as store:
        yield store


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    """Return a store with nothing in it."""
    with opened(tmp_path / "target.db") as store:
        yield store


def test_a_copy_is_the_same(source: Store, target: Store) -> None:
    """Every row of every table, and the source stays as it is."""
    before = contents(source)
    counts = copy_store(source, target, unheard)
    assert contents(target) == contents(source) == before
    assert counts == [TableCount(name, rows, rows) for name, rows in ROWS.items()]
    assert all(before.values())


def test_an_empty_store_is_copied(source: Store, target: Store, tmp_path: Path) -> None:
    """It is nothing, and stays ready to be filled."""
    with opened(tmp_path / "empty.db") as empty:
        counts = copy_store(empty, target, unheard)
    assert counts == [TableCount(table.name, 0, 0) for table in TABLES]
    copy_store(source, target, unheard)
    assert contents(target) == contents(source)


def test_a_copy_goes_on_where_the_source_was(source: Store, target: Store) -> None:
    """No id that was ever used is handed out again."""
    copy_store(source, target, unheard)
    assert furnish(target, "carol") == furnish(source, "carol")
    assert contents(target) == contents(source)


def test_a_store_with_an_account_is_not_copied_into(source: Store, target: Store) -> None:
    """It stays as it is."""
    furnish(target, "carol")
    before = contents(target)
    with pytest.raises(StoreNotEmpty):
        copy_store(source, target, unheard)
    assert contents(target) == before


def test_a_row_without_an_account_is_in_the_way_too(source: Store, target: Store) -> None:
    """Two stores are not mixed, however little there is of one."""
    target.write(lambda tx: tx.run("insert into login values ('of nobody', 7)"))
    with pytest.raises(StoreNotEmpty):
        copy_store(source, target, unheard)


def test_progress_comes_to_its_end(source: Store, target: Store) -> None:
    """It grows row by row up to all of them."""
    heard: list[tuple[int, int]] = []
    copy_store(source, target, lambda done, total: heard.append((done, total)))
    assert heard == [(done, TOTAL) for done in range(1, TOTAL + 1)]


def test_what_is_written_meanwhile_is_not_copied(source: Store, target: Store) -> None:
    """The copy is the state in which it began, though the source takes writes all the time."""
    before = contents(source)
    copy_store(source, target, lambda done, _: furnish_nth(source, done))
    assert contents(target) == before
    assert len(contents(source)["account"]) == 2 + TOTAL


def furnish_nth(store: Store, number: int) -> None:
    """Make one more account."""
    create_account(store, AccountDraft(f"meanwhile{number}"), at=NOW)


def test_others_see_the_target_empty_or_whole(source: Store, target: Store, tmp_path: Path) -> None:
    """A server on it finds no account until all of the copy is there."""
    seen: list[bool] = []
    with opened(tmp_path / "target.db") as server:
        copy_store(source, target, lambda *_: seen.append(contents(server) == NOTHING))
        assert contents(server) == contents(source)
    assert seen == [True] * len(seen)
    assert seen


def test_who_writes_to_the_target_meanwhile_comes_after_the_copy(
    source: Store, target: Store, tmp_path: Path
) -> None:
    """The copy stays what it is, and the newcomer gets an id of its own."""
    with opened(tmp_path / "target.db") as server, ThreadPoolExecutor(1) as pool:
        newcomer = []

        def arrive(done: int, _: int) -> None:
            if done == 1:
                newcomer.append(pool.submit(furnish, server, "carol"))
                sleep(0.05)

        copy_store(source, target, arrive)
        account = newcomer[0].result()
    assert account.account_id == 3
    furnish(source, "carol")
    assert contents(target) == contents(source)


def test_who_was_in_the_target_first_keeps_it(source: Store, target: Store, tmp_path: Path) -> None:
    """An account that comes between the opening and the copy is not mixed with others."""
    with opened(tmp_path / "target.db") as server:
        furnish(server, "carol")
        before = contents(server)
        with pytest.raises(StoreNotEmpty):
            copy_store(source, target, unheard)
        assert contents(server) == before


def test_a_target_may_try_again(source: Store, target: Store) -> None:
    """What a database gave up is copied anew, from the same state, and counted from the start."""
    heard: list[int] = []
    counts = copy_store(source, retrying(target), lambda done, _: heard.append(done))
    assert contents(target) == contents(source)
    assert counts == [TableCount(name, rows, rows) for name, rows in ROWS.items()]
    assert heard == [*range(1, TOTAL + 1)] * 2


@pytest.mark.parametrize("at", [1, len(TABLES), TOTAL])
def test_a_copy_that_fails_leaves_nothing(source: Store, target: Store, at: int) -> None:
    """At its first row, on the way, at its last."""

    def fail(done: int, _: int) -> None:
        if done == at:
            raise OSError("mine")

    with pytest.raises(OSError, match="mine"):
        copy_store(source, target, fail)
    assert contents(target) == NOTHING
    copy_store(source, target, unheard)
    assert contents(target) == contents(source)


@pytest.mark.parametrize(
    ("bad", "told"), [(losing_a_row, "0 of 2 rows arrived"), (doubling_a_chunk, "UNIQUE")]
)
def test_a_copy_that_does_not_arrive_as_it_left_leaves_nothing(
    source: Store,
    target: Store,
    monkeypatch: pytest.MonkeyPatch,
    bad: Callable[[Load], Load],
    told: str,
) -> None:
    """The error names the table and what is wrong with it."""
    monkeypatch.setattr(SqliteTransaction, "load", bad(SqliteTransaction.load))
    with pytest.raises(CopyFailed, match=f"table account could not be copied.*{told}"):
        copy_store(source, target, unheard)
    assert contents(target) == NOTHING


def test_a_copy_can_be_interrupted(source: Store, target: Store) -> None:
    """Ctrl-C ends it at the next chunk, though the target works in a thread of its own."""
    heard: list[int] = []

    def interrupt(done: int, _: int) -> None:
        heard.append(done)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        sleep(0.2)

    with pytest.raises(KeyboardInterrupt):
        copy_store(source, target, interrupt)
    assert len(heard) < len(TABLES)
    assert contents(target) == NOTHING
    assert contents(source) != NOTHING


def test_a_copy_that_was_left_before_it_began_does_not_begin(
    source: Store, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the work after its caller has gone gets no copy of it."""
    late: list[Callable[[SqliteTransaction], object]] = []

    def leave(work: Callable[[SqliteTransaction], object]) -> None:
        late.append(work)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(target, "write", leave)
        with pytest.raises(KeyboardInterrupt):
            copy_store(source, target, unheard)
    with pytest.raises(Unavailable, match="interrupted"):
        target.write(late[0])  # type: ignore[arg-type]
    assert contents(target) == NOTHING


def test_rows_are_counted_whichever_tables_there_are(source: Store) -> None:
    """Those known here in their order, then those of a newer Ringfence; not what is local."""
    source.write(lambda tx: tx.run("create table a_newer_one (n integer)"))
    names = ["schema_migration", "a_newer_one", "skill", "account"]
    counted = source.read(lambda tx: count_rows(tx, names))
    assert list(counted.items()) == [("account", 2), ("skill", 2), ("a_newer_one", 0)]


def test_the_accounts_of_a_copy_are_found(source: Store, target: Store) -> None:
    """The copy is a store like any: its rows make the nouns that were put in."""
    copy_store(source, target, unheard)
    assert target.read(accounts.select_accounts) == source.read(accounts.select_accounts)


def test_a_store_of_a_newer_schema_is_not_copied(store: Store) -> None:
    """Be its steps of a kind that suits this version: it may have tables not known here."""
    row = "insert into schema_migration values (99, '0099_pre_more.sql', 0)"
    store.write(lambda tx: tx.run(row))
    with pytest.raises(StoreTooNew):
        copy_store(store, store, lambda *_: None)
