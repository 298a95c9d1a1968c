"""Quick answers from a file that is out of reach for a moment: SQLite alone has them."""

import apsw
import pytest

from ringfence.store.sqlite.nearby import SqliteNearby
from ringfence.store.sqlite.store import UNAVAILABLE, SqliteStore
from tests.api.house import build
from tests.api.test_screening import block, disposition
from tests.conftest import Clock
from tests.store.together import Breaking


@pytest.fixture
def engine() -> str:
    """Return the one engine of these tests."""
    return "sqlite"


@pytest.mark.parametrize(
    "statement", ["begin", "data_version", "user_version", "from account", "blocked_number"]
)
def test_what_fails_nearby_is_answered_by_the_route(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """And nothing stays open that the next quick answer would meet."""
    connection = Breaking(apsw.Connection(str(store.file)))
    beside = apsw.Connection(str(store.file))
    writer = store._writer  # noqa: SLF001  a store has one
    nearby = SqliteNearby(connection, beside, writer, UNAVAILABLE)  # type: ignore[arg-type]
    monkeypatch.setattr(store, "nearby", lambda _: nearby)
    house = build(store, clock)
    block(house)
    connection.breaks = statement
    assert [disposition(house) for _ in range(2)] == ["block", "block"]
    assert connection.breaks is None
    for _ in range(2):
        nearby.let_go()
    assert not connection.in_transaction
