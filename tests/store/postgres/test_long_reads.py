"""Reads that take longer than a request may: each statement within its own time."""

from time import monotonic

import pytest

from ringfence.errors import Unavailable
from ringfence.store import Transaction
from ringfence.store.postgres.patience import Patience
from ringfence.store.postgres.store import LONGEST_READ_S
from tests.store.postgres.administration import opened

TIMEOUT_S = 1.0


def dawdle(tx: Transaction) -> int:
    """Take longer than a request may wait, by statements that do not."""
    for _ in range(4):
        tx.all("select pg_sleep(0.35)")
    return sum(len(rows) for rows in tx.stream("select 1 from generate_series(1, 6000)"))


def test_a_long_read_has_more_time_than_a_request(database_url: str) -> None:
    """A request gives up; so does a statement that alone takes too long."""
    with opened(database_url, timeout_s=TIMEOUT_S) as store:
        assert store.read_at_length(dawdle) == 6000
        with pytest.raises(Unavailable):
            store.read(dawdle)
        with pytest.raises(Unavailable):
            store.read_at_length(lambda tx: tx.all("select pg_sleep(5)"))
        assert store.read(lambda tx: tx.one("select 1")) == (1,)


def test_the_deadline_around_it_holds_again_behind_it() -> None:
    """A request that reads at length in its course keeps its own deadline for the rest."""
    patience = Patience(1.0)
    outer = monotonic() + 5
    with patience.until(outer):
        with patience.until(outer + LONGEST_READ_S):
            assert patience.deadline() == outer + LONGEST_READ_S
        assert patience.deadline() == outer
    assert patience.deadline() < outer
