"""Scrubbing a calling list of a million by a million blocked numbers, against DuckDB's anti-join.

Both read the list and the blocked numbers and write what is left, in one process and its children.
DuckDB has the blocked numbers from a CSV file, Ringfence from its store.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb

from bench.creates import bulk, make_account, ratio
from bench.report import Figure
from bench.servers import USER
from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.core.scrubbing import ScrubOptions, outbound_blocks, scrub_list, usable_processors
from ringfence.store import open_store

ROUNDS = 15
COUNT = 1_000_000
HALF = COUNT // 2
NUMBERS = range(6_000_000_000, 10_000_000_000)

_ANTI_JOIN = """
    copy (
        select lead.* from read_csv(?, header = true, all_varchar = true) as lead
        anti join read_csv(?, header = true, all_varchar = true) as blocked
        on lead.phone = blocked.phone
    ) to '{target}' (header)
"""


def scrub(folder: Path) -> Iterator[Figure]:
    """Yield how long DuckDB takes for each second of Ringfence."""
    blocked = _make_files(folder)
    url = _make_store(folder / "scrub.db", blocked)
    ours, theirs = list[float](), list[float]()
    for round_ in range(ROUNDS + 1):
        if round_ % 2:
            ours.append(_scrub(url, folder))
        theirs.append(_anti_join(folder))
        if not round_ % 2:
            ours.append(_scrub(url, folder))
    del ours[0], theirs[0]  # the first round warmed everything up
    assert _lines(folder / "kept.csv") == _lines(folder / "left.csv"), "both leave the same rows"
    yield Figure(
        "scrub of 1,000,000 numbers by 1,000,000, against DuckDB's anti-join",
        ratio(theirs, ours),
        "≥ 0.5",
        f"{median(ours):.2f} s against {median(theirs):.2f} s",
    )


def _scrub(url: str, folder: Path) -> float:
    store = open_store(url)
    account = get_account(store, USER)
    leads = folder / "leads.csv"
    options = ScrubOptions("phone", leads.stat().st_size, usable_processors())
    started = perf_counter()
    blocks = outbound_blocks(store, account, utc_now(), options.size)
    store.close()
    with leads.open("rb") as source, (folder / "kept.csv").open("wb") as target:
        report = scrub_list(account, blocks, source, target, options)
    taken = perf_counter() - started
    assert (report.rows, report.dropped) == (COUNT, HALF), "half of the list is blocked"
    return taken


def _anti_join(folder: Path) -> float:
    sql = _ANTI_JOIN.format(target=folder / "left.csv")
    started = perf_counter()
    with duckdb.connect() as connection:
        connection.execute(sql, [str(folder / name) for name in ("leads.csv", "blocked.csv")])
    return perf_counter() - started


def _make_files(folder: Path) -> list[str]:
    """Write both files, half of the one in the other; return the blocked numbers."""
    chance = random.Random(7)
    numbers = [f"+91{number}" for number in chance.sample(NUMBERS, COUNT + HALF)]
    blocked, called = numbers[:COUNT], numbers[HALF:]
    chance.shuffle(called)
    rows = (f"{i},Customer {i},{number},Bengaluru" for i, number in enumerate(called, 1))
    (folder / "leads.csv").write_text("\n".join(["id,name,phone,city", *rows, ""]))
    (folder / "blocked.csv").write_text("\n".join(["phone", *blocked, ""]))
    return blocked


def _make_store(path: Path, blocked: list[str]) -> str:
    url = f"sqlite:///{path}"
    make_account(url)
    with bulk(path) as connection:
        connection.execute(
            "insert into block_group values "
            "(1, 1, 'DNC', 'dnc', '', 0, 0, 'enforce', 'both', '[]', '[]', null, null, null)"
        )
        connection.execute(
            "insert into batch (account_id, batch_id, door, created_at) values (1, 1, 'bench', 0)"
        )
        rows = ((1, number, 1, None, 1) for number in sorted(blocked))
        connection.executemany("insert into blocked_number values (?, ?, ?, ?, ?)", rows)
    return url


def _lines(path: Path) -> list[bytes]:
    return sorted(path.read_bytes().split(b"\n"))
