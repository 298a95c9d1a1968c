"""`kill -9` of the service under parallel writes: what was acknowledged is there, nothing half."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.system.client import EXISTS, SAVED, Account, Answer, Client
from tests.system.conftest import MakeFolder
from tests.system.racing import CALLERS
from tests.system.server_process import (
    ServerProcess,
    ringfence,
    run_ringfence,
    wait_until,
)
from tests.system.stores import SQLITE, Row, rows

ROUNDS = 5
WRITES_BEFORE_A_CRASH = 500
NUMBERS_A_REQUEST = 20
LIMIT = "1000000"
USER = "crash"
DANGLING = [
    f"select {table}.* from {table} left join {target} using (account_id, {key}) "
    f"where {target}.account_id is null"
    for table, target, key in (
        ("blocked_number", "block_group", "block_group_id"),
        ("blocked_number", "batch", "batch_id"),
        ("phone_number_skill", "phone_number", "phone_number_id"),
        ("phone_number_skill", "skill", "skill_id"),
    )
]


@dataclass
class Request:
    """Numbers that one request writes: a phone number, or a batch into the group of a name."""

    name: str
    numbers: tuple[str, ...]
    acknowledged: bool = False


@dataclass
class Writer:
    """One caller: it writes until its server is gone, and remembers what was acknowledged."""

    number: int
    phones: list[Request] = field(default_factory=list)
    batches: list[Request] = field(default_factory=list)
    surprises: list[Answer] = field(default_factory=list)
    _serial: Iterator[int] = field(default_factory=itertools.count)
    _groups: list[tuple[str, int]] = field(default_factory=list)

    def run(self, client: Client) -> None:
        """Take turns at creating a phone number, creating a group, extending it."""
        with suppress(OSError, HTTPException), client:
            for turn in itertools.cycle((self._phone, self._group, self._extend)):
                turn(client)

    def _phone(self, client: Client) -> None:
        serial = next(self._serial)
        number = f"+9170{self.number:02}{serial:06}"
        request = Request(f"Phone-{self.number}-{serial}", (number,))
        self.phones.append(request)
        answer = client.phone("create", phoneName=request.name, phoneNumber=number)
        self._keep(request, answer, done=answer.message == SAVED)

    def _group(self, client: Client) -> None:
        batch = self._batch(f"Group-{self.number}-{next(self._serial)}")
        fields = {"name": batch.name, "description": "Crash", "blockNumbers": batch.numbers}
        answer = client.block("POST", **fields)
        self._keep(batch, answer, done=answer.message == "created" and is_whole(answer))
        if batch.acknowledged:
            self._groups.append((batch.name, answer.output["lastInsertId"]))

    def _extend(self, client: Client) -> None:
        name, group_id = self._groups[-1]
        batch = self._batch(name)
        answer = client.block("PUT", id=group_id, blockNumbers=batch.numbers)
        self._keep(batch, answer, done=answer.message == "updated" and is_whole(answer))

    def _batch(self, name: str) -> Request:
        serials = itertools.islice(self._serial, NUMBERS_A_REQUEST)
        batch = Request(name, tuple(f"+9198{self.number:02}{serial:06}" for serial in serials))
        self.batches.append(batch)
        return batch

    def _keep(self, request: Request, answer: Answer, *, done: bool) -> None:
        request.acknowledged = done
        if not done:
            self.surprises.append(answer)


@dataclass(frozen=True)
class Restart:
    """What callers asked for up to a crash, and what the store holds after the restart."""

    phones: Sequence[Request]
    batches: Sequence[Request]
    stored: Sequence[str]
    groups: Sequence[str]
    blocked: Sequence[tuple[str, str]]
    used: int
    damage: Sequence[Row]
    dangling: Sequence[Row]


@dataclass(frozen=True)
class Aftermath:
    """Every restart, and the server that runs since the last."""

    restarts: Sequence[Restart]
    server: ServerProcess
    account: Account
    folder: Path
    surprises: Sequence[Answer]

    def acknowledged_phones(self) -> list[Request]:
        """Return every phone number that was ever acknowledged."""
        return [each for each in self.restarts[-1].phones if each.acknowledged]


@pytest.fixture(scope="module")
def aftermath(make_folder: MakeFolder) -> Iterator[Aftermath]:
    """Crash a server over and over under parallel writes on one store."""
    folder = make_folder()
    printed = ringfence(folder, "account", "create", USER, "--phone-number-limit", LIMIT)
    account = Account(USER, dict(line.split(None, 1) for line in printed.splitlines())["apiKey"])
    writers = [Writer(number) for number in range(CALLERS)]
    restarts = [crashed(folder, account, writers) for _ in range(ROUNDS)]
    surprises = [answer for writer in writers for answer in writer.surprises]
    with ServerProcess(folder) as server:
        yield Aftermath(restarts, server, account, folder, surprises)


def test_every_write_was_answered_as_it_should(aftermath: Aftermath) -> None:
    """Until the crash no caller met an error."""
    assert aftermath.surprises == []


def test_every_acknowledged_phone_number_is_there_once(aftermath: Aftermath) -> None:
    """None is lost, none doubled; what was not acknowledged may be there, but nothing else."""
    for restart in aftermath.restarts:
        stored = Counter(restart.stored)
        assert names(restart.phones, acknowledged=True) <= set(stored)
        assert set(stored) <= names(restart.phones, acknowledged=False)
        assert set(stored.values()) == {1}


def test_the_count_under_the_limit_is_the_number_of_records(aftermath: Aftermath) -> None:
    """The counter that keeps the limit never drifts."""
    assert [restart.used for restart in aftermath.restarts] == [
        len(restart.stored) for restart in aftermath.restarts
    ]


def test_every_acknowledged_number_is_blocked_in_its_group(aftermath: Aftermath) -> None:
    """Each number of each acknowledged request is in the group that it was sent to."""
    for restart in aftermath.restarts:
        blocked = set(restart.blocked)
        done = [each for each in restart.batches if each.acknowledged]
        assert {entry for each in done for entry in entries(each)} <= blocked


def test_every_request_is_stored_whole_or_not_at_all(aftermath: Aftermath) -> None:
    """All twenty numbers of a request are there, or none is; and there are no others."""
    for restart in aftermath.restarts:
        blocked = set(restart.blocked)
        kept = [len(entries(each) & blocked) for each in restart.batches]
        assert set(kept) <= {0, NUMBERS_A_REQUEST}
        assert sum(kept) == len(restart.blocked)


def test_no_group_is_there_without_its_numbers(aftermath: Aftermath) -> None:
    """A group and its first numbers come in one request, so neither is there alone."""
    for restart in aftermath.restarts:
        assert len(set(restart.groups)) == len(restart.groups)
        assert set(restart.groups) == {name for name, _ in restart.blocked}


def test_the_database_is_sound_after_every_crash(aftermath: Aftermath) -> None:
    """It finds no damage itself, and nothing refers to what is not there."""
    for restart in aftermath.restarts:
        assert restart.damage == []
        assert restart.dangling == []


def test_acknowledged_phone_numbers_exist_for_the_next_caller(aftermath: Aftermath) -> None:
    """A sample of them, created again, is refused as taken."""
    sample = aftermath.acknowledged_phones()[:: len(aftermath.acknowledged_phones()) // 25]
    with aftermath.server.client(aftermath.account) as client:
        for each in sample:
            again = client.phone("create", phoneName=each.name, phoneNumber=each.numbers[0])
            assert again.message == EXISTS


def test_acknowledged_numbers_are_blocked_for_the_command_line(aftermath: Aftermath) -> None:
    """`ringfence check` exits with 0 for a number of the last acknowledged request."""
    last = next(each for each in reversed(aftermath.restarts[-1].batches) if each.acknowledged)
    checked = run_ringfence(aftermath.folder, "check", USER, last.numbers[-1])
    assert (checked.returncode, last.name in checked.stdout) == (0, True)


def crashed(folder: Path, account: Account, writers: Sequence[Writer]) -> Restart:
    """Start a server, kill it while all writers write, and look at what the next start finds."""
    goal = written(writers) + WRITES_BEFORE_A_CRASH
    with ServerProcess(folder) as server, ThreadPoolExecutor(len(writers)) as pool:
        running = [pool.submit(writer.run, server.client(account)) for writer in writers]
        try:
            wait_until(lambda: written(writers) >= goal, "enough writes to crash in")
        finally:
            server.kill()
        for each in running:
            each.result()
    with ServerProcess(folder) as server:
        return looked_at(server, writers)


def written(writers: Sequence[Writer]) -> int:
    """Return how many requests were begun so far."""
    return sum(len(writer.phones) + len(writer.batches) for writer in writers)


def looked_at(server: ServerProcess, writers: Sequence[Writer]) -> Restart:
    """Read the store beside a server that has just started on it."""
    blocked = "select name, pattern from blocked_number join block_group using (block_group_id)"
    used = rows(server.store, "select phone_numbers_used from account")
    return Restart(
        [replace(each) for writer in writers for each in writer.phones],
        [replace(each) for writer in writers for each in writer.batches],
        [name for (name,) in rows(server.store, "select name from phone_number")],
        [name for (name,) in rows(server.store, "select name from block_group")],
        [(name, pattern) for name, pattern in rows(server.store, blocked)],
        used[0][0],
        damage(server.store),
        [row for sql in DANGLING for row in rows(server.store, sql)],
    )


def damage(store: str) -> list[Row]:
    """Return what SQLite finds wrong with its file; PostgreSQL has not crashed, and no file."""
    if not store.startswith(SQLITE):
        return []
    found = rows(store, "pragma integrity_check") + rows(store, "pragma foreign_key_check")
    return [row for row in found if row != ("ok",)]


def is_whole(answer: Answer) -> bool:
    """Whether the server says that it took every number."""
    return (len(answer.output["succes"]), answer.output["error"]) == (NUMBERS_A_REQUEST, [])


def names(requests: Sequence[Request], *, acknowledged: bool) -> set[str]:
    """Return the names of all requests, or only of those acknowledged."""
    return {each.name for each in requests if each.acknowledged or not acknowledged}


def entries(batch: Request) -> set[tuple[str, str]]:
    """Return what a request puts into the store: each number beside its group."""
    return {(batch.name, number) for number in batch.numbers}
