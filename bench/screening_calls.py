"""The calls that the benchmarks of screening make: half of them are blocked."""

import json
import random
import re
import socket
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from bench.screening_stores import ACCOUNTS, blocked, key_of
from bench.servers import Server, ask, figures

BATCH = 10_000
_SCREEN = "/v1/screen?calling=%2B91{}&called=%2B918040000001&explain={}"


class Calls:
    """Calls of a store with so many entries: of any account, by a number it blocks or the next."""

    def __init__(self, entries: int) -> None:
        self._each = entries // ACCOUNTS - 1
        self._chance = random.Random(13)
        # Arrays, for in lists the collector of garbage would walk ten million numbers at times.
        self._blocked: dict[int, array[int]] = {}

    def draw(self) -> tuple[int, int]:
        """Return an account and a number; the next number to a blocked one is free."""
        account_id = self._chance.randrange(1, ACCOUNTS + 1)
        if account_id not in self._blocked:
            self._blocked[account_id] = array("q", blocked(account_id, self._each))
        return account_id, self._chance.choice(self._blocked[account_id]) + self._chance.randrange(
            2
        )

    def requests(self, count: int, explain: str) -> list[bytes]:
        """Return so many requests."""
        return [_request(*self.draw(), explain) for _ in range(count)]


def _request(account_id: int, number: int, explain: str) -> bytes:
    target = _SCREEN.format(number, explain)
    proof = f"authorization: Bearer {key_of(account_id)}"
    return f"GET {target} HTTP/1.1\r\nhost: bench\r\n{proof}\r\n\r\n".encode()


def import_rows(server: Server, count: int) -> None:
    """Import so many new rows into a group of account 1."""
    numbers = random.Random(17).sample(range(5_000_000_000, 6_000_000_000), count)
    file = "".join(f"+91{number}\n" for number in numbers).encode()
    told = ask(server, "POST", "/v1/imports?into=block-groups/1", file, "text/csv", key_of(1))
    target = f"/v1/imports/{told['id']}"
    ask(server, "POST", f"{target}/apply", key=key_of(1))
    while ask(server, "GET", target, key=key_of(1))["state"] != "applied":
        time.sleep(0.1)


def settle(server: Server) -> None:
    """Wait until all activity is stored, so that what was asked before is no load on what comes."""
    while re.search(r"^ringfence_activity_queued [1-9]", figures(server), re.MULTILINE):
        time.sleep(0.05)


def batch_cpu_ms(server: Server, chance: random.Random) -> float:
    """Return how much processor time the server takes for a batch of 10,000 numbers."""
    own = chance.sample(blocked(1, 999), 999)
    others = chance.sample(range(6_000_000_000, 10_000_000_000), BATCH - len(own))
    numbers = [f"+91{number}" for number in own + others]
    chance.shuffle(numbers)
    body = json.dumps({"numbers": numbers}).encode()
    before = _cpu_s(server)
    told = ask(server, "POST", "/v1/screen/batch", body, key=key_of(1))
    taken = _cpu_s(server) - before
    assert told["counts"]["block"] >= len(own), told["counts"]
    return taken * 1000


def latencies_s(server: Server, calls: Calls, work: Callable[[], object]) -> list[float]:
    """Return how long calls take, one after the other, until `work` has returned."""
    over, times = Event(), list[float]()
    thread = Thread(target=_call_until, args=(over, server, calls, times))
    thread.start()
    try:
        work()
    finally:
        over.set()
        thread.join()
    return times


def _call_until(over: Event, server: Server, calls: Calls, times: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not over.is_set():
            [request] = calls.requests(1, "0")
            started = time.perf_counter()
            client.sendall(request)
            answer = b""
            while not answer.endswith(b"}"):
                answer += client.recv(4096)
            times.append(time.perf_counter() - started)


def _cpu_s(server: Server) -> float:
    """Return the processor time of a server so far, of all its threads.

    https://docs.kernel.org/scheduler/sched-stats.html
    """
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e9
