"""Whatever stands in a request, it is refused in good order, and leaves nothing behind."""

import base64
import copy
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.examples import EXAMPLES, LISTS, Example
from tests.api.house import BLOCKED, SKILL, House, problem_of
from tests.store.contents import contents

NUL_AND_TORN = ["\0", "a\0b", "\ud800", "a\udfff"]
NUMBERS: list[Any] = [-1, 0, 2**31, 2**53, 2**63, 2**64, 10**30, 1.5, True, None, "1", [1], {}]
BODIES = [
    *(b"{", b"[", b'{"name":"x"', b"{'name':'x'}", b"\xff\xfe", b"\x00", b"name=x", b"{} {}"),
    *(b"[" * 100_000, b'{"name":' * 100_000, b'{"name":' + b"1" * 5000 + b"}", b'"\xff"'),
]
NO_OBJECTS = [b"[]", b"null", b'"x"', b"1", b"true", b'[{"name":"x"}]', b"NaN"]


def resolve(openapi: Any, schema: Any) -> Iterator[Any]:  # noqa: ANN401  any JSON
    """Yield what a schema may be, without references and choices."""
    if "$ref" in schema:
        yield from resolve(openapi, openapi["components"]["schemas"][schema["$ref"].split("/")[-1]])
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from resolve(openapi, each)
    else:
        yield schema


def places(openapi: Any, schema: Any, kind: str) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    """Yield where in a body a value of `kind` may stand."""
    for each in resolve(openapi, schema):
        if each.get("type") == kind:
            yield ()
        for name, inner in each.get("properties", {}).items():
            yield from ((name, *rest) for rest in places(openapi, inner, kind))
        if "items" in each:
            yield from ((0, *rest) for rest in places(openapi, each["items"], kind))


def with_value(body: Any, place: tuple[str | int, ...], value: object) -> Any:  # noqa: ANN401
    """Return a body with a value at a place, and what has to be around it."""
    if not place:
        return value
    first, *rest = place
    if isinstance(first, int):
        return [with_value(None, tuple(rest), value)]
    filled = copy.deepcopy(body) if isinstance(body, dict) else {}
    return {**filled, first: with_value(filled.get(first), tuple(rest), value)}


def body_schema(openapi: Any, example: Example) -> Any:  # noqa: ANN401  any JSON
    """Return the schema of the body of a route, which has one."""
    operation = operation_of(openapi, example)
    return operation["requestBody"]["content"]["application/json"]["schema"]


def operation_of(openapi: Any, example: Example) -> Any:  # noqa: ANN401  any JSON
    """Return what the document says of a route."""
    return openapi["paths"][example.route.replace(":path}", "}")][example.method.lower()]


def targets(openapi: Any, example: Example, kind: str, value: str) -> Iterator[str]:  # noqa: ANN401
    """Yield the target with `value` in place of each parameter of `kind`."""
    for parameter in operation_of(openapi, example).get("parameters", []):
        kinds = {each.get("type") for each in resolve(openapi, parameter["schema"])}
        if kind in kinds and parameter["in"] == "query":
            path = example.target.partition("?")[0]
            yield f"{path}?{parameter['name']}={value}"
        elif kind in kinds and parameter["in"] == "path":
            yield target_with(example, parameter["name"], value)


def target_with(example: Example, name: str, value: str) -> str:
    """Return the target with `value` for one parameter of the path, and 1 for the others."""
    named = re.sub(rf"\{{{name}(:path)?\}}", lambda _: value, example.route)
    return re.sub(r"\{[^}]+\}", "1", named)


def assert_refused(house: House, asked: list[tuple[str, str, object]]) -> None:
    """Each of these requests is a problem of the caller's, and changes nothing."""
    before = contents(house.store)
    assert asked
    for method, target, body in asked:
        told = problem_of(house.admin.ask(method, target, body))
        assert told["status"] in {400, 404, 409, 422}, (method, target, body, told)
    assert contents(house.store) == before


WITH_BODY = [each for each in EXAMPLES if isinstance(each.body, dict)]


def test_every_body_has_texts_that_are_walked(house: House) -> None:
    """A walk over nothing would prove nothing."""
    found = {
        each.name: list(places(house.openapi, body_schema(house.openapi, each), "string"))
        for each in WITH_BODY
    }
    assert all(found.values()), found
    assert ("scope", "skills", 0) in found["POST", "/v1/block-groups"]
    assert ("answer", "phrase") in found["PATCH", "/v1/account"]


@pytest.mark.parametrize("value", NUL_AND_TORN, ids=ascii)
def test_no_text_of_a_body_keeps_what_no_database_can(house: House, value: str) -> None:
    """NUL and halves of characters, in each field that is a text; of a list, its elements."""
    asked = [
        (each.method, each.target, with_value(each.body, place, value))
        for each in WITH_BODY
        for place in places(house.openapi, body_schema(house.openapi, each), "string")
    ]
    assert_refused(house, asked)


def test_no_text_of_a_target_is_too_odd(house: House) -> None:
    """NUL is refused; what is no UTF-8 becomes what is, as everywhere."""
    nul = [
        (each.method, target, each.body)
        for each in EXAMPLES
        for target in targets(house.openapi, each, "string", "a%00b")
    ]
    assert len(nul) > 15
    assert_refused(house, [each for each in nul if each[0] != "POST"])
    for value in ("%ED%A0%80", "%FF", "%", quote("\u202e\U0001f4a9" * 40), "x" * 3000, "", "%20"):
        for each in (each for each in EXAMPLES if each.method == "GET"):
            for target in targets(house.openapi, each, "string", value):
                if "?" in target:
                    assert house.admin.ask("GET", target).status < 500, target


def test_no_number_of_a_body_is_too_large(house: House) -> None:
    """Beyond 32, 53 and 64 bits, and what is no number."""
    asked = [
        (each.method, each.target, with_value(each.body, place, value))
        for each in WITH_BODY
        for place in places(house.openapi, body_schema(house.openapi, each), "integer")
        for value in NUMBERS
        # Null leaves a setting as it is, and lets an agent's block last for the default.
        if value is not None or (each.method != "PATCH" and each.route != "/v1/block")
    ]
    assert_refused(house, asked)


def test_no_number_of_a_target_is_too_large(house: House) -> None:
    """Ids and limits beyond what the store has, and what is no number."""
    values = [*map(str, NUMBERS[:7]), "9" * 5000, "1.5", "x", "%00", "-", "1e9", "0x1", "%D9%A1x"]
    assert_refused(
        house,
        [
            (each.method, target, each.body)
            for each in EXAMPLES
            for value in values
            for target in targets(house.openapi, each, "integer", value)
            if not (each.route == "/v1/changes/{change_id}" and value == str(2**31))
            if not (each.target in target and value == "1")
        ],
    )


@pytest.mark.parametrize("body", BODIES, ids=lambda body: ascii(body[:16]))
def test_what_is_no_json_is_unreadable(house: House, body: bytes) -> None:
    """Broken, nested without end, integers of thousands of digits, not UTF-8."""
    before = contents(house.store)
    for each in WITH_BODY:
        refusal = house.admin.refused(each.method, each.target, body)
        assert refusal == (400, "body_unreadable"), each
    assert contents(house.store) == before


@pytest.mark.parametrize("body", NO_OBJECTS, ids=ascii)
def test_what_is_no_object_is_refused(house: House, body: bytes) -> None:
    """In words that say what a body is."""
    for each in WITH_BODY:
        told = problem_of(house.admin.ask(each.method, each.target, body))
        [found] = told["errors"]
        assert (told["status"], found["pointer"]) == (422, "#")
        assert "the body is a JSON object" in found["detail"]


def test_a_body_that_is_not_there_is_missing(house: House) -> None:
    """An empty one is none."""
    for each in WITH_BODY:
        told = problem_of(house.admin.ask(each.method, each.target))
        [found] = told["errors"]
        assert (told["status"], found["code"], found["pointer"]) == (422, "field_missing", "#")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "x", ""])
def test_another_content_type_is_refused(house: House, kind: str) -> None:
    """So that no page of another site can post JSON without asking first."""
    before = contents(house.store)
    for each in WITH_BODY:
        answer = house.admin.ask(each.method, each.target, each.body, {"Content-Type": kind})
        told = problem_of(answer)
        assert (told["status"], told["code"]) == (415, "media_type_unsupported")
        assert "Content-Type: application/json" in told["detail"]
    assert contents(house.store) == before


def test_no_constant_that_json_lacks_becomes_a_value(house: House) -> None:
    """NaN is no number of JSON."""
    for constant in (b"NaN", b"Infinity", b"-Infinity"):
        body = b'{"name":"Desk9","number":"+918041230009","priority":' + constant + b"}"
        assert house.admin.refused("POST", "/v1/phone-numbers", body) == (422, "invalid_input")


def test_a_byte_order_mark_is_overlooked(house: House) -> None:
    """RFC 8259 allows that, and some editors write one."""
    answer = house.admin.ask("POST", "/v1/skills", b'\xef\xbb\xbf{"name":"Marked"}')
    assert answer.status == 201


def test_an_unknown_field_is_refused_everywhere(house: House) -> None:
    """A field that is misspelt is a mistake that is told."""
    before = contents(house.store)
    for each in WITH_BODY:
        body = with_value(each.body, ("nmae",), 1)
        told = problem_of(house.admin.ask(each.method, each.target, body))
        assert [(e["code"], e["pointer"]) for e in told["errors"]] == [("field_unknown", "#/nmae")]
    assert contents(house.store) == before


def written(places: object) -> str:
    """Return a cursor that says anything."""
    return base64.urlsafe_b64encode(json.dumps(places).encode()).decode().rstrip("=")


UNREADABLE = ["", "%00", "x", "%ED%A0%80", "====", "A" * 1999, "A" * 2001, "%2B%2F", "e30"]
PLACES: list[Any] = [
    *("", "\0", "\ud800", "x" * 1000, "~", "hunt", "id", None, True, 1.5, [], {}),
    *(-1, 0, 2**31, 2**63 - 1, 2**63, 2**64, -(2**63), 10**100),
]


@pytest.mark.parametrize("target", LISTS)
def test_no_cursor_is_too_absurd(house: House, target: str) -> None:
    """It is refused, or a place in the list like any other; also one that somebody wrote."""
    house.admin.post("/v1/block-groups/2/numbers", numbers=[BLOCKED])
    house.admin.patch("/v1/phone-numbers/2", skills=[SKILL])
    target = f"{target}{'&' if '?' in target else '?'}limit=1"
    real = house.admin.get(target)["next"]
    name, *position = json.loads(base64.urlsafe_b64decode(real + "=="))
    forged = [[], [name], [name, *position, 1], "x", None, {"a": name}, [[[[]]]], position]
    forged += [[name, *position[:n], p, *position[n + 1 :]] for n in range(3) for p in PLACES]
    refused = 0
    for cursor in [*UNREADABLE, *map(written, forged)]:
        answer = house.admin.ask("GET", f"{target}&after={cursor}")
        if answer.status != 200:
            told = problem_of(answer)
            assert (told["status"], told["errors"][0]["parameter"]) == (422, "after"), cursor
            refused += 1
    assert refused > len(UNREADABLE) + len(PLACES)


def test_a_moment_is_a_moment(house: House) -> None:
    """The calendar's ends are; a date, a number and what lacks an offset are not."""
    numbers = "/v1/block-groups/2/numbers"
    wrong: list[Any] = ["2026-12-31", "2026-12-31T18:00:00", 1e18, 1893456000, "now", "", True, []]
    for moment in wrong:
        told = problem_of(house.admin.ask("POST", numbers, {"numbers": [], "expires_at": moment}))
        assert "#/expires_at" in [each["pointer"] for each in told["errors"]]
    for moment in ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.999999Z"):
        house.admin.post(numbers, numbers=["+919812300009"], expires_at=moment)
        assert house.admin.get(f"{numbers}/+919812300009")["expires_at"].startswith("9999-12-3")
    for moment in ("0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z"):
        body = {"numbers": ["+919812300009"], "expires_at": moment}
        told = problem_of(house.admin.ask("POST", numbers, body))
        assert [each["code"] for each in told["errors"]] == ["expiry_past"]


def test_ten_thousand_numbers_are_taken_and_one_more_is_not(house: House) -> None:
    """What became of each is told; the bound is told before anything is read."""
    numbers = [f"+9198{number:08}" for number in range(10_001)]
    target = "/v1/block-groups/2/numbers"
    assert house.admin.refused("POST", target, {"numbers": numbers})[0] == 422
    assert house.admin.post(target, numbers=numbers[:-1])["counts"] == {"added": 10_000}
    assert house.admin.post(f"{target}/remove", numbers=numbers[:-1])["counts"] == {
        "removed": 10_000
    }
