"""No account sees, changes, or learns of anything of another's, by any route of any door."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringfence.cloudagent.context import Context
from ringfence.cloudagent.older_paths import PathUses
from ringfence.cloudagent.routes import routes as wire_routes
from ringfence.config import Settings
from ringfence.http.failure_delay import FailureDelay
from ringfence.http.handover import Handover
from ringfence.store import OpenStore, open_store
from tests.api.house import Caller, all_routes
from tests.api.neighbours import (
    Asked,
    Neighbour,
    build_worlds,
    normalised,
    requests_of_v1,
    requests_of_wire,
    send,
)
from tests.conftest import Clock
from tests.postgres.server import PostgresServer
from tests.store.people import rows_of

TWIN = "twin"


@pytest.fixture
def twin(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """Return a second store, on the same database as the first."""
    if engine == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'twin.db'}", create=True)
        yield opened
        opened.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    server.create_database(TWIN)
    opened = open_store(server.url(TWIN), create=True)
    yield opened
    opened.close()
    server.drop_database(TWIN)


def template_of(asked: Asked) -> tuple[str, str]:
    """Return method and route of a request to /v1."""
    path = asked.target.partition("?")[0]
    for method, route in all_routes():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", route)
        exact = path.endswith("/remove") == route.endswith("/remove")
        if method == asked.method and re.fullmatch(pattern, path) and exact:
            return method, route
    raise AssertionError(asked)


def methods_of_wire(store: OpenStore, clock: Clock, app: Caller) -> set[tuple[str, str]]:
    """Return every method and path that the wire has, as it tells them itself."""
    handover = Handover(store, 1)
    parts = handover, FailureDelay(0), PathUses(store, handover)
    defaults: dict[str, Any] = {}
    context = Context(store, Settings(**defaults), clock, *parts)
    paths = [route.path for route in wire_routes(context)]
    allowed = {path: app.ask("NOTHING", path).header("allow") or "" for path in paths}
    return {(method, path) for path in paths for method in allowed[path].split(", ")}


@pytest.mark.parametrize("furnished", [False, True], ids=["bob has nothing", "bob has the same"])
def test_a_neighbour_makes_no_difference(
    store: OpenStore, twin: OpenStore, clock: Clock, *, furnished: bool
) -> None:
    """Whatever Bob asks about Alice's things, he hears what he would if there were no Alice."""
    bob, beside, alice = build_worlds(store, twin, clock, furnished=furnished)
    hers: Neighbour = alice
    before = rows_of(twin, hers.house.account)
    assert all(before[table] for table in ("api_key", "blocked_number", "change", "kept_answer"))
    asked = [*requests_of_v1(hers), *requests_of_wire(hers)]
    for each in asked:
        alone, together = send(bob.app, each), send(beside.app, each)
        assert normalised(together) == normalised(alone), each
        assert rows_of(twin, hers.house.account) == before, each
    for caller in (bob, beside, hers.house.admin):
        assert caller.ask("GET", "/v1/account").status == 200


def test_every_route_of_every_door_is_asked(
    store: OpenStore, twin: OpenStore, clock: Clock
) -> None:
    """A route that nobody thought of here would not be walked."""
    bob, _, alice = build_worlds(store, twin, clock, furnished=False)
    assert {template_of(each) for each in requests_of_v1(alice)} == set(all_routes())
    wire = requests_of_wire(alice)
    asked = {(each.method, each.target.partition("?")[0]) for each in wire}
    expected = methods_of_wire(store, clock, bob)
    assert {each for each in asked if not each[1].startswith("/v1")} == expected


def test_what_the_worlds_have_is_what_is_asked_for(
    store: OpenStore, twin: OpenStore, clock: Clock
) -> None:
    """Alice herself gets what Bob does not: her things are there to be found."""
    *_, alice = build_worlds(store, twin, clock, furnished=False)
    found = [
        alice.house.admin.ask("GET", each.target).status
        for each in requests_of_v1(alice)
        if each.method == "GET" and not each.headers
    ]
    assert found.count(200) > len(found) * 0.7
