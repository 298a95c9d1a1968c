"""What the command line changes holds at the next request; wrong keys are answered ever later."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from tests.system.client import GROUP_REFUSED, PHONE_REFUSED, SAVED, Account, Answer, Client
from tests.system.conftest import MakeFolder
from tests.system.racing import race
from tests.system.server_process import ServerProcess, ringfence

IMPORTED = "kept-from-the-old-service-42"
NOBODY = Account("nobody", "rf_wrong")


@dataclass(frozen=True)
class Running:
    """A server, and the folder in which the command line finds its store."""

    server: ServerProcess
    folder: Path

    def account(self, name: str) -> Account:
        """Make an account while the server runs."""
        printed = ringfence(self.folder, "account", "create", name, "--json")
        return Account(name, json.loads(printed)["apiKey"])

    def caller(self, account: Account) -> Client:
        """Return a caller that may be quiet while a command runs."""
        return self.server.client(account, kept=False)

    def set(self, account: Account, option: str, value: str) -> None:
        """Set one setting of an account while the server runs."""
        ringfence(self.folder, "account", "set", account.user_name, option, value)


@pytest.fixture(scope="module")
def running(make_folder: MakeFolder) -> Iterator[Running]:
    """Return a server that answers wrong keys without delay."""
    folder = make_folder()
    with ServerProcess(folder, "--no-demo", auth_delay_max_s=0) as server:
        yield Running(server, folder)


def test_an_account_made_now_is_let_in(running: Running) -> None:
    """No restart, no cache that has to run out."""
    account = running.account("made")
    with running.caller(account) as client:
        assert create(client, 1).message == SAVED


def test_a_key_revoked_now_is_refused(running: Running) -> None:
    """On both doors, at the first request after the command has returned."""
    account = running.account("revoked")
    with running.caller(account) as client:
        assert create(client, 1).message == SAVED
        ringfence(running.folder, "key", "revoke", "revoked", "1")
        assert create(client, 2).message == PHONE_REFUSED
        assert block(client, "Spam").message == GROUP_REFUSED


def test_a_key_made_now_is_let_in_beside_the_first(running: Running) -> None:
    """Both work until one is revoked, so callers change keys without an outage."""
    first = running.account("second")
    second = Account("second", ringfence(running.folder, "key", "create", "second").strip())
    with running.caller(first) as old, running.caller(second) as new:
        assert (create(old, 1).message, create(new, 2).message) == (SAVED, SAVED)
        ringfence(running.folder, "key", "revoke", "second", "1")
        assert (create(old, 3).message, create(new, 4).message) == (PHONE_REFUSED, SAVED)


def test_a_key_imported_now_is_let_in(running: Running) -> None:
    """It is refused until the moment it is imported."""
    running.account("imported")
    with running.caller(Account("imported", IMPORTED)) as client:
        assert create(client, 1).message == PHONE_REFUSED
        ringfence(running.folder, "key", "import", "imported", stdin=f"{IMPORTED}\n")
        assert create(client, 1).message == SAVED
        assert block(client, "Spam").message == "created"


def test_a_limit_changed_now_holds(running: Running) -> None:
    """Lowered it refuses the next phone number, raised it takes it."""
    account = running.account("limit")
    with running.caller(account) as client:
        running.set(account, "--phone-number-limit", "0")
        assert "Phone Number Limit Exceeded" in str(create(client, 1).message)
        running.set(account, "--phone-number-limit", "1")
        assert create(client, 1).message == SAVED


def test_a_region_changed_now_holds(running: Running) -> None:
    """The same digits are another number in another country."""
    account = running.account("region")
    with running.caller(account) as client:
        assert block(client, "India", "2025550123").output["succes"] == ["+912025550123"]
        running.set(account, "--region", "US")
        assert block(client, "America", "2025550123").output["succes"] == ["+12025550123"]


def test_a_time_zone_changed_now_holds(running: Running) -> None:
    """An hour ahead in UTC is long past on one side of the world and to come on the other."""
    account = running.account("zone")
    soon = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
    with running.caller(account) as client:
        running.set(account, "--timezone", "Pacific/Kiritimati")
        assert "errors" in block(client, "Spam", expiryDate=soon).content
        running.set(account, "--timezone", "Etc/GMT+12")
        assert block(client, "Spam", expiryDate=soon).message == "created"


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_an_expiry_at_the_end_of_the_calendar_can_be_checked(running: Running, zone: str) -> None:
    """West of Greenwich the last second of 9999 is a moment of the year 10000."""
    account = running.account(f"end-{zone[:3]}")
    running.set(account, "--timezone", zone)
    with running.caller(account) as client:
        assert block(client, "Spam", expiryDate="9999-12-31 23:59:59").message == "created"
    assert "is blocked by" in ringfence(running.folder, "check", account.user_name, "9812345678")


def test_repeated_wrong_keys_are_answered_later_with_the_same_text(folder: Path) -> None:
    """The tenth wrong answer takes its time, and says no more than the first."""
    with (
        ServerProcess(folder, auth_delay_max_s=0.3) as server,
        server.client(Account("demo", "rf_wrong")) as client,
    ):
        answers = [create(client, number) for number in range(9)]
        started = monotonic()
        answers.append(create(client, 9))
        assert monotonic() - started >= 0.25
    assert {(answer.status, answer.body) for answer in answers} == {
        (200, b'{"status":"error","message":"userName or apiKey not valid"}')
    }


def test_the_right_key_is_not_delayed_beside_wrong_ones(folder: Path) -> None:
    """Many right answers pass one wrong answer that is held back, from the same address."""
    with ServerProcess(folder, auth_delay_max_s=1) as server:
        race(server, create, NOBODY)
        # A busy machine may hold up one attempt; it does not hold up all of them.
        assert any(overtakes(server) for _ in range(5))


def overtakes(server: ServerProcess) -> bool:
    """Whether several right keys in a row are answered while a wrong one still waits."""
    with (
        ThreadPoolExecutor(1) as pool,
        server.client(NOBODY) as wrong,
        server.client() as right,
    ):
        held_back = pool.submit(create, wrong, 0)
        for number in range(5):
            assert create(right, number).message != PHONE_REFUSED
        return not held_back.done()


def test_a_delay_of_zero_turns_delays_off(running: Running) -> None:
    """With delays these requests would take half a minute at the least."""

    def fail(client: Client, number: int) -> None:
        for _ in range(40):
            assert create(client, number).message == PHONE_REFUSED

    started = monotonic()
    race(running.server, fail, NOBODY)
    assert monotonic() - started < 30


def create(client: Client, number: int) -> Answer:
    """Create a phone number that differs from others by `number`."""
    return client.phone("create", phoneName=f"Desk{number}", phoneNumber=f"804123456{number:02}")


def block(client: Client, name: str, number: str = "9812345678", **fields: object) -> Answer:
    """Block a number in a group of its own."""
    given = {"name": name, "description": "Now", "blockNumbers": number, **fields}
    return client.block("POST", **given)
