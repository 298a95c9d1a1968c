"""Screening in a real server: whatever any door has written is seen by the next call."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from tests.system.client import NEW_DELETE, Client
from tests.system.server_process import ServerProcess, ringfence

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
