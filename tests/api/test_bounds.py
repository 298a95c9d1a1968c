"""What a request may ask for: a bad one is told of in bounds, and none is half understood."""

import json
from typing import Any

import pytest

from ringfence.api import entrance
from ringfence.api.problems import MAX_ERRORS
from tests.api.examples import EXAMPLES, LISTS, POSTS, Example
from tests.api.house import House, problem_of
from tests.asgi import call
from tests.store.contents import contents

EACH_LIST = pytest.mark.parametrize("target", LISTS)
EACH_POST = pytest.mark.parametrize("post", POSTS, ids=lambda post: post.route)


@EACH_POST
def test_of_many_bad_fields_the_first_are_told(house: House, post: Example) -> None:
    """How many there are is told, in an answer that stays small."""
    body = {f"unknown{n}": None for n in range(20_000)}
    answer = house.admin.ask("POST", post.target, body)
    told = problem_of(answer)
    assert told["status"] == 422
    assert len(told["errors"]) == MAX_ERRORS
    assert "fields are wrong; the first 20 are told of" in told["detail"]
    assert len(answer.body) < 10_000


@EACH_LIST
def test_a_parameter_that_is_not_known_is_refused(house: House, target: str) -> None:
    """A filter with a mistake in its name would find everything."""
    told = problem_of(house.admin.ask("GET", f"{target}{'&' if '?' in target else '?'}skil=Sales"))
    assert told["status"] == 422
    assert [(each["code"], each["parameter"]) for each in told["errors"]] == [
        ("field_unknown", "skil")
    ]


@EACH_LIST
def test_a_parameter_that_comes_twice_is_refused(house: House, target: str) -> None:
    """Nobody can know which one was meant."""
    twice = f"{target}{'&' if '?' in target else '?'}limit=1&limit=2"
    told = problem_of(house.admin.ask("GET", twice))
    assert [(each["code"], each["parameter"]) for each in told["errors"]] == [
        ("field_invalid", "limit")
    ]


def test_thousands_of_parameters_are_told_in_bounds(house: House) -> None:
    """As long a query as a head may have."""
    query = "&".join(f"x{n}" for n in range(9_000))
    answer = house.admin.ask("GET", f"/v1/keys?{query}")
    told = problem_of(answer)
    assert (told["status"], len(told["errors"])) == (422, MAX_ERRORS)


def test_two_keys_are_none(house: House) -> None:
    """Whoever checks the first and acts on the second is a hole."""
    headers = [("Authorization", f"Bearer {key}") for key in list(house.keys.values())[:2]]
    assert call(house.app, "GET", "/v1/account", headers).status == 401
    assert call(house.app, "GET", "/v1/account", headers[:1] * 2).status == 401


def test_a_failure_before_the_framework_is_a_problem_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the id of the request, and without a word of what went wrong."""

    def fail(*_: object) -> None:
        raise RuntimeError("a word of it")

    monkeypatch.setattr(entrance, "identify", fail)
    answer = house.admin.ask("GET", "/v1/account")
    told = problem_of(answer)
    assert (told["status"], told["code"]) == (500, "internal_error")
    assert told["request_id"] == answer.header("x-request-id")
    assert b"a word of it" not in answer.body


def test_every_call_has_a_name_of_its_own(house: House) -> None:
    """By which a generated client has a method, as create_key."""
    operations = [each for path in house.openapi["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names)) == len(EXAMPLES)
    assert all(name.replace("_", "").isalpha() for name in names)
    assert {"create_key", "list_phone_numbers", "add_numbers", "hunt"} <= set(names)


def test_the_schemas_are_called_what_they_are(house: House) -> None:
    """No name of a module is in any, and a page is called after what is on it."""
    schemas = house.openapi["components"]["schemas"]
    assert not [name for name in schemas if "__" in name or "Listed" in name]
    assert "KeyPage" in schemas


def test_a_large_answer_is_kept_small(house: House) -> None:
    """Ten thousand results are much alike; as they are, they would fill a disk in a day."""
    name = {"Idempotency-Key": "many"}
    body = {"numbers": ["1"] * 10_000}
    answer = house.admin.ask("POST", "/v1/block-groups/1/numbers", body, name)
    [kept] = kept_answers(house)
    assert len(answer.body) > 1_000_000 > 20 * len(kept)
    again = house.admin.ask("POST", "/v1/block-groups/1/numbers", body, name)
    assert json.loads(again.body) == json.loads(answer.body)


def kept_answers(house: House) -> list[Any]:
    """Return what is kept of answers."""
    rows = house.store.read(lambda tx: tx.all("select answer from kept_answer"))
    assert "kept_answer" in contents(house.store)
    return [answer for (answer,) in rows]
