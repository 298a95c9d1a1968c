"""Durable creates through A1 on PostgreSQL, against pgbench sending the same statements itself.

The statements are recorded from a create, so that the two cannot drift apart.
"""

import itertools
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from bench.creates import CREATED, create_request, filled, make_account, ratio
from bench.load import CLIENTS, requests_per_s
from bench.report import Figure
from bench.servers import KEY, USER, Server, ringfence
from ringfence.clock import utc_now
from ringfence.core.credentials import authenticate
from ringfence.core.phone_numbers import create_phone_number
from ringfence.model.changes import Origin
from ringfence.model.phone_numbers import PhoneNumberDraft
from ringfence.store import Store, open_store
from ringfence.store.postgres.connection import BoundedConnection
from tests.postgres.binaries import find_binaries
from tests.postgres.server import HOST, PostgresServer
from tests.postgres.server import USER as OWNER

ROUNDS = 7
REQUESTS = 1600
SECONDS = 2
DATABASE = "bench"

SAMPLES = (6_000_000_001, 6_000_000_002)
"""The creates made to see the statements: the first of a thread has one that no later one has."""

Statement = tuple[str, Sequence[Any]]


def postgres(folder: Path) -> Iterator[Figure]:
    """Yield what a durable create costs on PostgreSQL, and on both stores side by side."""
    with PostgresServer(folder / "postgres", durable=True) as server:
        server.create_database(DATABASE)
        url = server.url(DATABASE)
        make_account(url)
        script = folder / "create.sql"
        script.write_text(_script(_recorded(url)), "utf-8")
        server.execute(_WRITERS, DATABASE)
        beside = filled(folder / "beside.db", 1_000)
        with ringfence(url) as on_postgres, ringfence(beside) as on_sqlite:
            rounds = [_round(server, script, on_postgres, on_sqlite) for _ in range(ROUNDS + 1)]
    _warm_up, *measured = rounds
    ours, theirs, sqlite = (list(rates) for rates in zip(*measured, strict=True))
    yield Figure(
        f"durable creates through A1 on PostgreSQL, {CLIENTS} clients, against pgbench of the same "
        "statements on the same server",
        ratio(ours, theirs),
        "≥ 0.3",
        f"{median(ours):,.0f} a second against {median(theirs):,.0f}",
    )
    yield Figure(
        f"durable creates through A1 on PostgreSQL against SQLite, {CLIENTS} clients",
        ratio(ours, sqlite),
        "side by side",
        f"{median(ours):,.0f} a second against {median(sqlite):,.0f}",
    )


_WRITERS = f"""
insert into commit_mark select 'client ' || n, 1, 1 from generate_series(0, {CLIENTS - 1}) n
"""

_numbers = itertools.count(7_000_000_000)


def _round(
    server: PostgresServer, script: Path, on_postgres: Server, on_sqlite: Server
) -> tuple[float, float, float]:
    """Return creates a second through Ringfence, through pgbench, through Ringfence on SQLite."""
    return _rate(on_postgres), _pgbench(server, script), _rate(on_sqlite)


def _rate(server: Server) -> float:
    requests = [create_request(next(_numbers)) for _ in range(REQUESTS)]
    return requests_per_s(server.port, requests, CREATED)


def _pgbench(server: PostgresServer, script: Path) -> float:
    """Return the transactions a second of pgbench, in its fastest way: prepared statements."""
    options = ("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS))
    where = ("-h", HOST, "-p", str(server.port), "-U", OWNER)
    told = subprocess.run(
        find_binaries().command("pgbench", *where, *options, "-f", str(script), DATABASE),
        capture_output=True,
        check=True,
        text=True,
    )
    found = re.search(r"tps = ([0-9.]+)", told.stdout)
    assert found is not None, told.stdout
    return float(found[1])


def _recorded(url: str) -> list[Statement]:
    """Return what the second create sends, from the look-up of its key to the commit."""
    sent: list[Statement] = []
    execute = BoundedConnection.execute

    def record(connection: Any, sql: str, values: Any = None, **more: Any) -> Any:  # noqa: ANN401
        sent.append((sql, values or ()))
        return execute(connection, sql, values, **more)

    store = open_store(url)
    with mock.patch.object(BoundedConnection, "execute", record):
        for number in SAMPLES:
            sent.clear()
            _create(store, number)
    store.close()
    return sent


def _create(store: Store, number: int) -> None:
    account = authenticate(store, USER, KEY).account
    draft = PhoneNumberDraft(f"Phone.{number}", f"+91{number}", None)
    create_phone_number(store, account, draft, Origin("bench", None, utc_now()))


def _script(statements: Sequence[Statement]) -> str:
    """Return the statements for pgbench, which makes a number of its own for each transaction."""
    lines = ["\\set n random(1000000000, 9999999999)", "\\set m random(0, 999999)"]
    return "\n".join([*lines, *(_written(*each) for each in statements)]) + "\n"


def _written(sql: str, values: Sequence[Any]) -> str:
    if sql.startswith("update commit_mark"):
        values = (1, 1, _Sql("'client ' || :client_id"), 1)
    return re.sub(r"\$(\d+)", lambda mark: _literal(values[int(mark[1]) - 1]), sql) + ";"


class _Sql(str):
    """A value that is SQL already."""

    __slots__ = ()


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, _Sql | int):
        return str(value)
    # Random numbers may meet; the second makes that rare enough to be no part of the figure.
    # A colon begins the name of a variable.
    plain = str(value).replace(":", "' || chr(58) || '")
    text = plain.replace(str(SAMPLES[-1]), "' || :n || '.' || :m || '")
    return f"'{text}'"
