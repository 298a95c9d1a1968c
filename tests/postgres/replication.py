"""Standbys of a PostgreSQL server, and a primary that waits for them."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.postgres.binaries import find_binaries
from tests.postgres.server import HOST, USER, PostgresServer
from tests.system.server_process import wait_until


def standby_of(primary: PostgresServer, folder: Path, name: str) -> PostgresServer:
    """Return a server, to be entered, that follows `primary` as `name` through a slot.

    It has the settings of the primary. Once promoted it waits for no standby until it is told
    to, whatever its primary was told.
    """
    # Durable adds nothing to the settings, which come with the copy.
    return PostgresServer(folder, seed=_copy_of(primary, name), durable=True)


def rejoin(server: PostgresServer, primary: PostgresServer, name: str) -> None:
    """Start a server that was stopped or killed as a standby of `primary`, on its old port.

    All it had is replaced by what the primary has.
    """
    server.reseed(_copy_of(primary, name))


def synchronous(primary: PostgresServer, names: Sequence[str]) -> None:
    """Have `primary` commit only what at least one of the named standbys has applied.

    Return when one is there to do so, and the rule holds for every later commit.
    """
    quoted = ", ".join(f'"{name}"' for name in names)
    primary.execute("ALTER SYSTEM SET synchronous_commit = remote_apply")
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 ({quoted})'")
    primary.reload()
    wait_until(lambda: _has_quorum(primary, names), f"one of {quoted} is synchronous")
    # It is the checkpointer that tells commits to wait. By now it has been told to read the
    # settings again, and it does so before it begins a checkpoint.
    primary.execute("CHECKPOINT")


def asynchronous(primary: PostgresServer) -> None:
    """Have `primary` wait for no standby any more; commits that hang return."""
    primary.execute("ALTER SYSTEM RESET synchronous_standby_names")
    primary.execute("ALTER SYSTEM RESET synchronous_commit")
    primary.reload()
    show = "SHOW synchronous_standby_names"
    wait_until(lambda: primary.execute(show) == [("",)], "no standby is waited for")


def _has_quorum(primary: PostgresServer, names: Sequence[str]) -> bool:
    rows = primary.execute("SELECT application_name, sync_state FROM pg_stat_replication")
    return any(name in names and state in {"quorum", "sync"} for name, state in rows)


def _copy_of(primary: PostgresServer, name: str) -> partial[None]:
    return partial(_copy, primary, name)


def _copy(primary: PostgresServer, name: str, data: Path) -> None:
    # A slot of this name is that of a standby which is no more.
    primary.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
        f" WHERE slot_name = '{name}'"
    )
    source = f"host={HOST} port={primary.port} user={USER} application_name={name}"
    options = ("-R", "-X", "stream", "-c", "fast", "--no-sync", "-C", "-S", name)
    find_binaries().run("pg_basebackup", "-D", str(data), "-d", source, *options, cwd=data.parent)
    _demand_nothing(data / "postgresql.auto.conf")


def _demand_nothing(settings: Path) -> None:
    lines = settings.read_text("utf-8").splitlines(keepends=True)
    kept = (line for line in lines if not line.startswith("synchronous_"))
    settings.write_text("".join(kept), "utf-8")
