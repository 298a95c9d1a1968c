"""Whose keys the wire lets in: it has no words for roles, so the others are as wrong as any."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from ringfence.app import create_app
from ringfence.config import Settings
from ringfence.core.accounts import create_account, set_account
from ringfence.core.block_groups import create_block_group
from ringfence.core.credentials import create_key
from ringfence.model.accounts import (
    AccountChange,
    AccountDraft,
    ApiAuthentication,
    KeyDraft,
    Role,
)
from ringfence.model.block_groups import GroupDraft
from ringfence.model.changes import Origin
from ringfence.store import OpenStore
from tests.asgi import Answer, App, call
from tests.conftest import Clock
from tests.store.contents import contents
from tests.system.client import (
    GROUP_REFUSED,
    GROUPS,
    NEW_CREATE,
    NEW_DELETE,
    NEW_PHONES,
    NEW_TOKEN,
    NEW_UPDATE,
    NEW_UPDATE_ALIAS,
    PHONE_REFUSED,
    PHONES,
    SAVED,
    Account,
)

TOKEN_REFUSED = "Invalid userName or apiKey"
OUTSIDERS = pytest.mark.parametrize("role", [Role.AGENT, Role.ENFORCER])
PHONE = {"phoneName": "Desk", "phoneNumber": "+918041230001"}
BLOCK = {"name": "More", "description": "More", "blockNumbers": "+919812300002"}
EDIT = {"id": 1, "groupName": "Spam", "blockNumbers": "+919812300001"}


@dataclass(frozen=True)
class Wire:
    """The wire, and an account with a key of each role, a phone number and a group."""

    app: App
    store: OpenStore
    keys: dict[Role, str]

    def ask(self, method: str, path: str, role: Role, fields: dict[str, object]) -> Answer:
        """Send a request with the key of a role, wherever the path wants it."""
        key = self.keys[role]
        everywhere = {"userName": "alice", **fields}
        if path == PHONES:
            query = urlencode({**everywhere, "apiKey": key})
            return call(self.app, method, f"{path}?{query}")
        proof = Account("alice", key).basic if path == GROUPS else {"apiKey": key}
        headers = {"Content-Type": "application/json", **proof}
        if method == "GET":
            return call(self.app, method, f"{path}?{urlencode(everywhere)}", headers.items())
        body = json.dumps(everywhere).encode()
        return call(self.app, method, path, headers.items(), body)

    def message(self, method: str, path: str, role: Role, fields: dict[str, object]) -> object:
        """Return the message of an answer."""
        return json.loads(self.ask(method, path, role, fields).body)["message"]


REQUESTS: list[tuple[str, str, dict[str, object], str]] = [
    ("GET", PHONES, {"action": "create", **PHONE}, PHONE_REFUSED),
    ("POST", PHONES, {"action": "delete", **PHONE}, PHONE_REFUSED),
    ("POST", GROUPS, {**BLOCK}, GROUP_REFUSED),
    ("PUT", GROUPS, {**EDIT}, GROUP_REFUSED),
    ("DELETE", GROUPS, {**EDIT}, GROUP_REFUSED),
    ("GET", NEW_PHONES, {"action": "get", **PHONE}, PHONE_REFUSED),
    ("POST", NEW_PHONES, {"action": "create", **PHONE}, PHONE_REFUSED),
    ("POST", NEW_CREATE, {**BLOCK}, GROUP_REFUSED),
    ("PUT", NEW_UPDATE, {**EDIT}, GROUP_REFUSED),
    ("PUT", NEW_UPDATE_ALIAS, {**EDIT}, GROUP_REFUSED),
    ("DELETE", NEW_DELETE, {"blockNumbers": "+919812300001"}, GROUP_REFUSED),
    ("POST", NEW_TOKEN, {}, TOKEN_REFUSED),
]
EACH = pytest.mark.parametrize(("method", "path", "fields", "refusal"), REQUESTS)


@pytest.fixture
def wire(store: OpenStore, clock: Clock) -> Wire:
    """Return the wire on a fresh store."""
    made = create_account(store, AccountDraft("alice"), at=clock.now)
    origin = Origin("test", None, clock.now)
    keys = {Role.ADMIN: made.key}
    for role in (Role.SUPERVISOR, Role.AGENT, Role.ENFORCER):
        keys[role] = create_key(store, made.account, origin, KeyDraft(role))[1]
    draft = GroupDraft("Spam", "Spam", ("+919812300001",), None)
    create_block_group(store, made.account, draft, origin)
    settings: dict[str, Any] = {"auth_delay_max_s": 0}
    return Wire(create_app(store, Settings(**settings), clock), store, keys)


@EACH
@OUTSIDERS
def test_who_may_not_block_is_refused_like_a_wrong_key(
    wire: Wire, role: Role, method: str, path: str, fields: dict[str, object], refusal: str
) -> None:
    """In the same words, to the byte, and nothing is changed."""
    before = contents(wire.store)
    refused = wire.ask(method, path, role, fields)
    assert json.loads(refused.body)["message"] == refusal
    wrong = Wire(wire.app, wire.store, {role: "rf_wrong"}).ask(method, path, role, fields)
    assert (refused.status, refused.body) == (wrong.status, wrong.body)
    assert contents(wire.store) == before


@OUTSIDERS
def test_who_may_not_block_ends_no_token(wire: Wire, role: Role) -> None:
    """The one that was given to an admin still lets in."""
    made = json.loads(wire.ask("POST", NEW_TOKEN, Role.ADMIN, {}).body)["token"]
    change = AccountChange(api_authentication=ApiAuthentication.TOKEN)
    set_account(wire.store, "alice", change, Origin("test", None, Clock().now))
    assert wire.message("POST", NEW_TOKEN, role, {}) == TOKEN_REFUSED
    headers = {"Authorization": f"Bearer {made}", "Content-Type": "application/json"}
    body = json.dumps({"userName": "alice", **BLOCK}).encode()
    answer = call(wire.app, "POST", NEW_CREATE, headers.items(), body)
    assert json.loads(answer.body)["message"] == "created"


def test_a_supervisor_blocks_numbers(wire: Wire) -> None:
    """By the older and the newer paths, and gets tokens."""
    role = Role.SUPERVISOR
    assert wire.message("POST", GROUPS, role, {**BLOCK}) == "created"
    assert wire.message("PUT", GROUPS, role, {**EDIT}) == "updated"
    assert wire.message("PUT", NEW_UPDATE, role, {**EDIT}) == "updated"
    assert wire.message("PUT", NEW_UPDATE_ALIAS, role, {**EDIT}) == "updated"
    assert wire.message("DELETE", GROUPS, role, {**EDIT}) == "deleted"
    assert wire.message("DELETE", NEW_DELETE, role, {"blockNumbers": "9812300001"}) == "deleted"
    assert wire.message("POST", NEW_CREATE, role, {**BLOCK, "name": "Newer"}) == "created"
    assert json.loads(wire.ask("POST", NEW_TOKEN, role, {}).body)["token"]


def test_a_supervisor_changes_no_phone_number(wire: Wire) -> None:
    """Nor makes or deletes one, by any path or action; but looks one up at the newer path."""
    assert wire.message("GET", PHONES, Role.ADMIN, {"action": "create", **PHONE}) == SAVED
    before = contents(wire.store)
    for action in ("create", "edit", "delete", "CREATE", "nothing", ""):
        fields: dict[str, object] = {"action": action, **PHONE, "phoneNumberNew": "+918041230002"}
        for method, path in (("GET", PHONES), ("POST", PHONES), ("POST", NEW_PHONES)):
            assert wire.message(method, path, Role.SUPERVISOR, fields) == PHONE_REFUSED
    assert contents(wire.store) == before
    found = wire.ask("GET", NEW_PHONES, Role.SUPERVISOR, {"action": "get", **PHONE})
    assert json.loads(found.body) == PHONE


def test_an_admin_does_it_all(wire: Wire) -> None:
    """Each of the requests that others are refused gets further than the key."""
    for method, path, fields, refusal in REQUESTS:
        assert refusal not in wire.ask(method, path, Role.ADMIN, fields).body.decode()
