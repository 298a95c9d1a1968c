"""Callers who block and unblock numbers while servers come and go, and know how that must end."""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.system.client import Account, Answer, Client
from tests.system.server_process import PATIENCE_S, ServerProcess

PAUSE_S = 0.03
"""How long a caller rests between two requests."""

Place = tuple[int, str]
"""A number in a group."""


class Address:
    """Where the server is that runs now, for those who are not told when it dies."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._changing = threading.Condition()
        self._server: ServerProcess | None = None

    @contextmanager
    def of(self, server: ServerProcess) -> Iterator[None]:
        """Let callers come to a server for as long as the context lasts."""
        self._tell(server)
        try:
            yield
        finally:
            self._tell(None)

    def client(self) -> Client:
        """Return a caller, once there is a server."""
        with self._changing:
            assert self._changing.wait_for(lambda: self._server is not None, PATIENCE_S)
            assert self._server is not None
            return self._server.client(self._account)

    def _tell(self, server: ServerProcess | None) -> None:
        with self._changing:
            self._server = server
            self._changing.notify_all()


@dataclass
class Writer:
    """One caller, with numbers that no other writes, some of which an import has too.

    `blocked` says why each number is blocked by hand, None where it was unblocked last. What was
    not acknowledged is sent again: it does nothing twice.
    """

    name: str
    places: Sequence[Place]
    rng: random.Random
    blocked: dict[Place, str | None] = field(default_factory=dict)
    acknowledged: int = 0
    surprises: list[Answer] = field(default_factory=list)

    def run(self, address: Address, stop: threading.Event) -> None:
        """Write until it is told to stop."""
        while not stop.is_set():
            group, _ = self.rng.choice(self.places)
            own = [number for each, number in self.places if each == group]
            numbers = self.rng.sample(own, min(3, len(own)))
            if self.rng.random() < 0.6:
                reason = f"{self.name} {self.acknowledged}"
                self._insist(address, reason, group, numbers)
            else:
                self._insist(address, None, group, numbers)
            time.sleep(PAUSE_S)

    def _insist(self, address: Address, reason: str | None, group: int, numbers: list[str]) -> None:
        """Block numbers for good, or unblock them, however often that takes."""
        target = f"/v1/block-groups/{group}/numbers"
        fields: dict[str, object] = {"numbers": numbers}
        if reason is None:
            target += "/remove"
        else:
            fields["reason"] = reason
        while True:
            with suppress(OSError, HTTPException), address.client() as client:
                answer = ask(client, "POST", target, json.dumps(fields).encode())
                if answer.status != 200:
                    self.surprises.append(answer)
                break
            time.sleep(0.002)
        self.acknowledged += 1
        self._note(group, numbers, reason)

    def _note(self, group: int, numbers: Sequence[str], reason: str | None) -> None:
        for number in numbers:
            place = group, number
            # Blocked for good already: then it stays as it is.
            if reason is None or self.blocked.get(place) is None:
                self.blocked[place] = reason


def ask(client: Client, method: str, target: str, body: bytes = b"", media: str = "") -> Answer:
    """Send one request to /v1."""
    headers = {"Authorization": f"Bearer {client.account.key}"}
    if body:
        headers["Content-Type"] = media or "application/json"
    return client.request(method, target, body or None, headers)


class Crew:
    """Writers at work, from now until they are told to stop."""

    def __init__(self, writers: Sequence[Writer], address: Address) -> None:
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(len(writers))
        self._running = [
            self._pool.submit(writer.run, address, self._stopping) for writer in writers
        ]

    def stop(self) -> None:
        """Let each have its last acknowledgement, for which they need a server."""
        self._stopping.set()
        self._pool.shutdown()
        for each in self._running:
            each.result()
