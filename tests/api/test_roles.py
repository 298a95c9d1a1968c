"""Who may call which route, walked over every route and every role."""

from typing import Any

import pytest

from ringfence.api.docs import docs_routes
from ringfence.model.accounts import Role
from tests.api.examples import EXAMPLES
from tests.api.house import Caller, House, all_routes, problem_of
from tests.store.contents import contents

ROLES = pytest.mark.parametrize("role", list(Role))
UNKNOWN = ["/v1", "/v1/", "/v1/nothing", "/v1/accounts", "/v1/keys/1/2", "/v1/docs/nothing"]


def roles_of(openapi: Any, method: str, route: str) -> set[str]:  # noqa: ANN401  any JSON
    """Return which roles the OpenAPI document names for a route."""
    path = route.replace(":path}", "}")
    return set(openapi["paths"][path][method.lower()]["x-roles"])


def test_every_route_has_an_example() -> None:
    """Each method of each path once: what has no example would be walked past."""
    assert sorted(each.name for each in EXAMPLES) == sorted(all_routes())


@ROLES
def test_a_role_may_do_what_the_document_says(house: House, role: Role) -> None:
    """And each of these requests does what it is for."""
    for each in EXAMPLES:
        if role in roles_of(house.openapi, *each.name):
            answer = house.caller(role).ask(each.method, each.target, each.body)
            assert answer.status == each.status, (each, answer)


@ROLES
def test_a_role_may_do_nothing_else(house: House, role: Role) -> None:
    """Whatever else it asks is refused in the same words, and changes nothing."""
    before = contents(house.store)
    for each in EXAMPLES:
        if role in roles_of(house.openapi, *each.name):
            continue
        told = problem_of(house.caller(role).ask(each.method, each.target, each.body))
        assert (told["status"], told["code"]) == (403, "not_allowed"), each
        assert told["detail"] == f"a key of the role {role.value} may not do that"
    assert contents(house.store) == before


def test_the_roles_are_those_of_the_issue(house: House) -> None:
    """An enforcer reads three things; an agent blocks one; a supervisor makes no phone numbers."""
    may = {
        role: {each.name for each in EXAMPLES if role in roles_of(house.openapi, *each.name)}
        for role in Role
    }
    assert may[Role.ADMIN] == set(all_routes())
    assert may[Role.ENFORCER] == {("GET", f"/v1/{name}") for name in ("account", "skills", "hunt")}
    assert {name for name in may[Role.AGENT] if name[0] != "GET"} == {
        *(("POST", "/v1/scrub"), ("POST", "/v1/block")),
    }
    changed = {route.split("/")[2] for method, route in may[Role.SUPERVISOR] if method != "GET"}
    assert changed == {
        *("block-groups", "allowed-numbers", "imports", "scrub", "block", "agent-blocks"),
    }
    assert may[Role.ENFORCER] < may[Role.AGENT] < may[Role.SUPERVISOR] < may[Role.ADMIN]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer rf_wrong", "Basic {key}", "{key}", "Bearer x {key}"],
)
def test_without_a_key_nothing_is_told(house: House, authorization: str | None) -> None:
    """On every route and on paths that are none, whatever stands in place of a key."""
    before = contents(house.store)
    sent = authorization and authorization.format(key=house.admin.key)
    headers = {} if sent is None else {"Authorization": sent}
    asked = [(each.method, each.target, each.body) for each in EXAMPLES]
    asked += [("GET", path, None) for path in UNKNOWN]
    asked += [("PUT", "/v1/account", None), ("OPTIONS", "/v1/keys", None)]
    for method, target, body in asked:
        answer = house.nobody.ask(method, target, body, headers)
        assert answer.header("www-authenticate") == 'Bearer realm="ringfence"'
        told = problem_of(answer)
        assert (told["status"], told["code"]) == (401, "api_key_invalid"), (method, target)
    assert contents(house.store) == before


def test_the_scheme_is_read_in_any_letter_case(house: House) -> None:
    """RFC 9110, 11.1."""
    for scheme in ("bearer", "BEARER", "Bearer  "):
        headers = {"Authorization": f"{scheme} {house.admin.key}"}
        assert house.nobody.ask("GET", "/v1/account", headers=headers).status == 200


def test_a_revoked_key_is_refused_at_once(house: House) -> None:
    """And be it the one that revoked itself."""
    made = house.admin.post("/v1/keys", role="admin")
    caller = Caller(house.app, made["key"])
    caller.delete(f"/v1/keys/{made['id']}")
    for each in EXAMPLES:
        refusal = caller.refused(each.method, each.target, each.body)
        assert refusal == (401, "api_key_invalid"), each


def test_a_token_of_the_wire_is_no_key(house: House) -> None:
    """Tokens let in at /ca_apis alone."""
    headers = {"apiKey": house.admin.key or ""}
    made = house.nobody.done(
        "POST", "/ca_apis/CAToken/generateToken", {"userName": "alice"}, headers
    )
    caller = Caller(house.app, made["token"])
    assert caller.refused("GET", "/v1/account") == (401, "api_key_invalid")


def test_what_people_read_needs_no_key(house: House) -> None:
    """The document, its page, and what that loads."""
    for path in ("/v1/openapi.json", *(route.path for route in docs_routes())):
        assert house.nobody.ask("GET", path).status == 200


def test_one_key_s_account_is_the_account(house: House) -> None:
    """Nobody says for whom they ask: the key does."""
    told = house.caller(Role.ENFORCER).get("/v1/account")
    assert told["user_name"] == house.account.user_name == "alice"
