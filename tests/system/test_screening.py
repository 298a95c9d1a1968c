"""Screening in a real server: whatever any door has written is seen by the next call."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from tests.system.client import NEW_DELETE, Client
from tests.system.server_process import ServerProcess, ringfence, wait_until

NUMBER = "+919812300009"
ROUNDS = 50
BUSY = 4


def screen(client: Client, number: str = NUMBER) -> Any:  # noqa: ANN401  any JSON
    """Return what is told of a call."""
    proof = {"Authorization": f"Bearer {client.account.key}"}
    target = f"/v1/screen?calling={number.replace('+', '%2B')}&explain=0"
    answer = client.request("GET", target, headers=proof)
    assert answer.status == 200, answer
    return json.loads(answer.body)["disposition"]


@contextmanager
def asking(server: ServerProcess) -> Iterator[None]:
    """Let others ask all the time, for as long as the context lasts, so that no turn is quiet."""
    over = Event()

    def ask(_: int) -> None:
        with server.client() as client:
            while not over.is_set():
                screen(client, "+919812399999")

    with ThreadPoolExecutor(BUSY) as pool:
        asked = [pool.submit(ask, each) for each in range(BUSY)]
        try:
            yield
        finally:
            over.set()
        for each in asked:
            each.result()


def test_what_the_wire_did_is_seen_at_once(folder: Path) -> None:
    """Blocked and unblocked by one caller, while others ask all the time."""
    with ServerProcess(folder) as server, server.client() as client:
        first = {"name": "Wired", "description": "One", "blockNumbers": ["9812300001"]}
        group = client.block("POST", **first).output["lastInsertId"]
        with asking(server):
            for _ in range(ROUNDS):
                client.block("PUT", id=group, blockNumbers=[NUMBER])
                assert screen(client) == "block"
                assert client.newer("DELETE", NEW_DELETE, blockNumbers=NUMBER).message == "deleted"
                assert screen(client) == "pass"


def test_what_a_command_did_is_seen_at_once(folder: Path) -> None:
    """An import by another process, its undo, and a key that another process revoked."""
    file = folder / "numbers.csv"
    file.write_text(f"{NUMBER}\n")
    with ServerProcess(folder) as server, server.client(kept=False) as client:
        account = server.account.user_name
        client.block("POST", name="Loaded", description="One", blockNumbers=["9812300002"])
        with asking(server):
            assert screen(client) == "pass"
            words = ("import", account, "Loaded", str(file), "--yes", "--json")
            made = json.loads(ringfence(folder, *words))["id"]
            assert screen(client) == "block"
            ringfence(folder, "import", "undo", made)
            assert screen(client) == "pass"
        ringfence(folder, "key", "revoke", account, "1")
        proof = {"Authorization": f"Bearer {server.account.key}"}
        assert client.request("GET", "/v1/screen?calling=1", headers=proof).status == 401


def test_what_is_asked_over_and_over_is_told_the_same(folder: Path) -> None:
    """On one kept line, of which the server parses the first request alone: each is kept, too."""
    numbers = [f"+9198123{n:05}" for n in range(40)]
    with ServerProcess(folder) as server, server.client() as client:
        client.block("POST", name="Odd", description="One", blockNumbers=numbers[1::2])
        told = [screened(client, number) for number in numbers for _ in range(2)]
        assert [each["disposition"] for each, _ in told[::2]] == ["pass", "block"] * 20
        assert [each for each, _ in told[::2]] == [each for each, _ in told[1::2]]
        ids = [screening_id for _, screening_id in told]
        wait_until(lambda: kept_ids(client) == sorted(ids, reverse=True), "all that was asked")


def screened(client: Client, number: str) -> tuple[Any, str]:
    """Return all that is told of a call, and its id."""
    proof = {"Authorization": f"Bearer {client.account.key}"}
    target = f"/v1/screen?calling={number.replace('+', '%2B')}"
    answer = client.request("GET", target, headers=proof)
    assert answer.status == 200, answer
    return json.loads(answer.body), answer.headers["ringfence-screening"]


def kept_ids(client: Client) -> list[str]:
    """Return the ids of all calls that are kept, the newest first."""
    proof = {"Authorization": f"Bearer {client.account.key}"}
    answer = client.request("GET", "/v1/screenings?limit=1000", headers=proof)
    return [each["id"] for each in json.loads(answer.body)["items"]]
