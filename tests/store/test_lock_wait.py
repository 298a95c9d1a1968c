"""Who waits too long for an account's lock is told so, and nobody else notices."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import psycopg
import pytest

from ringfence.core.skills import add_skill
from ringfence.errors import Unavailable
from ringfence.store import Store, open_store
from tests.conftest import DATABASE
from tests.core.people import ORIGIN, new_account
from tests.postgres.fresh import EMPTY
from tests.postgres.server import PostgresServer

TIMEOUT_S = 2.0
LOCK = "select 1 from account where account_id = %s for no key update"
SESSIONS = (
    "select pid, backend_start from pg_stat_activity "
    "where application_name = 'ringfence' and datname = current_database()"
)


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """Return the address of an empty database."""
    postgres.execute(EMPTY, DATABASE)
    return postgres.url(DATABASE)


@pytest.fixture(params=[6, 2], ids=["a connection each", "few connections"])
def store(url: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Return a store on it whose requests have two seconds."""
    most = request.param
    opened = open_store(url, create=True, postgres_connections=most, postgres_timeout_s=TIMEOUT_S)
    yield opened
    opened.close()


def sessions(url: str) -> set[tuple[int, object]]:
    """Return which connections the store has."""
    with psycopg.connect(url, application_name="look") as connection:
        return {(row[0], row[1]) for row in connection.execute(SESSIONS).fetchall()}


def test_a_lock_held_long_costs_no_connection(store: Store, url: str) -> None:
    """Waiters give up in time; another account's writer passes meanwhile."""
    alice, bob = new_account(store), new_account(store)

    def wait(place: int) -> float:
        began = monotonic()
        with pytest.raises(Unavailable):
            add_skill(store, alice, f"Skill {place}", ORIGIN)
        return monotonic() - began

    with (
        psycopg.connect(url, application_name="holder") as holder,
        ThreadPoolExecutor(6) as threads,
    ):
        holder.execute(LOCK, (alice.account_id,))
        waiters = [threads.submit(wait, 0)]
        add_skill(store, bob, "Sales", ORIGIN)
        before = sessions(url)
        waiters += [threads.submit(wait, place) for place in range(1, 5)]
        assert all(each.result() < TIMEOUT_S + 0.2 for each in waiters)
    add_skill(store, alice, "Sales", ORIGIN)
    assert before
    assert before <= sessions(url)
