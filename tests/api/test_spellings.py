"""One table of spellings at every door: each reads what the reader reads."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from ringfence.cli.main import app as command_line
from ringfence.model.spellings import MAX_SPELLING
from ringfence.model.texts import is_storable
from tests.api.house import File, House
from tests.model.spellings_table import EMERGENCIES, SPELLINGS, WITHHELD, Spelling

REGIONS = sorted({each.region for each in SPELLINGS})
OTHERS = "/v1/block-groups/1/numbers"
EVERY = "/v1/block-groups/2/numbers"
"""The numbers of a group with every number of the table."""
SEARCHED = 50
"""The longest text by which a list is searched."""


def of_region(region: str) -> list[Spelling]:
    """Return the rows of a region."""
    return [each for each in SPELLINGS if each.region == region]


def settle(house: House, region: str) -> None:
    """Let the account be of a region, with a group of nothing and a group of every number."""
    house.admin.patch("/v1/account", region=region)
    for name in ("Others", "Every"):
        house.admin.post("/v1/block-groups", name=name)
    numbers = {each.listed for each in of_region(region)} - {None} or {WITHHELD}
    house.admin.post(EVERY, numbers=sorted(map(str, numbers)))


def allow(house: House, row: Spelling) -> str | None:
    """Allow it, and look what was allowed."""
    answer = house.admin.ask("POST", "/v1/allowed-numbers", {"number": row.text})
    assert answer.status in {201, 422}, answer
    items = house.admin.get("/v1/allowed-numbers")["items"]
    for each in items:
        house.admin.delete(f"/v1/allowed-numbers/{each['id']}")
    return str(items[0]["number"]) if items else None


def block(house: House, row: Spelling) -> str | None:
    """Block it, look what was blocked, and take it out in the same spelling."""
    [told] = house.admin.post(OTHERS, numbers=[row.text])["results"]
    items = house.admin.get(OTHERS)["items"]
    house.admin.post(f"{OTHERS}/remove", numbers=[row.text])
    assert house.admin.get(OTHERS)["items"] == []
    assert [each["number"] for each in items] == [each for each in [told["pattern"]] if each]
    return str(items[0]["number"]) if items else None


def read(house: House, row: Spelling) -> str | None:
    """Look it up by its path."""
    answer = house.admin.ask("GET", target := f"{EVERY}/{quote(row.text, safe='')}")
    assert answer.status in {200, 404, 422}, answer
    return str(house.admin.get(target)["number"]) if answer.status == 200 else None


def find(house: House, row: Spelling) -> str | None:
    """Ask what blocks it."""
    answer = house.admin.ask("GET", target := f"/v1/blocked-numbers?number={quote(row.text)}")
    assert answer.status in {200, 422}, answer
    return str(house.admin.get(target)["items"][0]["number"]) if answer.status == 200 else None


def search(house: House, row: Spelling) -> str | None:
    """Search the list: what is no number may begin one, and is then not asked for."""
    if row.listed is None or len(row.text) > SEARCHED:
        return row.listed
    found = house.admin.get(f"{EVERY}?limit=1000&number={quote(row.text)}")["items"]
    assert len(found) < len(house.admin.get(f"{EVERY}?limit=1000")["items"]) or len(found) == 1
    return row.listed if row.listed in {each["number"] for each in found} else None


def look_at_files(house: House, rows: Sequence[Spelling]) -> list[str | None]:
    """Have a file looked at for each number: the first row is new, the others are the same."""
    found: dict[Spelling, str | None] = {}
    for number in {row.in_file for row in rows}:
        alike = [row for row in rows if row.in_file == number]
        made = house.admin.done("POST", "/v1/imports?into=block-groups/1", file_of(alike))
        counts = {name: count for name, count in made["preview"]["counts"].items() if count}
        failed = failed_lines(house, made["id"])
        assert sum(counts.values()) == len(alike)
        assert counts.get("new", 0) == (len(failed) < len(alike)), counts
        told = made["preview"]["first"].get("new", {}).get("number")
        found |= {row: told for row in alike if row.text not in failed}
    return [found.get(row) for row in rows]


def failed_lines(house: House, import_id: str) -> set[str]:
    """Return the cells of the rows that failed."""
    answer = house.admin.ask("GET", f"/v1/imports/{import_id}/failed")
    _, *failed = csv.reader(StringIO(answer.body.decode(), newline=""))
    return {row[1] for row in failed}


def scrub(house: House, rows: Sequence[Spelling]) -> list[str | None]:
    """Scrub a file with them for each number, which alone is blocked then."""
    found: dict[int, str | None] = {}
    house.admin.delete(EVERY.removesuffix("/numbers"))
    for number in {row.called for row in rows} - {None}:
        house.admin.post(OTHERS, numbers=[number])
        answer = house.admin.ask("POST", "/v1/scrub?column=number", file_of(rows))
        house.admin.post(f"{OTHERS}/remove", numbers=[number])
        _, *kept = csv.reader(StringIO(answer.body.decode(), newline=""))
        places = {int(row[1]) for row in kept}
        found |= {place: number for place in range(len(rows)) if place not in places}
    return [found.get(place) for place in range(len(rows))]


def file_of(rows: Sequence[Spelling]) -> File:
    """Return a file with them in its cells."""
    made = StringIO()
    writer = csv.writer(made, quoting=csv.QUOTE_ALL)
    writer.writerows([("number", "reason"), *((row.text, n) for n, row in enumerate(rows))])
    return File(made.getvalue().encode())


def ask(house: House, row: Spelling) -> str | None:
    """Ask whether it may ring."""
    answer = house.admin.ask("GET", f"/v1/screen?calling={quote(row.text, safe='')}")
    assert answer.status in {200, 422}, answer
    return number_of(json.loads(answer.body), row) if answer.status == 200 else None


def ask_about_many(house: House, rows: Sequence[Spelling]) -> list[str | None]:
    """Ask about all at once: what is told has to be what is told of each alone."""
    texts = [row.text for row in rows if is_sent(row)]
    told = house.admin.post("/v1/screen/batch", numbers=texts)["results"]
    alone = {
        row.text: house.admin.post("/v1/screen", calling=row.text) for row in rows if is_sent(row)
    }
    for each in told:
        one = alone[each["number"]]
        entry = one["winner"] and one["winner"]["entry"]
        assert (each["reason"], each["entry"]) == (one["reason"], entry)
    return [number_of(alone[row.text], row) if row.text in alone else None for row in rows]


def check(house: House, row: Spelling) -> str | None:
    """Ask at the command line."""
    words = ["check", house.account.user_name, "--json", "--database", house.store.url]
    ran = CliRunner().invoke(command_line, [*words, "--", row.text])
    assert ran.exit_code in {0, 1}, ran.output
    return number_of(json.loads(ran.stdout), row)


def is_sent(row: Spelling) -> bool:
    """Whether JSON carries a text to where it is read."""
    return len(row.text) <= MAX_SPELLING and is_storable(row.text)


def number_of(told: Any, row: Spelling) -> str | None:  # noqa: ANN401  any JSON
    """Return the number that was looked up, None where a call was not looked up by a number."""
    is_none = told["reason"] == "no_number" or (told["number"], row.caller) == (row.text, None)
    return None if is_none else str(told["number"])


@dataclass(frozen=True)
class Door:
    """How a door reads a spelling, and what that has to be."""

    reads: Callable[[House, Sequence[Spelling]], list[str | None]]
    expected: Callable[[Spelling], str | None]


def one_by_one(reads: Callable[[House, Spelling], str | None]) -> Callable[..., list[str | None]]:
    """Return what a door reads that is asked for each row by itself."""
    return lambda house, rows: [reads(house, row) for row in rows]


DOORS = {
    "POST /v1/allowed-numbers": Door(one_by_one(allow), lambda row: row.listed),
    "POST /v1/block-groups/{id}/numbers": Door(one_by_one(block), lambda row: row.listed),
    "GET /v1/block-groups/{id}/numbers/{number}": Door(one_by_one(read), lambda row: row.listed),
    "GET /v1/block-groups/{id}/numbers": Door(one_by_one(search), lambda row: row.listed),
    "GET /v1/blocked-numbers": Door(one_by_one(find), lambda row: row.listed),
    "POST /v1/imports": Door(look_at_files, lambda row: row.in_file),
    "POST /v1/scrub": Door(scrub, lambda row: row.called),
    "GET /v1/screen": Door(one_by_one(ask), lambda row: row.caller),
    "POST /v1/screen/batch": Door(ask_about_many, lambda row: row.caller),
    "ringfence check": Door(one_by_one(check), lambda row: row.caller),
}
"""Callers as switches have them are `row.caller`: of a text of nothing they are withheld."""


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", DOORS)
def test_a_door_reads_the_table(bare: House, name: str, region: str) -> None:
    """Each row, in its region."""
    settle(bare, region)
    rows, door = of_region(region), DOORS[name]
    expected = [(row.text, door.expected(row)) for row in rows]
    assert list(zip((row.text for row in rows), door.reads(bare, rows), strict=True)) == expected


@pytest.mark.parametrize("region", sorted({region for _, region in EMERGENCIES}))
def test_no_door_blocks_an_emergency_number(bare: House, region: str) -> None:
    """In any spelling, by a request or by a file."""
    settle(bare, region)
    rows = [Spelling(text, None, region) for text, at in EMERGENCIES if at == region]
    told = bare.admin.post(OTHERS, numbers=[row.text for row in rows])
    assert told["counts"] == {"protected": len(rows)}, told
    made = bare.admin.done("POST", "/v1/imports?into=block-groups/1", file_of(rows))
    counts = {name: count for name, count in made["preview"]["counts"].items() if count}
    assert counts == {"protected": len(rows)}, made
