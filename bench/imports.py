"""A million rows imported through /v1, while single creates go on; against ready rows inserted."""

import http.client
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any

from bench.creates import bulk, create_request, make_account
from bench.memory import PeakMemory
from bench.report import Figure
from bench.servers import Server, ask, ringfence

ROWS = 1_000_000
IDLE_S = 10
_CREATED = b"record inserted successfully"
_INSERT = "insert into blocked_number values (1, ?, 1, ?, 1)"


def imports(folder: Path) -> Iterator[Figure]:
    """Yield what an import of a million rows costs: time, delay of others, memory."""
    numbers = random.Random(11).sample(range(6_000_000_000, 10_000_000_000), ROWS)
    file = folder / "numbers.csv"
    rows = "".join(f"+91{number},2030-01-01,because\n" for number in numbers)
    file.write_text(f"number,expires_at,reason\n{rows}", "ascii")
    ready = sorted(f"+91{number}" for number in numbers)
    ceilings = [_inserted(folder / "before.db", ready)]
    alone = _Run(folder / "alone.db", file)
    with ringfence(alone.url) as server, PeakMemory(server.process.pid) as memory:
        took = alone.imported(server)
        taken_back = _timed(lambda: _undone(server))
    beside = _Run(folder / "beside.db", file)
    with ringfence(beside.url) as server:
        idle = _Creates(server).during(lambda: time.sleep(IDLE_S))
        phases = _Creates(server).during(lambda: beside.imported(server))
    ceilings.append(_inserted(folder / "after.db", ready))
    ceiling = median(ceilings)
    yield Figure(
        "time of an import of 1,000,000 rows through /v1 against sorted executemany",
        sum(took) / ceiling,
        "≤ 6",
        f"{sum(took):.1f} s ({took[0]:.1f} s to the preview, {took[1]:.1f} s applied) against "
        f"{ceiling:.1f} s; taken back in {taken_back:.1f} s",
    )
    yield Figure(
        "p99 of single creates through A1 during such an import against idle",
        phases.p99_ms / idle.p99_ms,
        "≤ 5",
        f"{phases.p99_ms:.1f} ms of {phases.count:,} against {idle.p99_ms:.1f} ms of {idle.count:,}"
        f"; medians {phases.median_ms:.1f} ms against {idle.median_ms:.1f} ms; the import took "
        f"{sum(phases.result):.1f} s",
    )
    yield Figure(
        "peak memory of the server and the process that reads the file, together, in MB",
        memory.peak_mb,
        "≤ 300",
        f"{memory.before_mb:.0f} MB before",
    )


class _Run:
    """A store with an empty group, and a file to be imported into it."""

    def __init__(self, path: Path, file: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._file = file
        make_account(self.url)

    def imported(self, server: Server) -> tuple[float, float]:
        """Return how long it takes to the preview, and from there until all is applied."""
        ask(server, "POST", "/v1/block-groups", b'{"name":"Million"}')
        return _imported(server, self._file)


def _inserted(path: Path, ready: list[str]) -> float:
    """Return the time in which ready rows are inserted by the driver itself."""
    make_account(f"sqlite:///{path}")
    with bulk(path) as connection:
        connection.execute(
            "insert into block_group (account_id, block_group_id, name, name_key, description, "
            "created_at, updated_at) values (1, 1, 'Ready', 'ready', '', 0, 0)"
        )
        connection.execute(
            "insert into batch (account_id, batch_id, door, created_at) values (1, 1, 'bench', 0)"
        )
    started = time.perf_counter()
    with bulk(path) as connection:
        connection.execute("pragma foreign_keys = on")
        connection.executemany(_INSERT, ((pattern, 1893436199999) for pattern in ready))
    return time.perf_counter() - started


class _Creates:
    """Single creates, one after the other, while something else goes on."""

    _numbers = iter(range(5_000_000_000, 6_000_000_000))

    def __init__(self, server: Server) -> None:
        self._server = server
        self._times: list[float] = []
        self._over = Event()
        self.result: Any = None

    def during(self, work: Callable[[], Any]) -> "_Creates":
        """Create until `work` has returned."""
        thread = Thread(target=self._create)
        thread.start()
        try:
            self.result = work()
        finally:
            self._over.set()
            thread.join()
        return self

    @property
    def count(self) -> int:
        """How many were created."""
        return len(self._times)

    @property
    def p99_ms(self) -> float:
        """Within how many ms 99 of 100 were."""
        return quantiles(self._times, n=100)[98] * 1000

    @property
    def median_ms(self) -> float:
        """Within how many ms half of them were."""
        return median(self._times) * 1000

    def _create(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._server.port)) as client:
            while not self._over.is_set():
                target = create_request(next(self._numbers)).split(b" ")[1].decode()
                started = time.perf_counter()
                client.request("GET", target)
                answer = client.getresponse().read()
                self._times.append(time.perf_counter() - started)
                assert _CREATED in answer, answer


def _imported(server: Server, file: Path) -> tuple[float, float]:
    """Return how long it took to the preview, and from there until all is applied."""
    started = time.perf_counter()
    with file.open("rb") as body:
        made = ask(server, "POST", "/v1/imports?into=block-groups/1", body, "text/csv")
    assert made["preview"]["counts"]["new"] == ROWS, made
    previewed = time.perf_counter()
    _follow(server, f"/v1/imports/{made['id']}", "apply", "applied")
    return previewed - started, time.perf_counter() - previewed


def _undone(server: Server) -> None:
    [made] = ask(server, "GET", "/v1/imports")["items"]
    _follow(server, f"/v1/imports/{made['id']}", "undo", "undone")


def _follow(server: Server, target: str, verb: str, state: str) -> None:
    told = ask(server, "POST", f"{target}/{verb}")
    while told["state"] != state:
        time.sleep(0.1)
        told = ask(server, "GET", target)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
