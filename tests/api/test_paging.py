"""Every list is told in pages: all of it, each item once, in order, wherever a page ends."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.examples import LISTS
from tests.api.house import BLOCKED, SKILL, House

MANY = 7
PLUS = "%2B"
NUMBER = BLOCKED.replace("+", PLUS)
TARGETS = [
    "/v1/keys",
    "/v1/skills",
    "/v1/phone-numbers",
    "/v1/phone-numbers?name=desk",
    f"/v1/phone-numbers?number={PLUS}9180",
    "/v1/phone-numbers?last=0041",
    f"/v1/phone-numbers?skill={SKILL}",
    "/v1/phone-numbers?state=active&name=d",
    f"/v1/hunt?skill={SKILL}",
    "/v1/block-groups",
    "/v1/block-groups/1/numbers",
    "/v1/block-groups/1/numbers?state=all&kind=exact",
    f"/v1/block-groups/1/numbers?number={PLUS}9198",
    f"/v1/blocked-numbers?number={NUMBER}",
    "/v1/allowed-numbers",
    "/v1/allowed-numbers?protected=true",
    "/v1/agent-blocks",
    "/v1/agent-blocks?state=live",
    "/v1/changes",
    "/v1/changes?order=newest",
]


@pytest.fixture
def full(house: House) -> House:
    """Return a house with many of everything."""
    for n in range(MANY):
        house.admin.post("/v1/keys", role="agent")
        house.admin.post("/v1/skills", name=f"Skill{n}")
        number = f"+918{n}41230041"
        house.admin.post("/v1/phone-numbers", name=f"Desk.{n}", number=number, skills=[SKILL])
        group = house.admin.post("/v1/block-groups", name=f"Group{n}")["id"]
        for into in (1, group):
            numbers = [BLOCKED, f"+9198123001{n:02}", f"+9198{n}*"]
            house.admin.post(f"/v1/block-groups/{into}/numbers", numbers=numbers)
        friend = f"+9198123002{n:02}"
        house.admin.post("/v1/allowed-numbers", number=friend, protected=bool(n % 2))
        house.admin.post("/v1/block", number=f"+9198123003{n:02}", reason="Rude")
    return house


def pages(house: House, target: str, limit: int) -> list[list[Any]]:
    """Return the pages of a list, as somebody reads them who goes on to the end."""
    sign = "&" if "?" in target else "?"
    told: list[list[Any]] = []
    after = ""
    while True:
        page = house.admin.get(f"{target}{sign}limit={limit}{after}")
        assert len(page["items"]) <= limit
        told.append(page["items"])
        if page["next"] is None:
            return told
        assert page["next"].isascii()
        after = f"&after={quote(page['next'])}"
        assert len(told) < 500, "it never ends"


def test_every_list_is_walked() -> None:
    """At the least in its plain form."""
    assert {each.partition("?")[0] for each in TARGETS} == {
        each.partition("?")[0] for each in LISTS
    }


def test_pages_of_any_size_are_the_same_list(full: House) -> None:
    """One at a time, two, a hundred, a thousand, or as many as nobody said."""
    for target in TARGETS:
        [whole] = pages(full, target, 1000)
        assert len(whole) > 2
        for limit in (1, 2, 100):
            told = pages(full, target, limit)
            assert [item for page in told for item in page] == whole, (target, limit)
            assert len(told) <= len(whole) // limit + 1
        assert full.admin.get(target)["items"] == whole


ORDERS: dict[str, Callable[[Any], Any]] = {
    "/v1/keys": lambda item: item["id"],
    "/v1/skills": lambda item: item["name"].casefold(),
    "/v1/phone-numbers": lambda item: item["id"],
    "/v1/phone-numbers?name=desk": lambda item: item["name"].casefold(),
    f"/v1/phone-numbers?number={PLUS}9180": lambda item: item["canonical"],
    "/v1/phone-numbers?last=0041": lambda item: item["canonical"][::-1],
    f"/v1/hunt?skill={SKILL}": lambda item: (item["priority"], item["name"].casefold()),
    "/v1/block-groups": lambda item: item["id"],
    "/v1/block-groups/1/numbers": lambda item: item["number"].encode(),
    f"/v1/blocked-numbers?number={NUMBER}": lambda item: (item["number"], item["group"]["id"]),
    "/v1/allowed-numbers": lambda item: item["number"].encode(),
    "/v1/agent-blocks": lambda item: -item["id"],
    "/v1/changes": lambda item: item["id"],
    "/v1/changes?order=newest": lambda item: -item["id"],
}


def test_a_list_has_an_order(full: House) -> None:
    """The same on both databases."""
    for target, key in ORDERS.items():
        [whole] = pages(full, target, 1000)
        keys = [key(item) for item in whole]
        assert keys == sorted(keys), target


def order_of(target: str) -> tuple[str, str]:
    """Return of which list a target is, and in which order."""
    path, _, query = target.partition("?")
    names = ("number", "last", "name") if path == "/v1/phone-numbers" else ("newest",)
    return path, next((name for name in names if name in query), "")


def test_a_cursor_is_that_of_one_list(full: House) -> None:
    """In another list, in that of another group, or in another order it is refused."""
    others = [*TARGETS, "/v1/block-groups/2/numbers"]
    for target in TARGETS:
        sign = "&" if "?" in target else "?"
        cursor = quote(full.admin.get(f"{target}{sign}limit=1")["next"])
        for other in others:
            sign = "&" if "?" in other else "?"
            answer = full.admin.ask("GET", f"{other}{sign}after={cursor}")
            expected = 200 if order_of(other) == order_of(target) else 422
            assert answer.status == expected, (target, other)


def test_what_is_made_and_deleted_meanwhile_upsets_no_page(full: House) -> None:
    """Whoever goes on gets what comes behind, and nothing twice."""
    first = full.admin.get("/v1/block-groups?limit=3")
    seen = [item["id"] for item in first["items"]]
    full.admin.delete(f"/v1/block-groups/{seen[-1]}")
    full.admin.delete(f"/v1/block-groups/{seen[-1] + 1}")
    made = full.admin.post("/v1/block-groups", name="Meanwhile")["id"]
    rest = full.admin.get(f"/v1/block-groups?after={first['next']}")["items"]
    ids = [item["id"] for item in rest]
    assert ids[0] == seen[-1] + 2
    assert ids[-1] == made


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "", "1.5"])
def test_a_page_has_from_one_to_a_thousand(house: House, limit: str) -> None:
    """On every list."""
    for target in LISTS:
        sign = "&" if "?" in target else "?"
        assert house.admin.refused("GET", f"{target}{sign}limit={limit}")[0] == 422
