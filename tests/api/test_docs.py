"""The documentation is served from here alone, and a HEAD is a GET without a body."""

import json
import re

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from ringfence.api.docs import docs_routes
from tests.api.examples import EXAMPLES
from tests.api.house import Caller, House

ASSETS = [route.path for route in docs_routes()]
OURS = re.compile(r"https?:|(?<![:\w])//\w")
HOST = "//"


def labels(house: House) -> set[tuple[str, str, str]]:
    """Return route, method and status of every series of requests."""
    text = house.nobody.ask("GET", "/metrics").body.decode()
    return {
        (each.labels["route"], each.labels["method"], each.labels["status"])
        for family in text_string_to_metric_families(text)
        for each in family.samples
        if each.name == "ringfence_requests_total"
    }


@pytest.mark.parametrize("path", ASSETS)
def test_a_page_is_served_and_may_load_from_nowhere_else(bare: House, path: str) -> None:
    """Each file says so itself, to whatever shows it."""
    answer = bare.nobody.ask("GET", path)
    assert (answer.status, len(answer.body) > 100) == (200, True)
    policy = str(answer.header("content-security-policy"))
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy
    assert "*" not in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "no-referrer"


def test_the_pages_name_no_other_host(bare: House) -> None:
    """What they load is served, each under the path by which it is loaded."""
    for path in ("/v1/docs", "/v1/problems", "/v1/docs/start.js"):
        text = bare.nobody.ask("GET", path).body.decode()
        assert OURS.search(text) is None, path
        for loaded in re.findall(r'(?:src|href|url)(?:=|: )"([^"]+)"', text):
            assert loaded.startswith("/v1/")
            assert bare.nobody.ask("GET", loaded).status == 200


def test_nothing_runs_that_is_not_a_file(bare: House) -> None:
    """The policy lets no script stand in a page."""
    page = bare.nobody.ask("GET", "/v1/docs").body.decode()
    assert re.findall(r"<script[^>]*>(.*?)</script>", page) == ["", ""]


def test_the_document_is_openapi_3_1(bare: House) -> None:
    """Its problems have a shape, and everything but it needs a key."""
    document = bare.openapi
    assert document["openapi"].startswith("3.1")
    assert "ProblemDetails" in document["components"]["schemas"]
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert len(operations) == len(EXAMPLES)
    for each in operations:
        assert each["security"] == [{"key": []}]
        assert {"400", "401", "403", "413", "422", "503"} <= set(each["responses"])
        assert each["summary"]
        assert each["description"]
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    assert HOST not in json.dumps(document["paths"])


def test_the_id_of_a_call_is_described(bare: House) -> None:
    """It is in a header, where nobody would look for it."""
    for method, described in bare.openapi["paths"]["/v1/screen"].items():
        answer = described["responses"]["200"]
        assert set(answer["headers"]) == {"Ringfence-Screening"}, method
        assert "DecisionShown" in str(answer["content"]), method


def test_every_reference_of_the_document_leads_somewhere(bare: House) -> None:
    """A client is made of it."""
    text = json.dumps(bare.openapi)
    schemas = bare.openapi["components"]["schemas"]
    found = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', text))
    assert found == set(schemas) - {"HTTPValidationError", "ValidationError"}


def test_a_head_is_a_get_without_a_body(house: House) -> None:
    """With the same headers, on every path that has GET; also where it is refused."""
    gets = [each.target for each in EXAMPLES if each.method == "GET"]
    for caller in (house.admin, house.nobody):
        for target in (*gets, *ASSETS, "/v1/openapi.json", "/v1/nothing", "/v1/keys?limit=0"):
            get, head = caller.ask("GET", target), caller.ask("HEAD", target)
            assert (head.status, head.body) == (get.status, b""), target
            assert without_id(head.headers) == without_id(get.headers), target


def without_id(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers but for the ids of the request and the call."""
    return [each for each in headers if each[0] not in {"x-request-id", "ringfence-screening"}]


def test_a_request_is_counted_at_its_route(house: House) -> None:
    """As it is written with parameters, whatever the caller wrote there; HEAD, too."""
    for each in EXAMPLES:
        house.admin.ask(each.method, each.target, each.body)
        if each.method == "GET":
            house.admin.ask("HEAD", each.target)
    for n in range(50):
        house.admin.ask("GET", f"/v1/nothing/{n}")
        house.nobody.ask("GET", f"/v1/phone-numbers/{n}")
    found = labels(house)
    for each in EXAMPLES:
        assert (each.route, each.method, str(each.status)) in found, each
        if each.method == "GET":
            assert (each.route, "HEAD", "200") in found, each
    routes = {route for route, _, _ in found if route.startswith("/v1")}
    assert routes <= {each.route for each in EXAMPLES}
    assert ("other", "GET", "404") in found


def test_a_line_of_the_log_shows_no_key(house: House) -> None:
    """Neither the one that asks nor one that was made, nor what is in the query."""
    with structlog.testing.capture_logs() as lines:
        made = house.admin.post("/v1/keys", role="admin")["key"]
        Caller(house.app, made).get("/v1/phone-numbers?name=secretive")
        house.nobody.ask("GET", f"/v1/keys?key={made}")
        house.nobody.ask("GET", "/v1/keys", headers={"Authorization": f"Bearer {made}x"})
    assert [line["status"] for line in lines] == [201, 200, 401, 401]
    assert [line.get("account") for line in lines] == ["alice", "alice", None, None]
    assert [line.get("outcome") for line in lines] == [None, None, *["api_key_invalid"] * 2]
    assert {line["path"] for line in lines} == {"/v1/keys", "/v1/phone-numbers"}
    for secret in (made, house.admin.key, "secretive"):
        assert str(secret) not in repr(lines)


def test_a_traceback_shows_no_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it got into."""
    key = str(house.admin.key)

    def fail(*_: object) -> None:
        raise RuntimeError(f"cannot use {key} here")

    monkeypatch.setattr("ringfence.api.account.get_account", fail)
    with structlog.testing.capture_logs() as lines:
        answer = house.admin.ask("GET", "/v1/account")
    assert answer.status == 500
    failure = next(line for line in lines if line["event"] == "unexpected failure")
    assert "cannot use [secret] here" in failure["traceback"]
    assert key not in repr(lines)
