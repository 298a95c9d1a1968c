"""Whatever goes wrong is told as a problem (RFC 9457), with what a program needs to act on it."""

import json
import re
from collections.abc import Iterator

import pytest

from ringfence.api.docs import docs_routes
from ringfence.api.problems import KINDS, door_answer, error_answer, kind_of, pointer_to
from ringfence.errors import InputCode, InvalidInput, Problem, RingfenceError, Unavailable
from ringfence.store import OpenStore
from tests.api.house import House, all_routes, build, problem_of
from tests.asgi import Answer
from tests.conftest import Clock

FACTS = (
    *("user_name", "key_id", "name", "url", "found", "known", "reason", "limit", "path"),
    *("allowed_number_id", "role", "protector", "state"),
)
REQUEST_ID = "0123456789abcdef"


def classes(kind: type[RingfenceError] = RingfenceError) -> Iterator[type[RingfenceError]]:
    """Yield every class of error from `kind` down."""
    yield kind
    for each in kind.__subclasses__():
        yield from classes(each)


def example(kind: type[RingfenceError]) -> RingfenceError:
    """Return an error of this class."""
    if issubclass(kind, InvalidInput):
        return kind(Problem(InputCode.FIELD_INVALID, "name", "the rule", "value"))
    return kind(**dict.fromkeys(FACTS, "x"))


def field_told(field: str) -> dict[str, str]:
    """Return how /v1 tells a problem of a field."""
    error = InvalidInput(Problem(InputCode.FIELD_INVALID, field, "the rule", "value"))
    [told] = json.loads(error_answer(error, REQUEST_ID).body)["errors"]
    assert (told.pop("code"), told.pop("detail")) == ("field_invalid", "the rule")
    return dict(told)


@pytest.mark.parametrize("kind", list(classes()))
def test_every_error_is_a_problem(kind: type[RingfenceError]) -> None:
    """Of a kind that the page of problems lists, with its own code."""
    answer = error_answer(example(kind), REQUEST_ID)
    told = json.loads(answer.body)
    known = KINDS[kind_of(kind)]
    assert (answer.status, answer.media_type) == (known.status, "application/problem+json")
    assert told["type"] == f"/v1/problems#{kind_of(kind)}"
    assert (told["status"], told["title"]) == (known.status, known.title)
    assert (told["code"], told["request_id"]) == (kind.code, REQUEST_ID)
    assert ("errors" in told) is issubclass(kind, InvalidInput)


def test_only_what_has_no_meaning_to_a_caller_is_a_failure() -> None:
    """An error that nobody gave a kind would be 500: there is the bare root alone."""
    assert [each for each in classes() if kind_of(each) == "internal_error"] == [RingfenceError]


def test_what_waits_is_told() -> None:
    """Who is not let in hears how; who should come again hears when, and not why."""
    answer = error_answer(Unavailable(reason="disk /secret is full"), REQUEST_ID)
    assert dict(answer.headers) == {"retry-after": "1"}
    assert b"secret" not in answer.body
    refused = door_answer("not_authenticated", "no", REQUEST_ID)
    assert dict(refused.headers) == {"www-authenticate": 'Bearer realm="ringfence"'}


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("", {"pointer": "#"}),
        ("name", {"pointer": "#/name"}),
        ("phone_name", {"pointer": "#/name"}),
        ("phone_number", {"pointer": "#/number"}),
        ("scope/skills/0", {"pointer": "#/scope/skills/0"}),
        ("query:limit", {"parameter": "limit"}),
        ("path:key_id", {"parameter": "key_id"}),
        ("header:If-Match", {"header": "If-Match"}),
        ("#/phone_name", {"pointer": "#/phone_name"}),
    ],
)
def test_where_a_problem_is(field: str, place: dict[str, str]) -> None:
    """In the body, in the path or the query, or in a header; by the names of /v1."""
    assert field_told(field) == place


def test_a_pointer_is_escaped() -> None:
    """As RFC 6901 wants it in a URI: a caller may name fields anything."""
    assert pointer_to(["a/b", "m~n", "100%", "query:x", "\u20ac", 0]) == (
        "#/a~1b/m~0n/100%25/query%3Ax/%E2%82%AC/0"
    )


def test_made_up_fields_are_told_where_they_are(house: House) -> None:
    """Also those whose names mean something elsewhere."""
    names = ["a/b", "~", "phone_name", "header:If-Match", "query:limit"]
    told = problem_of(house.admin.ask("POST", "/v1/skills", {"name": "x", **dict.fromkeys(names)}))
    assert [(each["code"], each["pointer"]) for each in told["errors"]] == [
        ("field_unknown", pointer_to([name])) for name in names
    ]


def test_several_problems_are_told_together(house: House) -> None:
    """So that nobody has to send a form once for each mistake."""
    scope = {"called": ["junk", "+919812300001", "x"]}
    group = {"name": "Third", "scope": scope, "answer": {"code": 403, "phrase": "a\nb"}}
    told = problem_of(house.admin.ask("POST", "/v1/block-groups", group))
    assert [each["pointer"] for each in told["errors"]] == [
        *("#/scope/called/0", "#/scope/called/2", "#/answer/phrase")
    ]
    fields = {"name": "Good", "number": "+918041230009", "skills": ["nope", "Sales", "none"]}
    told = problem_of(house.admin.ask("POST", "/v1/phone-numbers", fields))
    assert [each["pointer"] for each in told["errors"]] == ["#/skills/0", "#/skills/2"]
    wrong = {"number": "+9198*", "protected": True, "reason": "a\n", "extra": 1}
    told = problem_of(house.admin.ask("POST", "/v1/allowed-numbers", wrong))
    assert [(each["code"], each["pointer"]) for each in told["errors"]] == [
        ("field_unknown", "#/extra")
    ]
    del wrong["extra"]
    told = problem_of(house.admin.ask("POST", "/v1/allowed-numbers", wrong))
    assert [(each["code"], each["pointer"]) for each in told["errors"]] == [
        ("protected_not_exact", "#/protected"),
        ("reason_format", "#/reason"),
    ]


@pytest.mark.parametrize(
    ("target", "parameters"),
    [
        ("/v1/keys?limit=0", ["limit"]),
        ("/v1/keys?limit=1001&after=", ["limit"]),
        ("/v1/keys?after=nothing", ["after"]),
        ("/v1/phone-numbers?number=1&name=x", ["name"]),
        ("/v1/phone-numbers?last=12x", ["last"]),
        ("/v1/phone-numbers?state=sleepy", ["state"]),
        ("/v1/phone-numbers/0", ["phone_number_id"]),
        ("/v1/blocked-numbers", ["number"]),
        ("/v1/blocked-numbers?number=junk", ["number"]),
        ("/v1/block-groups/x/numbers?kind=odd&state=none", ["block_group_id", "kind", "state"]),
        ("/v1/changes?order=sideways", ["order"]),
        ("/v1/hunt", ["skill"]),
    ],
)
def test_a_bad_parameter_is_named(house: House, target: str, parameters: list[str]) -> None:
    """Of the query or of the path."""
    told = problem_of(house.admin.ask("GET", target))
    assert (told["status"], told["code"]) == (422, "invalid_input")
    assert sorted(each["parameter"] for each in told["errors"]) == parameters


def test_a_bad_header_is_named(house: House) -> None:
    """As it is written in RFCs."""
    for method, target, header in (
        ("PATCH", "/v1/account", "If-Match"),
        ("POST", "/v1/skills", "Idempotency-Key"),
    ):
        told = problem_of(
            house.admin.ask(method, target, {"name": "x"} if method == "POST" else {}, {header: ""})
        )
        assert [each["header"] for each in told["errors"]] == [header]


def test_what_is_not_there_is_a_problem(house: House) -> None:
    """A path that is none, and one beside a real one."""
    for path in ("/v1", "/v1/", "/v1/nothing", "/v1/account/", "/v1/keys/1/x", "/v1//keys"):
        assert house.admin.refused("GET", path) == (404, "path_unknown")


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "get", "NOTHING"])
def test_a_method_that_a_path_lacks(house: House, method: str) -> None:
    """`Allow` lists all that it has, and HEAD where there is GET."""
    pages = [("GET", route.path) for route in docs_routes()]
    methods: dict[str, set[str]] = {}
    for name, path in (*all_routes(), *pages, ("GET", "/v1/openapi.json")):
        methods.setdefault(re.sub(r"\{[^}]+\}", "1", path), set()).add(name)
    for path, names in methods.items():
        answer = house.admin.ask(method, path)
        told = problem_of(answer)
        assert (told["status"], told["code"]) == (405, "method_not_allowed"), path
        more = {"HEAD"} if "GET" in names else set()
        if path.endswith("/numbers/remove"):  # reads as a number, too
            more |= {"GET", "HEAD", "PATCH", "DELETE"}
        assert answer.header("allow") == ", ".join(sorted(names | more)), path


def test_a_body_that_is_too_large_is_refused(bare: House, store: OpenStore, clock: Clock) -> None:
    """Before anything of it is read."""
    small = build(store, clock, "small", max_body_bytes=1000)
    assert small.admin.refused("POST", "/v1/skills", b"x" * 1001) == (413, "body_too_large")
    assert bare.admin.refused("POST", "/v1/skills", b"x" * 1001) == (400, "body_unreadable")


def test_a_failure_tells_nothing_but_the_id(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has the rest."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret cause")

    monkeypatch.setattr("ringfence.api.account.get_account", fail)
    answer: Answer = house.admin.ask("GET", "/v1/account")
    told = problem_of(answer)
    assert (told["status"], told["code"]) == (500, "internal_error")
    assert b"secret cause" not in answer.body


def test_the_page_of_problems_lists_every_kind(house: House) -> None:
    """Each at the anchor to which its `type` leads."""
    page = house.nobody.ask("GET", "/v1/problems").body.decode()
    assert re.findall(r'id="(\w+)"', page) == list(KINDS)
