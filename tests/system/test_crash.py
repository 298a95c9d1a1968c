"""`kill -9` of the service under parallel writes: what was acknowledged is there, nothing half."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.client import EXISTS, Account, Answer
from tests.system.conftest import MakeFolder
from tests.system.racing import CALLERS
from tests.system.server_process import (
    PATIENCE_S,
    ServerProcess,
    ringfence,
    run_ringfence,
    wait_until,
)
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

ROUNDS = 5
WRITES_BEFORE_A_CRASH = 500
LIMIT = "1000000"
USER = "crash"


@dataclass(frozen=True)
class Aftermath:
    """Every restart, and the server that runs since the last."""

    restarts: Sequence[Found]
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


def crashed(folder: Path, account: Account, writers: Sequence[Writer]) -> Found:
    """Start a server, kill it while all writers write, and look at what the next start finds."""
    goal = written(writers) + WRITES_BEFORE_A_CRASH
    with (
        ServerProcess(folder, postgres_timeout_s=PATIENCE_S) as server,
        ThreadPoolExecutor(len(writers)) as pool,
    ):
        running = [pool.submit(writer.run, server.client(account)) for writer in writers]
        try:
            wait_until(lambda: written(writers) >= goal, "enough writes to crash in")
        finally:
            server.kill()
        for each in running:
            each.result()
    with ServerProcess(folder) as server:
        return looked_at(server.store, writers)
