"""The newer door: whatever is sent, a contract answer or a clear 4xx, and nothing written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.client import (
    GROUP_REFUSED,
    NEW_CREATE,
    NEW_DELETE,
    NEW_METHODS,
    NEW_PHONES,
    NEW_TOKEN,
    NEW_UPDATE,
    NEW_UPDATE_ALIAS,
    PHONE_REFUSED,
    Account,
    Answer,
)
from tests.system.conftest import MakeFolder
from tests.system.hostile_requests import (
    BAD_GROUP_NAMES,
    BAD_IDS,
    BAD_PHONE_FIELDS,
    BAD_VALUES,
    JSON,
    MEGABYTE,
    UNREADABLE,
    Body,
    as_json,
    bad_bearers,
    bad_keys,
    for_gateway,
)
from tests.system.server_process import ServerProcess, ringfence
from tests.system.stores import content, restore
from tests.system.test_hostile import JSON_VALUES, LIMITS, make_group, unharmed

PAIRS = [(method, path) for path, methods in NEW_METHODS.items() for method in methods]
CHANGING = [(method, path) for method, path in PAIRS if method != "GET" and path != NEW_TOKEN]
REFUSALS = {PHONE_REFUSED, GROUP_REFUSED, "Invalid userName or apiKey"}
GATEWAY = {
    "Username Should Not be Null or Empty.",
    "Api Key Should Not be Null or Empty.",
    "Token Should Not be Null or Empty.",
    "Invalid Token",
}
PHONE = {"action": "create", "phoneName": "Hostile", "phoneNumber": "8041234567"}
TAKEN = {"phoneNumber": "8041239999", "phoneName": "Taken"}
KNOWN_FIELDS = [
    *("userName", "action", "phoneName", "phoneNumber", "phoneNumberNew", "phoneNameNew", "skill"),
    *("groupName", "id", "Id", "name", "description", "blockNumbers", "blockNumber", "expiryDate"),
]


@dataclass(frozen=True)
class Scene:
    """A server, an account in token mode with a live token, and another's."""

    server: ServerProcess
    account: Account
    token: str
    other: str


@pytest.fixture(scope="module")
def scene(make_folder: MakeFolder) -> Iterator[Scene]:
    """Return a server whose demo account has a group and a record that could be harmed."""
    folder = make_folder()
    with ServerProcess(folder, auth_delay_max_s=0, **LIMITS) as server:
        make_group(server)
        with server.client() as client:
            assert client.phone("create", **TAKEN).status == 200
            other = client.token()
        made = json.loads(
            ringfence(
                folder, "account", "create", "acme", "--api-authentication", "token", "--json"
            )
        )
        acme = Account("acme", made["apiKey"])
        with server.client(acme) as client:
            yield Scene(server, acme, client.token(), other)


def send(scene: Scene, method: str, path: str, body: Body) -> Answer:
    """Send a hostile body with the right key."""
    headers = {"apiKey": scene.server.account.key, "Content-Type": body.content_type}
    return scene.server.request(method, path, body.content, headers)


def good(path: str, user_name: str) -> Body:
    """Return a body that is good on `path`."""
    fields = {**PHONE, "userName": user_name} if path == NEW_PHONES else {}
    return for_gateway(Body("good", JSON, as_json(**fields)), user_name)


def is_too_large(body: Body) -> bool:
    """Whether the door has to refuse a body unread: it is bounded like a query there."""
    return len(body.content) > int(LIMITS["max_head_bytes"])


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_the_bodies_are_good_before_they_are_spoilt(scene: Scene, method: str, path: str) -> None:
    """Were they not, the tests below would show nothing; nor if a token did not let in."""
    server = scene.server
    before = content(server.store)
    answer = send(scene, method, path, good(path, server.account.user_name))
    assert answer.content["status"] == "success"
    assert content(server.store) != before
    body = good(path, scene.account.user_name).content
    told = server.request(method, path, body, {"Authorization": f"Bearer {scene.token}"})
    assert (told.status, told.message in REFUSALS) == (200, False)
    restore(server.store, before)


@pytest.mark.parametrize(("method", "path"), PAIRS)
@pytest.mark.parametrize(
    "body", [each for each in UNREADABLE if each.content_type == JSON], ids=str
)
def test_an_unreadable_body_says_not_who_calls(
    scene: Scene, body: Body, method: str, path: str
) -> None:
    """Though the name is in it, on every path."""
    body = for_gateway(body, scene.server.account.user_name)
    with unharmed(scene.server):
        answer = send(scene, method, path, body)
    if is_too_large(body):
        assert answer.status == 413
    elif path == NEW_TOKEN:
        assert (answer.status, answer.message) == (200, "UserName is null")
    else:
        assert (answer.status, answer.message) == (401, "Username Should Not be Null or Empty.")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", NEW_CREATE), ("PUT", NEW_UPDATE), ("PUT", NEW_UPDATE_ALIAS)]
)
@pytest.mark.parametrize(
    ("told", "body"),
    [(told, body) for told, bodies in BAD_VALUES.items() for body in bodies],
    ids=str,
)
def test_a_bad_value_is_invalid_data(
    scene: Scene, method: str, path: str, told: str, body: Body
) -> None:
    """Each field of a group keeps its rule."""
    body = for_gateway(body, scene.server.account.user_name)
    with unharmed(scene.server):
        answer = send(scene, method, path, body)
    if is_too_large(body):
        assert answer.status == 413
        return
    assert (answer.status, answer.message) == (200, "invalid data")
    assert list(answer.content["errors"]) == [told]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *(("DELETE", NEW_DELETE, body) for body in BAD_IDS),
        *(
            ("PUT", path, body)
            for path in (NEW_UPDATE, NEW_UPDATE_ALIAS)
            for body in BAD_GROUP_NAMES
        ),
    ],
    ids=str,
)
def test_what_names_no_group_finds_none(scene: Scene, method: str, path: str, body: Body) -> None:
    """Neither by its id nor by its name."""
    body = for_gateway(body, scene.server.account.user_name)
    with unharmed(scene.server):
        answer = send(scene, method, path, body)
    told = (answer.status, answer.message)
    assert told == (200, "Invalid group id") or (told[0] == 413 and is_too_large(body))


@pytest.mark.parametrize("action", ["create", "edit", "delete", "get"])
@pytest.mark.parametrize(
    ("name", "body"), [(name, body) for name, all_ in BAD_PHONE_FIELDS.items() for body in all_]
)
def test_a_bad_phone_field_changes_nothing(
    scene: Scene, action: str, name: str, body: Body
) -> None:
    """Of any action; what is looked up is not found by it."""
    who = {"userName": scene.server.account.user_name, "action": action}
    fields = {
        **PHONE,
        **(TAKEN if action != "create" else {}),
        "phoneNumberNew": "8041238888",
        **who,
    }
    if action == "get":  # one of the two is enough, and blank is as if not sent
        fields = {n: v for n, v in fields.items() if n not in {"phoneName", "phoneNumber"}}
    start = json.dumps({n: v for n, v in fields.items() if n != name}).encode()[:-1] + b", "
    body = Body(body.name, JSON, body.content.replace(b"{", start, 1))
    with unharmed(scene.server):
        answer = send(scene, "GET" if action == "get" else "POST", NEW_PHONES, body)
    assert answer.status in {200, 401, 413}
    assert answer.content["status"] in {"error", "false"}


@pytest.mark.parametrize(("method", "path"), PAIRS)
@pytest.mark.parametrize("spoilt", bad_keys("rf_0123456789"))
def test_a_bad_key_lets_nobody_in(scene: Scene, method: str, path: str, spoilt: str) -> None:
    """On any path."""
    account = scene.server.account
    headers = {"apiKey": bad_keys(account.key)[spoilt], "Content-Type": JSON}
    with unharmed(scene.server):
        body = good(path, account.user_name).content
        answer = scene.server.request(method, path, body, headers)
    assert_refused(answer)


@pytest.mark.parametrize(("method", "path"), [pair for pair in PAIRS if pair[1] != NEW_TOKEN])
@pytest.mark.parametrize("spoilt", bad_bearers("k", "a.b.c", "d.e.f"))
def test_a_bad_token_lets_nobody_in(scene: Scene, method: str, path: str, spoilt: str) -> None:
    """On any path, nor does the key beside it."""
    account = scene.account
    header = bad_bearers(account.key, scene.token, scene.other)[spoilt]
    headers = {"Authorization": header, "apiKey": account.key, "Content-Type": JSON}
    with unharmed(scene.server):
        body = good(path, account.user_name).content
        answer = scene.server.request(method, path, body, headers)
    assert answer.status == 401 or (answer.status == 431 and len(header) > 50_000)
    assert answer.content["status"] in {"false", "error"}


@pytest.mark.parametrize(("method", "path"), PAIRS)
def test_no_account_gets_in_with_what_is_anothers(scene: Scene, method: str, path: str) -> None:
    """Neither by the other's key nor by its token, in either mode, under either name."""
    demo, acme = scene.server.account, scene.account
    proofs = [
        (acme, {"apiKey": demo.key}),
        (acme, {"Authorization": f"Bearer {scene.other}"}),
        (demo, {"apiKey": acme.key}),
        (demo, {"Authorization": f"Bearer {scene.token}"}),
        (demo, {"Authorization": f"Bearer {scene.other}"}),
    ]
    for account, headers in proofs:
        with unharmed(scene.server):
            body = good(path, account.user_name).content
            assert_refused(scene.server.request(method, path, body, headers))


@pytest.mark.parametrize("path", NEW_METHODS)
@pytest.mark.parametrize(
    "method",
    ["HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "LINK"],
)
def test_another_method_is_not_allowed(scene: Scene, path: str, method: str) -> None:
    """405 with the methods that are, though the request is a good one otherwise; no creation."""
    if method in NEW_METHODS[path]:
        return
    with unharmed(scene.server):
        answer = send(scene, method, path, good(path, scene.server.account.user_name))
    assert answer.status == 405
    assert answer.headers["allow"] == ", ".join(NEW_METHODS[path])
    assert (answer.body == b"") == (method == "HEAD")


@pytest.mark.parametrize(("method", "path"), PAIRS)
def test_too_much_of_a_body_is_refused(scene: Scene, method: str, path: str) -> None:
    """413, before it is known who calls."""
    body = Body("10 MB", JSON, as_json(description="x" * 10 * MEGABYTE))
    with unharmed(scene.server):
        answer = send(scene, method, path, for_gateway(body, scene.server.account.user_name))
    assert (answer.status, answer.content["status"]) == (413, "error")


@given(pair=st.sampled_from(PAIRS), content_type=st.sampled_from([JSON, ""]), body=st.binary())
@settings(max_examples=150, deadline=None)
def test_any_bytes_get_an_answer(
    scene: Scene, pair: tuple[str, str], content_type: str, body: bytes
) -> None:
    """No bytes under any media type make the server fail."""
    assert_contract_answer(send(scene, *pair, Body("any", content_type, body)))


@given(
    pair=st.sampled_from(PAIRS),
    fields=st.dictionaries(st.sampled_from(KNOWN_FIELDS), JSON_VALUES),
    known=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_any_json_gets_an_answer(
    scene: Scene, pair: tuple[str, str], fields: Mapping[str, object], *, known: bool
) -> None:
    """No value in any known field makes the server fail, whoever calls."""
    who = {"userName": scene.server.account.user_name} if known else {}
    body = Body("any", JSON, json.dumps({**fields, **who}).encode())
    assert_contract_answer(send(scene, *pair, body))


def assert_refused(answer: Answer) -> None:
    """Check that nobody was let in: by the gateway, or by the endpoint's own text."""
    told = (answer.status, answer.message)
    assert told in {(401, text) for text in GATEWAY} | {(200, text) for text in REFUSALS}


def assert_contract_answer(answer: Answer) -> None:
    """Check that an answer is one that the contract knows, or a clear refusal."""
    assert answer.status == 200 or 400 <= answer.status < 500, answer
    kinds = {"success", "error", "false"}
    assert answer.content.get("status") in kinds or answer.content.keys() in (
        {"token", "message"},
        {"phoneNumber", "phoneName"},
    )
