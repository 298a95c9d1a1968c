"""Callers that all start at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.system.client import Account, Client
from tests.system.server_process import PATIENCE_S, ServerProcess

T = TypeVar("T")

CALLERS = 16


def race(
    server: ServerProcess, work: Callable[[Client, int], T], account: Account | None = None
) -> list[T]:
    """Let all callers do `work`, each on its own connection; return what each got, by number."""
    start = Barrier(CALLERS)

    def run(number: int) -> T:
        with server.client(account) as client:
            start.wait(PATIENCE_S)
            return work(client, number)

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(run, range(CALLERS)))
