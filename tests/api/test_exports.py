"""/v1/exports: files of whole lists."""

import csv
import io

import pytest

from ringfence.errors import Unavailable
from ringfence.model.accounts import Role
from tests.api.house import BLOCKED, CALLER, OWN_NUMBER, House, problem_of
from tests.asgi import Answer


def file_of(answer: Answer) -> list[list[str]]:
    """Return the rows of a file that was sent."""
    assert (answer.status, answer.header("content-type")) == (200, "text/csv; charset=utf-8")
    assert answer.header("content-length") == str(len(answer.body))
    return list(csv.reader(io.StringIO(answer.body.decode(), newline="")))


def test_a_group_is_written(house: House) -> None:
    """What it blocks now, under a name of its own."""
    house.admin.post(
        "/v1/block-groups/1/numbers",
        numbers=["9812300009"],
        reason='said "no", twice',
        expires_at="2026-01-01T00:00:00.250Z",
    )
    answer = house.admin.ask("GET", "/v1/exports?from=block-groups/1")
    assert answer.header("content-disposition") == 'attachment; filename="block-groups-1.csv"'
    assert file_of(answer) == [
        ["number", "expires_at", "reason"],
        ["+91140*", "", ""],
        [BLOCKED, "", ""],
        ["+919812300009", "2026-01-01T00:00:00.250Z", 'said "no", twice'],
        [CALLER, "2026-01-02T00:00:00Z", "Seeded"],
        ["+919812300062", "2026-01-02T00:00:00Z", "Seeded"],
        ["withheld", "", ""],
    ]


def test_all_groups_and_the_phone_numbers(house: House) -> None:
    """Each is what an import takes."""
    groups = house.admin.ask("GET", "/v1/exports?from=block-groups")
    assert file_of(groups)[:2] == [
        ["group", "number", "expires_at", "reason"],
        ["Nuisance", "+91140*", "", ""],
    ]
    phones = house.admin.ask("GET", "/v1/exports?from=phone-numbers")
    assert phones.header("content-disposition") == 'attachment; filename="phone-numbers.csv"'
    assert file_of(phones) == [
        ["name", "number", "priority", "state", "skills"],
        ["Desk1", OWN_NUMBER, "1", "active", "Sales"],
        ["Desk2", "+918041230002", "2", "active", ""],
    ]
    for into, answer in (("block-groups", groups), ("phone-numbers", phones)):
        headers = {"Content-Type": "text/csv"}
        told = house.admin.done("POST", f"/v1/imports?into={into}", answer.body, headers)
        assert {name for name, count in told["preview"]["counts"].items() if count} == {"duplicate"}


def test_who_may(house: House) -> None:
    """Supervisors, who may list all of it."""
    for source in ("block-groups/1", "block-groups", "phone-numbers"):
        target = f"/v1/exports?from={source}"
        assert house.caller(Role.SUPERVISOR).ask("GET", target).status == 200
        assert house.caller(Role.AGENT).refused("GET", target) == (403, "not_allowed")
    assert house.admin.ask("HEAD", "/v1/exports?from=block-groups").body == b""


@pytest.mark.parametrize("source", ["", "?from=", "?from=keys", "?from=block-groups/0", "?to=x"])
def test_what_is_no_list(house: House, source: str) -> None:
    """The parameter is named."""
    told = problem_of(house.admin.ask("GET", f"/v1/exports{source}"))
    assert (told["status"], told["code"]) == (422, "invalid_input")
    assert told["errors"][0]["parameter"] in {"from", "to"}


def test_what_is_not_there(house: House) -> None:
    """A group that is none is a problem, not a file."""
    refusal = house.admin.refused("GET", "/v1/exports?from=block-groups/99")
    assert refusal == (404, "block_group_not_found")


def test_a_store_that_cannot_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent by then, so it is told as always."""

    def fail(*_: object) -> None:
        raise Unavailable(reason="x")

    monkeypatch.setattr(house.store, "read_at_length", fail)
    refusal = house.admin.refused("GET", "/v1/exports?from=block-groups")
    assert refusal == (503, "unavailable")
