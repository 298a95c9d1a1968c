"""A million entries on their way to PostgreSQL and back: every row of every table is the same."""

import hashlib
import subprocess
import sys
from pathlib import Path

import apsw

from ringfence.store import Transaction, open_store
from ringfence.store.tables import TABLES
from tests.postgres.server import PostgresServer
from tests.system.server_process import environment, ringfence

ENTRIES = 1_000_000
DATABASE = "copied"
FILLING = f"""
with recursive serial(n) as (select 0 union all select n + 1 from serial where n < {ENTRIES - 1})
insert into blocked_number
select 1, '+91' || (7000000000 + n * 2999 % 3000000000), 1 + n % 2,
       case n % 3 when 0 then 1900000000000 + n end, 1
from serial
"""


def test_a_million_entries_arrive_and_come_back(tmp_path: Path, postgres: PostgresServer) -> None:
    """By the command, from SQLite to PostgreSQL and from there to SQLite."""
    start, end = f"sqlite:///{tmp_path}/ringfence.db", f"sqlite:///{tmp_path}/back.db"
    fill(tmp_path)
    postgres.create_database(DATABASE)
    try:
        middle = postgres.url(DATABASE)
        before = digests(start)
        assert f"blocked_number {ENTRIES} {ENTRIES}" in copied(tmp_path, start, middle)
        assert digests(middle) == before
        assert f"blocked_number {ENTRIES} {ENTRIES}" in copied(tmp_path, middle, end)
        assert digests(end) == before
    finally:
        postgres.drop_database(DATABASE)


def fill(folder: Path) -> None:
    """Make a store with an account, two groups and a million entries in them."""
    ringfence(folder, "account", "create", "alice", "--skill", "Sales")
    connection = apsw.Connection(str(folder / "ringfence.db"))
    with connection:
        connection.execute(
            "insert into batch (account_id, batch_id, door, created_at) values (1, 1, 'test', 0)"
        )
        for number, name in ((1, "Zürich 50%"), (2, "back\\slash\ttab\nline '\"")):
            values = (number, name, name.casefold(), "\\N")
            connection.execute(
                "insert into block_group (account_id, block_group_id, name, name_key, description, "
                "created_at, updated_at) values (1, ?, ?, ?, ?, 0, 0)",
                values,
            )
        connection.execute(FILLING)
    connection.close()


def copied(folder: Path, source: str, target: str) -> str:
    """Copy by the command; return its table with single spaces."""
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "db", "copy", source, target],
        cwd=folder,
        env=environment(),
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def digests(url: str) -> dict[str, str]:
    """Return a digest of the rows of each table, in the order of its key."""
    store = open_store(url, postgres_timeout_s=600)
    try:
        return store.read(_digests)
    finally:
        store.close()


def _digests(tx: Transaction) -> dict[str, str]:
    return {table.name: _digest(tx, table.select_all) for table in TABLES}


def _digest(tx: Transaction, select: str) -> str:
    digest = hashlib.sha256()
    for rows in tx.stream(select):
        digest.update(repr([tuple(row) for row in rows]).encode())
    return digest.hexdigest()
