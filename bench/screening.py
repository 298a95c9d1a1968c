"""Screening over HTTP, against an answer that takes no thought, on the same server."""

import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles

import apsw

from bench.creates import ratio
from bench.load import requests_per_s
from bench.report import Figure
from bench.screening_calls import Calls, batch_cpu_ms, import_rows, latencies_s, settle
from bench.screening_stores import filled
from bench.servers import Server, ringfence, serving

ROUNDS = 15
REQUESTS = 40_000
MILLION = 1_000_000
IDLE_S = 8
BATCHES = 20
COLD_S = 10

_Rates = dict[str, list[float]]


def screening(folder: Path) -> Iterator[Figure]:
    """Yield what a decision costs, as ratios."""
    million, ten = folder / "million.db", folder / "ten.db"
    filled(million, MILLION)
    filled(ten, 10 * MILLION)
    yield _bytes_an_entry(million)
    for path in (million, ten):  # as after a start of the machine
        _forget(path)
    with (
        serving("-m", "bench.bare") as bare,
        ringfence(f"sqlite:///{million}") as at_million,
        ringfence(f"sqlite:///{ten}") as at_ten,
    ):
        yield from _against_bare(bare, at_million)
        yield _of_size(at_million, at_ten)
        yield _batch(at_million)
        yield _beside_an_import(at_million)
    yield _cold_start(ten)


def _against_bare(bare: Server, server: Server) -> Iterator[Figure]:
    calls = Calls(MILLION)
    rates = _rates({"bare": (bare, calls, "0"), "short": (server, calls, "0")})
    against = "against a bare ASGI callable that checks a key"
    short = f"/v1/screen?explain=0 at 1,000,000 entries {against}"
    yield _figure(short, "≥ 0.7", rates, "short", "bare")
    rates = _rates({"bare": (bare, calls, "0"), "long": (server, calls, "1")})
    yield _figure(f"/v1/screen?explain=1 {against}", "≥ 0.45", rates, "long", "bare")


def _of_size(at_million: Server, at_ten: Server) -> Figure:
    few, many = Calls(MILLION), Calls(10 * MILLION)
    rates = _rates({"million": (at_million, few, "0"), "ten": (at_ten, many, "0")})
    large = "/v1/screen?explain=0 at 10,000,000 entries against 1,000,000"
    return _figure(large, "≥ 0.9", rates, "ten", "million")


def _rates(asked: Mapping[str, tuple[Server, Calls, str]]) -> _Rates:
    """Return how many requests a second each of two servers answered, in rounds."""
    rates: _Rates = {name: [] for name in asked}
    for round_ in range(ROUNDS + 1):
        for name in list(asked)[:: 1 if round_ % 2 else -1]:
            server, calls, explain = asked[name]
            rate = requests_per_s(server.port, calls.requests(REQUESTS, explain), b'"disposition"')
            settle(server)
            if round_:  # the first warms everything up
                rates[name].append(rate)
    return rates


def _figure(what: str, wanted: str, rates: _Rates, ours: str, theirs: str) -> Figure:
    made_of = f"{median(rates[ours]):,.0f} a second against {median(rates[theirs]):,.0f}"
    return Figure(what, ratio(rates[ours], rates[theirs]), wanted, made_of)


def _bytes_an_entry(path: Path) -> Figure:
    connection = apsw.Connection(str(path))
    try:
        size = connection.execute(
            "select sum(pgsize) from dbstat where name like 'blocked_number%'"
        ).get
    finally:
        connection.close()
    return Figure(
        "bytes an entry takes where calls are looked up, with its indexes",
        size / MILLION,
        "≤ 60",
        f"{size / 1e6:.0f} MB at 1,000,000 entries",
    )


def _batch(server: Server) -> Figure:
    chance = random.Random(19)
    taken = [batch_cpu_ms(server, chance) for _ in range(BATCHES)]
    return Figure(
        "ms of processor time for a batch of 10,000 numbers",
        median(taken),
        "≤ 40",
        f"{min(taken):.0f} to {max(taken):.0f} of {BATCHES}",
    )


def _beside_an_import(server: Server) -> Figure:
    calls = Calls(MILLION)
    idle = latencies_s(server, calls, lambda: time.sleep(IDLE_S))
    busy = latencies_s(server, calls, lambda: import_rows(server, 100_000))
    p99, usual = _p99_ms(busy), _p99_ms(idle)
    return Figure(
        "p99 of /v1/screen?explain=0 while 100,000 rows are imported, against idle",
        p99 / usual,
        "≤ 3",
        f"{p99:.2f} ms of {len(busy):,} against {usual:.2f} ms of {len(idle):,}",
    )


def _p99_ms(times: Sequence[float]) -> float:
    return quantiles(times, n=100)[98] * 1000


def _cold_start(path: Path) -> Figure:
    calls = Calls(10 * MILLION)
    with ringfence(f"sqlite:///{path}") as server:
        for _ in range(3):
            warm = requests_per_s(server.port, calls.requests(REQUESTS, "0"), b'"disposition"')
    _forget(path)
    started = time.perf_counter()
    with ringfence(f"sqlite:///{path}") as server:
        ready = time.perf_counter() - started
        rate = 0.0
        while rate < 0.9 * warm and time.perf_counter() - started < 6 * COLD_S:
            rate = requests_per_s(server.port, calls.requests(2_000, "0"), b'"disposition"')
        taken = time.perf_counter() - started
    return Figure(
        "seconds from a start at 10,000,000 entries, nothing in memory, to 0.9 of its speed",
        taken,
        f"≤ {COLD_S}",
        f"ready after {ready:.1f} s; {rate:,.0f} a second against {warm:,.0f}",
    )


def _forget(path: Path) -> None:
    """Let the system forget what it has of a file in memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
