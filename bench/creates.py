"""Durable creates through A1 against the ceiling, and at a million numbers against a thousand."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import apsw

from bench.load import requests_per_s
from bench.report import Figure
from bench.servers import KEY, USER, Server, ringfence, serving
from ringfence.clock import utc_now
from ringfence.core.accounts import AccountDraft, create_account
from ringfence.core.credentials import import_key
from ringfence.model.changes import Origin
from ringfence.store import open_store

ROUNDS = 15
REQUESTS = 1600
CREATED = b"record inserted successfully"

# Odd and even, so that new numbers and names fall everywhere between the old ones.
OLD = range(6_000_000_001, 10_000_000_000, 2)
NEW = range(6_000_000_000, 10_000_000_000, 2)

_LIMIT = 10_000_000


def creates(folder: Path) -> Iterator[Figure]:
    """Yield what a durable create costs, as ratios."""
    small = filled(folder / "small.db", 1_000)
    large = filled(folder / "large.db", 1_000_000)
    with (
        serving("-m", "bench.ceiling") as ceiling,
        ringfence(small) as at_thousand,
        ringfence(large) as at_million,
    ):
        rates = _rates([ceiling, at_thousand, at_million])
    yield Figure(
        "durable creates through A1, 16 clients, against the same without a store",
        ratio(rates[1], rates[0]),
        "≥ 0.5",
        f"{median(rates[1]):,.0f} a second against {median(rates[0]):,.0f}",
    )
    yield Figure(
        "time of a create at 1,000,000 stored numbers against 1,000",
        ratio(rates[1], rates[2]),
        "≤ 1.3",
        f"{1e6 / median(rates[2]):,.0f} µs against {1e6 / median(rates[1]):,.0f} µs",
    )


def ratio(rates: list[float], others: list[float]) -> float:
    """Return the median of the rounds' ratios: both of a round met the same machine."""
    return median(rate / other for rate, other in zip(rates, others, strict=True))


def _rates(servers: list[Server]) -> list[list[float]]:
    """Return each server's rate in every round; the order turns round every other round."""
    numbers = iter(random.Random(7).sample(NEW, 200_000))
    rates: dict[int, list[float]] = {server.port: [] for server in servers}
    for round_ in range(ROUNDS + 1):
        for server in servers if round_ % 2 else servers[::-1]:
            requests = [create_request(next(numbers)) for _ in range(REQUESTS)]
            rate = requests_per_s(server.port, requests, CREATED)
            if round_:  # the first warms everything up
                rates[server.port].append(rate)
    return [rates[server.port] for server in servers]


def create_request(number: int) -> bytes:
    """Return the request that creates this phone number."""
    query = f"phoneName=Phone.{number}&phoneNumber=%2B91{number}"
    path = f"/CAServices/PhoneManageV2.php?action=create&apiKey={KEY}&userName={USER}&{query}"
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def filled(path: Path, count: int) -> str:
    """Make a store whose one account has `count` phone numbers; return its URL."""
    url = f"sqlite:///{path}"
    make_account(url)
    with bulk(path) as connection:
        numbers = random.Random(count).sample(OLD, count)
        connection.executemany(
            "insert into phone_number values (1, ?, ?, ?, ?, ?, 1, 0, 0, 'active', ?)",
            (
                (i, f"Phone.{n}", f"phone.{n}", f"+91{n}", f"+91{n}", f"+91{n}"[::-1])
                for i, n in enumerate(numbers, 1)
            ),
        )
        connection.execute(
            "update account set phone_numbers_used = ?, last_phone_number_id = ?", (count, count)
        )
    return url


def make_account(url: str) -> None:
    """Make a store at `url` with the account of the benchmarks and its key."""
    store = open_store(url, create=True)
    draft = AccountDraft(USER, phone_number_limit=_LIMIT)
    account = create_account(store, draft, at=utc_now()).account
    import_key(store, account, KEY, Origin("bench", None, utc_now()))
    store.close()


@contextmanager
def bulk(path: Path) -> Iterator[apsw.Connection]:
    """Write to the store at `path` in one transaction."""
    connection = apsw.Connection(str(path))
    try:
        with connection:
            yield connection
    finally:
        connection.close()
