"""Backups of a store that serves, and what a backup that is killed leaves behind."""

import re
import resource
import signal
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import pytest

from ringfence.store import Transaction, open_store
from ringfence.store.backups import open_backup
from tests.store.contents import contents
from tests.store.people import furnish
from tests.system.client import SAVED, Account, Answer
from tests.system.conftest import MakeFolder
from tests.system.server_process import (
    ServerProcess,
    command,
    environment,
    ringfence,
    run_ringfence,
    store_url,
    wait_until,
)
from tests.system.stores import rows
from tests.system.writers import (
    NUMBERS_A_REQUEST,
    Found,
    Request,
    Writer,
    entries,
    looked_at,
    names,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITERS = 4
WRITES_BEFORE_A_BACKUP = 200
USER = "writer"
LARGE = 300_000
"""Blocked numbers of a store whose backup takes long enough to be killed half-way."""


@dataclass(frozen=True)
class Backup:
    """A backup that was taken under parallel writes, restored, and what came before it."""

    phones_before: Sequence[Request]
    batches_before: Sequence[Request]
    found: Found
    served: Found
    surprises: Sequence[Answer]


@pytest.fixture(scope="module")
def backup(make_folder: MakeFolder) -> Backup:
    """Back up the store of a server with four writers, go on a little, restore elsewhere."""
    folder, elsewhere = make_folder(), make_folder()
    printed = ringfence(folder, "account", "create", USER, "--phone-number-limit", "1000000")
    account = Account(USER, dict(line.split(None, 1) for line in printed.splitlines())["apiKey"])
    writers = [Writer(number) for number in range(WRITERS)]
    with ServerProcess(folder) as server, ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(writer.run, server.client(account)) for writer in writers]
        try:
            wait_for(writers, WRITES_BEFORE_A_BACKUP)
            phones, batches = acknowledged(writers)
            ringfence(folder, "db", "backup", "a.backup")
            wait_for(writers, written(writers) + WRITES_BEFORE_A_BACKUP)
        finally:
            server.kill()
        for each in running:
            each.result()
    ringfence(elsewhere, "db", "restore", str(folder / "a.backup"))
    surprises = [answer for writer in writers for answer in writer.surprises]
    found, served = (looked_at(store_url(each), writers) for each in (elsewhere, folder))
    return Backup(phones, batches, found, served, surprises)


def wait_for(writers: Sequence[Writer], count: int) -> None:
    """Wait until so many requests were begun."""
    wait_until(lambda: written(writers) >= count, "enough writes")


def acknowledged(writers: Sequence[Writer]) -> tuple[list[Request], list[Request]]:
    """Return the phone numbers and the batches that were acknowledged up to now."""
    phones = [each for writer in writers for each in list(writer.phones) if each.acknowledged]
    batches = [each for writer in writers for each in list(writer.batches) if each.acknowledged]
    return phones, batches


def test_a_backup_does_not_disturb_the_callers(backup: Backup) -> None:
    """None of them met an error while it was taken."""
    assert backup.surprises == []


def test_it_was_taken_in_the_midst_of_writes(backup: Backup) -> None:
    """Otherwise what follows would prove little: the served store has more than the backup."""
    assert backup.phones_before
    assert backup.batches_before
    assert len(backup.found.stored) < len(backup.served.stored)


def test_what_was_acknowledged_before_is_in_the_backup(backup: Backup) -> None:
    """Every phone number, and every blocked number in its group."""
    assert names(backup.phones_before, acknowledged=True) <= set(backup.found.stored)
    before = {entry for each in backup.batches_before for entry in entries(each)}
    assert before <= set(backup.found.blocked)


def test_nothing_is_in_the_backup_that_nobody_asked_for(backup: Backup) -> None:
    """It is a state that the store was in: part of what is served in the end."""
    assert set(backup.found.stored) <= set(backup.served.stored)
    assert set(backup.found.blocked) <= set(backup.served.blocked)


def test_the_count_in_a_backup_is_the_number_of_its_records(backup: Backup) -> None:
    """The counter and the rows are of one moment."""
    assert backup.found.used == len(backup.found.stored) == len(set(backup.found.stored))


def test_every_request_is_in_the_backup_whole_or_not_at_all(backup: Backup) -> None:
    """All twenty numbers or none, and no group without its numbers."""
    blocked = set(backup.found.blocked)
    kept = [len(entries(each) & blocked) for each in backup.found.batches]
    assert set(kept) <= {0, NUMBERS_A_REQUEST}
    assert sum(kept) == len(backup.found.blocked)
    assert set(backup.found.groups) == {name for name, _ in backup.found.blocked}


def test_the_restored_store_is_sound(backup: Backup) -> None:
    """It finds no damage itself, and nothing refers to what is not there."""
    assert backup.found.damage == []
    assert backup.found.dangling == []


def test_a_restored_store_serves(tmp_path: Path) -> None:
    """The keys that were in it let their callers in."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    with ServerProcess(before) as server:
        account = server.account
        ringfence(before, "db", "backup", str(after / "a.backup"))
    ringfence(after, "db", "restore", "a.backup")
    with ServerProcess(after) as server, server.client(account) as client:
        assert client.phone("create", phoneName="Desk", phoneNumber="8041234567").message == SAVED
        assert "demo account" not in server.banner


def test_a_server_sees_what_is_restored_under_it(tmp_path: Path) -> None:
    """One that waits on an empty store lets the restored callers in at their next request."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    with ServerProcess(before) as server:
        account = server.account
        ringfence(before, "db", "backup", str(after / "a.backup"))
    with ServerProcess(after, "--no-demo") as server, server.client(account, kept=False) as client:
        fields = {"name": "Spam", "description": "Spam callers", "blockNumbers": "9812345678"}
        assert client.block("POST", **fields).message == "Authentication failed"
        ringfence(after, "db", "restore", "a.backup")
        assert client.block("POST", **fields).message == "created"


@contextmanager
def backup_half_way(folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Start a backup of a large store; give its process when the rows are next."""
    target = folder / "backups"
    target.mkdir(exist_ok=True)
    for left in target.glob("*.partial*"):
        left.unlink()
    with subprocess.Popen(
        command(folder, "db", "backup", "backups/a.backup"),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait_until(lambda: size_of(target, "*.partial-wal") > 0, "a backup that has begun")
        assert process.poll() is None
        yield process


def fill(folder: Path) -> None:
    """Make a store with an account that blocks very many numbers."""
    store = open_store(f"sqlite:///{folder / 'ringfence.db'}", create=True)
    furnish(store, "alice")
    columns = ("account_id", "pattern", "block_group_id", "expires_at", "batch_id")

    def load(tx: Transaction) -> int:
        numbers = ((1, f"+9170{n:08}", 1, None, 1) for n in range(LARGE))
        return tx.load("blocked_number", columns, ([row] for row in numbers))

    store.write(load)
    store.close()


def size_of(folder: Path, pattern: str) -> int:
    """Return how many bytes the files of a pattern have."""
    try:
        return sum(path.stat().st_size for path in folder.glob(pattern))
    except FileNotFoundError:
        return 0


def test_a_backup_that_is_killed_leaves_nothing_at_its_place(tmp_path: Path) -> None:
    """The store is as it was, and the next backup to the same place is whole."""
    fill(tmp_path)
    with backup_half_way(tmp_path) as process:
        process.kill()
        process.wait(30)
    assert not (tmp_path / "backups" / "a.backup").exists()
    assert rows(store_url(tmp_path), "pragma integrity_check") == [("ok",)]
    ringfence(tmp_path, "db", "backup", "backups/a.backup")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ringfence(elsewhere, "db", "restore", str(tmp_path / "backups" / "a.backup"))
    assert held(elsewhere) == held(tmp_path)


def test_whenever_it_is_killed_a_backup_is_whole_or_not_there(tmp_path: Path) -> None:
    """Between its first row and its last flush."""
    fill(tmp_path)
    for delay_s in (0.1, 0.3, 0.5, 0.7, 0.9):
        with backup_half_way(tmp_path) as process:
            sleep(delay_s)
            process.kill()
            process.wait(30)
        path = tmp_path / "backups" / "a.backup"
        if path.exists():
            open_backup(path).close()
            path.unlink()


def test_a_backup_that_finds_no_room_says_so_in_one_line(tmp_path: Path) -> None:
    """And leaves not one file."""
    fill(tmp_path)
    target = tmp_path / "backups"
    target.mkdir()
    room = (1_000_000, 1_000_000)
    done = subprocess.run(
        command(tmp_path, "db", "backup", "backups/a.backup"),
        cwd=tmp_path,
        env=environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, room),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"ringfence: [^\n]+\n", done.stderr)
    assert list(target.iterdir()) == []


def test_a_restore_that_is_killed_leaves_no_account(tmp_path: Path) -> None:
    """The store can be restored into again, and then has everything."""
    fill(tmp_path)
    ringfence(tmp_path, "db", "backup", "a.backup")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ringfence(elsewhere, "db", "upgrade")
    again = command(elsewhere, "db", "restore", str(tmp_path / "a.backup"))
    with subprocess.Popen(again, cwd=elsewhere, env=environment()) as process:
        wait_until((elsewhere / "ringfence.db-wal").exists, "a restore that has begun")
        sleep(0.1)
        process.kill()
        process.wait(30)
    assert rows(store_url(elsewhere), "select count(*) from account") == [(0,)]
    ringfence(elsewhere, "db", "restore", str(tmp_path / "a.backup"))
    assert held(elsewhere) == held(tmp_path)


def held(folder: Path) -> object:
    """Return all that the store of a folder holds."""
    store = open_store(f"sqlite:///{folder / 'ringfence.db'}")
    try:
        return contents(store)
    finally:
        store.close()


def test_a_backup_that_is_interrupted_cleans_up(tmp_path: Path) -> None:
    """Ctrl-C: exit code 130, not one file left, and it does not take until the end."""
    fill(tmp_path)
    with backup_half_way(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert list((tmp_path / "backups").iterdir()) == []
    assert run_ringfence(tmp_path, "db", "status").returncode == 0
