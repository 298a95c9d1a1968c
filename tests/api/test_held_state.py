"""Decisions read nothing that is stored without being waited for: SQLite alone holds states."""

import apsw
import pytest

from ringfence.config import MAX_MMAP_BYTES, Settings
from ringfence.store.sqlite.marks import read_mark
from ringfence.store.sqlite.nearby import SqliteNearby
from ringfence.store.sqlite.store import SqliteStore
from tests.api.house import BLOCKED, FRIEND, OWN_NUMBER, SCREENINGS, SKILL, build, seed_screenings
from tests.api.test_screening import screen
from tests.conftest import Clock

WRITING = {apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE}


@pytest.fixture
def engine() -> str:
    """Return the one engine of these tests."""
    return "sqlite"


class Tables:
    """The tables that the statements of a connection read, and those that they write."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.read: set[str] = set()
        self.written: set[str] = set()
        # Statements from before are prepared anew (https://sqlite.org/c3ref/set_authorizer.html).
        connection.authorizer = self._allow

    def _allow(self, operation: int, table: str | None, *_others: str | None) -> int:
        if table is not None and operation == apsw.SQLITE_READ:
            self.read.add(table)
        if table is not None and operation in WRITING:
            self.written.add(table)
        return apsw.SQLITE_OK


def test_what_calls_leave_behind_decides_about_none(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked of whatever an account has."""
    nearby = store.nearby()
    deciding = Tables(nearby.transaction.connection)
    monkeypatch.setattr(store, "nearby", lambda _: nearby)
    house = build(store, clock)
    house.furnish()
    house.admin.post("/v1/block-groups", name="Watched", mode="monitor")
    house.admin.post("/v1/block-groups/3/numbers", numbers=["+919812300099", "+9144*"])
    for number in (BLOCKED, FRIEND, OWN_NUMBER, "+911401", "+914401", "anonymous", "+15005550006"):
        for fields in (
            {},
            {"skill": SKILL},
            {"called": OWN_NUMBER},
            {"called": BLOCKED, "direction": "outbound"},
        ):
            for explain in "01":
                screen(house, number, explain=explain, **fields)
    assert {"account", "block_group", "blocked_number", "api_key"} <= deciding.read
    stored, mark = store.write(lambda tx: (Tables(tx.connection), read_mark(tx.connection)))
    seed_screenings(store, house.account, [f"{int(each, 16) + 9:016x}" for each in SCREENINGS])
    assert store.write(lambda tx: read_mark(tx.connection)) == mark
    assert {"screening", "entry_hit"} <= stored.written
    assert (stored.written & deciding.read, deciding.written) == (set(), set())


def test_a_door_is_seen_though_calls_are_stored_meanwhile(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each change of anybody, between two calls that find a state held."""
    held: list[bool] = []
    begin = SqliteNearby.begin

    def begun(self: SqliteNearby) -> int:
        for _ in range(2):  # the first sees what was changed, and after that none is held
            self.let_go()
            begin(self)
            self.end()
        seed_screenings(store, house.account, [f"{int(SCREENINGS[0], 16) + len(held):016x}"])
        held.append(self.transaction.connection.in_transaction)
        return begin(self)

    house = build(store, clock)
    monkeypatch.setattr(SqliteNearby, "begin", begun)
    made = house.admin.post("/v1/block-groups", name="Spam")["id"]
    for n in range(20):
        number = f"+9198123111{n:02}"
        assert screen(house, number)["disposition"] == "pass"
        house.admin.post(f"/v1/block-groups/{made}/numbers", numbers=[number])
        assert screen(house, number)["disposition"] == "block"
    assert held == [True] * 40


@pytest.mark.parametrize("most", [MAX_MMAP_BYTES, 65_536, 0])
def test_a_server_maps_as_much_of_the_file_as_its_setting_says(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """By the reader that answers calls."""
    made: list[SqliteNearby] = []
    nearby = store.nearby

    def make(mmap_bytes: int) -> SqliteNearby:
        made.append(nearby(mmap_bytes))
        return made[-1]

    monkeypatch.setattr(store, "nearby", make)
    screen(build(store, clock, sqlite_mmap_bytes=most))
    assert [each.transaction.one("pragma mmap_size") for each in made] == [(most,)]


def test_all_that_sqlite_can_is_mapped_where_nothing_is_said() -> None:
    """Most stores are smaller."""
    assert Settings.model_validate({}).sqlite_mmap_bytes == MAX_MMAP_BYTES
