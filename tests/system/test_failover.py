"""A primary that dies under writes, and its synchronous standby: nothing acknowledged is lost.

Each round kills every process of the primary at once, promotes the standby, and makes the dead one
its standby for the next round. The service is never told.
"""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest

from tests.postgres.replication import rejoin, standby_of, synchronous
from tests.postgres.server import PostgresServer
from tests.system.client import SAVED, Account, Answer, Client
from tests.system.server_process import ServerProcess, ringfence, use_store, wait_until

ROUNDS = 10
WRITERS = 8
WRITES_BEFORE_A_KILL = 200
RECOVERY_S = 5.0
NAMES = ("first", "second")
USER = "failover"
DATABASE = "ringfence"
UNAVAILABLE = (503, "service temporarily unavailable")


@dataclass
class Writer:
    """One caller, who creates phone numbers and groups in turns, and tries each only once."""

    number: int
    asked: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    surprises: list[Answer] = field(default_factory=list)
    last_saved_at: float = 0.0
    _serial: Iterator[int] = field(default_factory=itertools.count)

    def run(self, server: ServerProcess, account: Account, stop: Event) -> None:
        """Write until told to stop, on a new connection whenever the last one ended."""
        while not stop.is_set():
            with suppress(OSError, HTTPException), server.client(account) as client:
                while not stop.is_set():
                    self._write(client)

    def _write(self, client: Client) -> None:
        serial = next(self._serial)
        name = f"W{self.number}-{serial}"
        number = f"+9170{self.number:02}{serial:06}"
        self.asked.append(name)
        if serial % 4:
            answer = client.phone("create", phoneName=name, phoneNumber=number)
        else:
            answer = client.block("POST", name=name, description="Failover", blockNumbers=[number])
        if answer.content["message"] in {SAVED, "created"}:
            self.acknowledged.append(name)
            self.last_saved_at = time.monotonic()
        elif (answer.status, answer.message) != UNAVAILABLE:
            self.surprises.append(answer)


@dataclass(frozen=True)
class Aftermath:
    """What callers saw over all rounds, and what the last primary holds."""

    writers: list[Writer]
    recoveries_s: list[float]
    phones: Counter[str]
    groups: Counter[str]
    blocked: int
    batches: int
    used: int
    last_id: int

    def asked(self) -> set[str]:
        """Return every name that was ever sent."""
        return {name for writer in self.writers for name in writer.asked}

    def acknowledged(self) -> list[str]:
        """Return every name that a caller was told is stored."""
        return [name for writer in self.writers for name in writer.acknowledged]

    def stored(self) -> Counter[str]:
        """Return how often each name is stored."""
        return self.phones + self.groups


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Kill the primary over and over under parallel writes."""
    folder = tmp_path_factory.mktemp("failover")
    with (
        PostgresServer(folder / NAMES[0], durable=True) as first,
        standby_of(first, folder / NAMES[1], NAMES[1]) as second,
    ):
        first.create_database(DATABASE)
        synchronous(first, [NAMES[1]])
        hosts = f"127.0.0.1:{first.port},127.0.0.1:{second.port}"
        use_store(folder, f"postgresql://postgres@{hosts}/{DATABASE}")
        yield _run(folder, {NAMES[0]: first, NAMES[1]: second})


def test_no_acknowledged_record_is_lost(aftermath: Aftermath) -> None:
    """Of thousands, over ten dead primaries."""
    assert len(aftermath.acknowledged()) > ROUNDS * WRITES_BEFORE_A_KILL
    assert set(aftermath.acknowledged()) - set(aftermath.stored()) == set()


def test_no_record_is_doubled(aftermath: Aftermath) -> None:
    """Every name is there once, none that nobody sent, and what has no name to keep it single.

    Each group came with one number in one batch, and each phone number took one id.
    """
    assert set(aftermath.stored().values()) == {1}
    assert set(aftermath.stored()) <= aftermath.asked()
    assert aftermath.blocked == aftermath.batches == len(aftermath.groups)
    assert aftermath.used == aftermath.last_id == len(aftermath.phones)


def test_callers_hear_of_success_or_that_the_service_is_unavailable(aftermath: Aftermath) -> None:
    """Not, for one, that a record exists already which their own request has just made."""
    assert [answer.whole() for writer in aftermath.writers for answer in writer.surprises] == []


def test_the_service_recovers_unaided_after_each_promotion(aftermath: Aftermath) -> None:
    """Every caller has something stored again within five seconds."""
    print("seconds from promotion until every caller wrote:", aftermath.recoveries_s)
    assert len(aftermath.recoveries_s) == ROUNDS
    assert max(aftermath.recoveries_s) <= RECOVERY_S


def _run(folder: Path, servers: dict[str, PostgresServer]) -> Aftermath:
    printed = ringfence(folder, "account", "create", USER, "--phone-number-limit", "1000000")
    account = Account(USER, dict(line.split(None, 1) for line in printed.splitlines())["apiKey"])
    writers = [Writer(number) for number in range(WRITERS)]
    stop = Event()
    with ServerProcess(folder) as server, ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(writer.run, server, account, stop) for writer in writers]
        try:
            recoveries_s = [_round(servers, writers, running) for _ in range(ROUNDS)]
        finally:
            stop.set()
    return _looked_at(servers[NAMES[0]], writers, recoveries_s)


def _round(
    servers: dict[str, PostgresServer], writers: list[Writer], running: list[Future[None]]
) -> float:
    """Kill the primary, promote the other, and return how long callers then had to wait."""
    goal = _acknowledged(writers) + WRITES_BEFORE_A_KILL
    wait_until(lambda: _acknowledged(writers) >= goal, "enough writes to crash in")
    dead, alive = servers
    servers[dead].kill()
    servers[alive].promote()
    promoted_at = time.monotonic()
    wait_until(lambda: all(w.last_saved_at > promoted_at for w in writers), "writes go on")
    recovery_s = time.monotonic() - promoted_at
    assert not any(each.done() for each in running)
    rejoin(servers[dead], servers[alive], dead)
    synchronous(servers[alive], [dead])
    servers[dead] = servers.pop(dead)
    return recovery_s


def _acknowledged(writers: list[Writer]) -> int:
    return sum(len(writer.acknowledged) for writer in writers)


def _looked_at(
    primary: PostgresServer, writers: list[Writer], recoveries_s: list[float]
) -> Aftermath:
    [[blocked]] = primary.execute("select count(*) from blocked_number", DATABASE)
    [[batches]] = primary.execute("select count(*) from batch", DATABASE)
    counters = "select phone_numbers_used, last_phone_number_id from account"
    [[used, last_id]] = primary.execute(counters, DATABASE)
    return Aftermath(
        writers,
        recoveries_s,
        Counter(name for (name,) in primary.execute("select name from phone_number", DATABASE)),
        Counter(name for (name,) in primary.execute("select name from block_group", DATABASE)),
        blocked,
        batches,
        used,
        last_id,
    )
