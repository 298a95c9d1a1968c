"""/v1/screenings and /v1/screening-counts: what became of calls, as JSON."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from ringfence.core.activity import store_screenings
from ringfence.model.activity import ScreeningQuery
from ringfence.model.screening_ids import format_screening_id
from tests.api.house import BLOCKED, OWN_NUMBER, SCREENINGS, SKILL, Caller, House, problem_of
from tests.conftest import Clock
from tests.core.screenings import blocked, later, outbound, screened

LIST = "/v1/screenings"
COUNTS = "/v1/screening-counts"
FIRST = {
    "id": SCREENINGS[0],
    "at": "2026-01-01T00:00:00Z",
    "calling": BLOCKED,
    "called": OWN_NUMBER,
    "direction": "inbound",
    "skill": SKILL,
    "disposition": "block",
    "reason": "number_blocked",
    "group": {"id": 1, "name": "Nuisance"},
    "entry": BLOCKED,
    "enforcer": {"key_id": 1, "label": ""},
    "latency_us": 120,
}


def found(caller: Caller, **query: object) -> list[Any]:
    """Return the ids of what a query finds."""
    told = caller.get(f"{LIST}?{urlencode(query)}")
    assert told["next"] is None
    return [item["id"] for item in told["items"]]


def test_one_is_read_by_its_id(house: House) -> None:
    """As it is in the list."""
    assert house.admin.get(f"{LIST}/{SCREENINGS[0]}") == FIRST
    assert house.admin.get(LIST)["items"][-1] == FIRST


@pytest.mark.parametrize(
    "name", ["0" * 16, "0", "f" * 16, "x" * 16, SCREENINGS[0].upper(), "1" * 99]
)
def test_what_is_not_there_is_not_found(house: House, name: str) -> None:
    """Nor what is no id."""
    assert house.admin.refused("GET", f"{LIST}/{name}") == (404, "screening_not_found")


def test_each_parameter_is_a_filter(house: House) -> None:
    """By what it finds and by what it leaves out, in the spelling of a person."""
    others = [
        outbound(screened(house.account, 5, later(hours=1), key_id=3, latency_us=9)),
        blocked(house.account, 6, later(hours=2), block_group_id=2, pattern="+91981*"),
    ]
    store_screenings(house.store, others)
    other, newest = (format_screening_id(each.screening_id) for each in others)
    seeded = SCREENINGS[::-1]
    finds: dict[str, dict[Any, Sequence[str]]] = {
        "calling": {"98123 00001": [newest, *seeded], OWN_NUMBER: [other], "98123 99999": []},
        "called": {OWN_NUMBER: [newest, *seeded], "098123 00001": [other]},
        "direction": {"inbound": [newest, *seeded], "outbound": [other]},
        "disposition": {"block": [newest, *seeded], "pass": [other]},
        "reason": {"not_blocked": [other], "emergency": []},
        "group": {1: seeded, 2: [newest], 3: []},
        "entry": {"98123 00001": seeded, "+91981*": [newest], "withheld": []},
        "skill": {SKILL: seeded, "None": []},
        "enforcer": {3: [other], 4: []},
        "min_latency_us": {120: seeded, 121: []},
        "since": {
            "2026-01-01T06:30:00+05:30": [newest, other],
            "2026-01-01T01:00:00.006Z": [newest],
        },
        "until": {"2026-01-01T00:00:00Z": [], "2026-01-01T01:00:00Z": seeded},
    }
    assert len(finds) == len(ScreeningQuery.__dataclass_fields__)
    for name, values in finds.items():
        for value, expected in values.items():
            assert found(house.admin, **{name: value}) == list(expected), (name, value)


@pytest.mark.parametrize(
    "query",
    [
        *("direction=both", "disposition=maybe", "reason=why", "group=x", "calling=", "entry="),
        *("since=yesterday", "until=2026-01-01", "min_latency_us=-1", f"calling={'1' * 251}"),
    ],
)
def test_what_is_no_such_value_is_refused(house: House, query: str) -> None:
    """And told by the name of the parameter."""
    told = problem_of(house.admin.ask("GET", f"{LIST}?{query}"))
    assert (told["status"], told["code"]) == (422, "invalid_input")
    assert [each["parameter"] for each in told["errors"]] == [query.partition("=")[0]]


def test_calls_are_counted(house: House) -> None:
    """By step, group and what became of them."""
    calls = [screened(house.account, 9, later(hours=n), monitors=(2,)) for n in (0, 1, 25)]
    store_screenings(house.store, calls)
    told = house.admin.get(f"{COUNTS}?step=day")
    assert told["next"] is None
    nuisance, empty = {"id": 1, "name": "Nuisance"}, {"id": 2, "name": "Empty"}
    assert [tuple(item.values()) for item in told["items"]] == [
        ("2026-01-01T00:00:00Z", None, "pass", 2),
        ("2026-01-01T00:00:00Z", nuisance, "block", 3),
        ("2026-01-01T00:00:00Z", empty, "would_block", 5),
        ("2026-01-02T00:00:00Z", None, "pass", 1),
        ("2026-01-02T00:00:00Z", empty, "would_block", 1),
    ]
    hours = house.admin.get(f"{COUNTS}?step=hour&group=2&since=2026-01-01T00:59:00Z")["items"]
    assert [(item["at"][5:16], item["calls"]) for item in hours] == [
        *(("01-01T00:00", 4), ("01-01T01:00", 1), ("01-02T01:00", 1)),
    ]
    early = house.admin.get(f"{COUNTS}?until=2026-01-01T00:00:01Z")["items"]
    assert [item["calls"] for item in early] == [1, 3, 4]


def test_an_entry_tells_how_often_it_blocked(house: House) -> None:
    """And has the same ETag before and after."""
    target = f"/v1/block-groups/1/numbers/{BLOCKED}"
    before = house.admin.ask("GET", target)
    assert house.admin.get(target)["hits"] == 3
    store_screenings(house.store, [blocked(house.account, 9, later(seconds=1))])
    told = house.admin.get(target)
    assert (told["hits"], told["last_hit_at"]) == (4, "2026-01-01T00:00:01Z")
    assert house.admin.ask("GET", target).header("etag") == before.header("etag")
    [block] = house.admin.get(f"/v1/blocked-numbers?number=%2B{BLOCKED[1:]}")["items"]
    assert block["hits"] == 4
    items = house.admin.get("/v1/block-groups/1/numbers")["items"]
    assert [item["hits"] for item in items if item["number"] != BLOCKED] == [0] * 4
    assert {item["last_hit_at"] for item in items if not item["hits"]} == {None}


def test_a_hashed_account_is_told_hashes(house: House, clock: Clock) -> None:
    """From then on; a number finds what was kept before, and since."""
    house.admin.patch("/v1/account", activity={"hashed": True, "days": 30})
    assert house.admin.get("/v1/account")["activity"] == {"days": 30, "hashed": True}
    store_screenings(house.store, [blocked(house.account, 9, clock.now + timedelta(hours=1))])
    newest = house.admin.get(f"{LIST}?limit=1")["items"][0]
    assert newest["calling"].startswith("#")
    assert newest["calling"] == newest["entry"]
    assert newest["called"] == OWN_NUMBER
    assert len(found(house.admin, calling=BLOCKED)) == 4
    assert len(found(house.admin, entry=BLOCKED)) == 4
    assert found(house.admin, calling=newest["calling"]) == [newest["id"]]
