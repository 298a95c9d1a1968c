"""The same server, authentication, parsing and thread hop, with no store behind.

Run as a program it prints its address and serves A1, acknowledging creates that go nowhere.
"""

import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import cast

from bench.servers import KEY, USER
from ringfence.app import create_apps
from ringfence.cli.options import read_settings
from ringfence.core.credentials import digest_of
from ringfence.http.server import Served, listen, run_server
from ringfence.logs import configure_logs
from ringfence.model.accounts import ApiAuthentication, Role
from ringfence.model.phone_numbers import PhoneNumberSaved
from ringfence.store import OpenStore, Transaction
from ringfence.store.database import Job

_ACCOUNT = (1, USER, "IN", "Asia/Kolkata", 10_000_000, 0, ApiAuthentication.KEY, 603, None, 90, 0)
_ROWS = {digest_of(KEY): (*_ACCOUNT, None, 24, 1, Role.ADMIN)}


class _Rows:
    """Answers the look-up of a key from memory."""

    def one(self, _sql: str, values: tuple[str, ...] = ()) -> tuple[object, ...] | None:
        """Return the account that holds the key of this digest; nothing else is there."""
        return _ROWS.get(values[0]) if values else None


class NoStore:
    """Keeps nothing, at no cost, behind the same hop to one thread and back."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Sequence[Job]] = SimpleQueue()
        self._computing = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            jobs = self._jobs.get()
            with self._computing:
                results = [job.work() for job in jobs]
            for job, result in zip(jobs, results, strict=True):
                job.deliver(result, None)

    def read(self, work: Callable[["_Rows"], object]) -> object:
        """Let `work` find the one account there is."""
        return work(_Rows())

    def write(self, _work: Callable[[Transaction], object]) -> object:
        """Say that a phone number was saved."""
        return PhoneNumberSaved(1, skills_refused=False)

    def perform(self, jobs: Sequence[Job]) -> None:
        """Do the work in the thread; nothing has to be made durable."""
        self._jobs.put(jobs)

    perform_aside = perform

    def give_way(self, timeout_s: float) -> None:
        """Wait while jobs are run, at most so long."""
        if self._computing.acquire(timeout=timeout_s):
            self._computing.release()

    file = None

    def nearby(self, _mmap_bytes: int = 0) -> None:
        """Have nothing to read."""

    def stats(self) -> dict[str, int]:
        """Have nothing to tell."""
        return {}

    def close(self) -> None:
        """Have nothing to close."""


def main() -> None:
    """Serve until stopped."""
    settings = read_settings()
    configure_logs(settings.log_level, settings.log_format)
    with listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        apps = create_apps(cast("OpenStore", NoStore()), settings)
        served = [Served(apps.main, listener)]
        run_server(served, settings, apps.metrics, lambda: print(address, flush=True))


if __name__ == "__main__":
    main()
