"""Group commit against one commit per request, on the same file."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.load import CLIENTS
from bench.report import Figure
from ringfence.clock import utc_now
from ringfence.core.accounts import AccountDraft, create_account
from ringfence.model.accounts import Account
from ringfence.store import Store, Transaction, open_store, phone_numbers
from ringfence.store.sqlite import group_commit

ROUNDS = 5
WRITES_EACH = 250

_numbers = count(6_000_000_000)


def commits(folder: Path) -> Iterator[Figure]:
    """Yield what waiting together gains."""
    store = open_store(f"sqlite:///{folder / 'commits.db'}", create=True)
    draft = AccountDraft("commits", phone_number_limit=10_000_000)
    account = create_account(store, draft, at=utc_now()).account
    together, alone = [], []
    for _ in range(ROUNDS):
        together.append(_rate(store, account, group_commit.MAX_BATCH))
        alone.append(_rate(store, account, 1))
    store.close()
    yield Figure(
        "group commit against one commit per request, 16 writers",
        median(together) / median(alone),
        "≥ 2",
        f"{median(together):,.0f} a second against {median(alone):,.0f}",
    )


def _rate(store: Store, account: Account, batch: int) -> float:
    usual = group_commit.MAX_BATCH
    group_commit.MAX_BATCH = batch
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            started = perf_counter()
            list(pool.map(lambda _: _write(store, account), range(CLIENTS)))
            return CLIENTS * WRITES_EACH / (perf_counter() - started)
    finally:
        group_commit.MAX_BATCH = usual


def _write(store: Store, account: Account) -> None:
    for _ in range(WRITES_EACH):
        store.write(partial(_insert, account, f"+91{next(_numbers)}"))


def _insert(account: Account, number: str, tx: Transaction) -> int:
    return phone_numbers.insert_phone_number(tx, account, number, number, number, utc_now())
