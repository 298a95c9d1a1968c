"""Two worlds that differ in one thing: in one, Bob has a neighbour, Alice."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from ringfence.core.credentials import import_key
from ringfence.model.changes import Origin
from ringfence.store import OpenStore
from tests.api.examples import EXAMPLES, LISTS
from tests.api.house import IMPORT, JSON, Caller, House, build, seed_import, settle
from tests.asgi import Answer
from tests.conftest import Clock
from tests.system.client import (
    GROUPS,
    NEW_CREATE,
    NEW_DELETE,
    NEW_PHONES,
    NEW_TOKEN,
    NEW_UPDATE,
    NEW_UPDATE_ALIAS,
    PHONES,
    Account,
)

BOB = Account("bob", "the-own-key-of-bob-0123456789")
HER_NAME = {"Idempotency-Key": "request-of-alice"}
HERS = range(3, 9)
"""Ids of things that Alice has, and Bob has not."""

BOBS_KEYS = {5, 6}
"""One of them is the id of the key that Bob asks with, so he does not revoke it."""

HER_PHONE = {"phoneName": "Alice3", "phoneNumber": "+918041239003"}
HER_NUMBER = "+919812390003"
HER_IMPORT = "000000000000000000000003"
HER_SKILL = "Alice's"
HER_POST: dict[str, Any] = {"name": "By name"}


@dataclass(frozen=True)
class Asked:
    """A request of Bob's."""

    method: str
    target: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Neighbour:
    """Alice, and all that Bob may have heard of her."""

    house: House
    cursors: Mapping[str, str]
    tags: tuple[str, ...]
    token: str
    latest_change: int = 0
    """The id of a change of hers that came after all that Bob has seen."""


def build_worlds(lonely: OpenStore, shared: OpenStore, clock: Clock, *, furnished: bool) -> Any:  # noqa: ANN401
    """Return Bob as he is alone, Bob beside Alice, and Alice."""
    house = build(shared, clock)
    alice = _settle_alice(house)
    bobs = [
        _settle_bob(build(lonely, clock, "bob"), furnished=furnished),
        _settle_bob(settle(shared, house.app, clock, "bob"), furnished=furnished),
    ]
    return *bobs, replace(alice, latest_change=_make_more(house))


def _settle_bob(house: House, *, furnished: bool) -> Caller:
    if furnished:
        house.furnish()
    import_key(house.store, house.account, BOB.key, Origin("test", None, house.clock.now))
    return Caller(house.app, BOB.key)


def _settle_alice(house: House) -> Neighbour:
    house.furnish()
    admin = house.admin
    admin.post("/v1/skills", name=HER_SKILL)
    for n in HERS:
        number = f"+91804123900{n}"
        admin.post("/v1/phone-numbers", name=f"Alice{n}", number=number, skills=[HER_SKILL])
        admin.post("/v1/block-groups", name=f"Alice {n}", scope={"skills": [HER_SKILL]})
        numbers = [f"+91981239000{n}", f"+9197{n}*"]
        admin.post(f"/v1/block-groups/{n}/numbers", numbers=numbers, reason="Alice's")
        admin.post("/v1/allowed-numbers", number=f"+91981238000{n}", protected=True)
        admin.post("/v1/keys", role="admin", label=f"Alice {n}")
        admin.post("/v1/block", number=f"+91981237000{n}", reason="Alice's")
    house.store.write(
        lambda tx: seed_import(tx, house.account, house.clock.now, HER_IMPORT, line=77)
    )
    admin.done("POST", "/v1/skills", HER_POST, HER_NAME)
    proof = {"apiKey": admin.key or ""}
    made = house.nobody.done("POST", NEW_TOKEN, {"userName": "alice"}, proof)
    return Neighbour(house, _cursors(admin), tuple(_tags(admin)), made["token"])


def _make_more(house: House) -> int:
    """Go on after Bob came, and return the id of the last change."""
    house.admin.post("/v1/block-groups", name="Later")
    house.admin.post("/v1/block-groups/9/numbers", numbers=["+919812395555"])
    [latest] = house.admin.get("/v1/changes?order=newest&limit=1")["items"]
    return int(latest["id"])


def _cursors(admin: Caller) -> dict[str, str]:
    told = {target: admin.get(_with(target, "limit=1"))["next"] for target in LISTS}
    return {target: cursor for target, cursor in told.items() if cursor is not None}


def _tags(admin: Caller) -> Iterator[str]:
    for target in ("/v1/account", "/v1/phone-numbers/1", "/v1/block-groups/1"):
        yield str(admin.ask("GET", target).header("etag"))


def _with(target: str, more: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{more}"


def normalised(answer: Answer) -> tuple[object, ...]:
    """Return an answer but for what every answer has of its own, and for secrets just made."""
    body = answer.body.decode("utf-8", "backslashreplace")
    for name in ("request_id", "prefix", "key", "token"):
        body = re.sub(rf'"{name}":"[^"]*"', f'"{name}":"-"', body)
    body = re.sub(r'"label":"rf_[^"]*"', '"label":"-"', body)
    # Alice's has been seen before, so it would stay.
    body = re.sub(r"(?!0{12})[0-9a-f]{24}", "-", body)
    own = {"x-request-id", "etag", "location"}
    headers = sorted(each for each in answer.headers if each[0] not in own)
    return answer.status, [h for h in headers if h[0] != "content-length"], body


def requests_of_v1(alice: Neighbour) -> Iterator[Asked]:
    """Yield requests of Bob's to every route of /v1, that are about Alice's things."""
    for target, cursor in alice.cursors.items():
        yield Asked("GET", _with(target, f"after={quote(cursor)}"))
    yield from _searches()
    for each in EXAMPLES:
        targets = dict.fromkeys(_with_her_ids(each.target, each.route))
        yield from (Asked(each.method, target, each.body) for target in targets)
    yield Asked("GET", f"/v1/changes/{alice.latest_change}")
    yield from _creations()
    examples = [each for each in EXAMPLES if each.route != "/v1/keys/{key_id}"]
    for each in examples:
        for tag in alice.tags:
            if each.method in {"PATCH", "DELETE"}:
                yield Asked(each.method, each.target, each.body, {"If-Match": tag})
            elif each.method == "GET":
                yield Asked("GET", each.target, None, {"If-None-Match": tag})
    yield from (Asked(each.method, each.target, each.body) for each in examples)
    yield Asked("GET", "/v1/changes?limit=1000")


def _with_her_ids(target: str, route: str) -> Iterator[str]:
    if "{" not in route:
        return
    if "{import_id}" in route:
        yield target.replace(IMPORT, HER_IMPORT)
        return
    for n in (*HERS, 9):
        if "{number}" in route:
            yield f"/v1/block-groups/{n}/numbers/+91981239000{n}"
            yield f"/v1/block-groups/1/numbers/+91981239000{n}"
        elif "{name" in route:
            yield f"/v1/skills/{quote(HER_SKILL)}"
        elif not ("key_id" in route and n in BOBS_KEYS):
            yield re.sub(r"/\d+", f"/{n}", target)


def _searches() -> Iterator[Asked]:
    number = quote(HER_NUMBER)
    for target in (
        f"/v1/phone-numbers?number={quote(HER_PHONE['phoneNumber'])}",
        *("/v1/phone-numbers?last=9003", "/v1/phone-numbers?name=alice"),
        f"/v1/phone-numbers?skill={quote(HER_SKILL)}",
        f"/v1/hunt?skill={quote(HER_SKILL)}",
        f"/v1/blocked-numbers?number={number}",
        f"/v1/block-groups/1/numbers?number={number}",
        f"/v1/block-groups/3/numbers?number={number}",
        "/v1/allowed-numbers?number=%2B9198123800",
        "/v1/keys?limit=1000",
        f"/v1/agent-blocks?number={quote('+919812370003')}",
        "/v1/agent-blocks?key=6",
    ):
        yield Asked("GET", target)


def _creations() -> Iterator[Asked]:
    """Yield what makes things like hers, and what blocks what she protects."""
    phone = {"name": HER_PHONE["phoneName"], "number": HER_PHONE["phoneNumber"]}
    block = {"numbers": [HER_NUMBER, HER_PHONE["phoneNumber"], "+919812380003"]}
    yield Asked("POST", "/v1/phone-numbers", {**phone, "skills": [HER_SKILL]})
    yield Asked("POST", "/v1/skills", HER_POST, HER_NAME)
    yield Asked("POST", "/v1/skills", {"name": HER_SKILL}, HER_NAME)
    yield Asked("POST", "/v1/keys", {"role": "admin", "label": "Alice 3"}, HER_NAME)
    yield Asked("POST", "/v1/block-groups", {"name": "Alice 3", "scope": {"skills": [HER_SKILL]}})
    yield Asked("POST", "/v1/block-groups", {"name": "Alice 3"})
    yield Asked("POST", "/v1/block-groups/1/numbers", block)
    yield Asked("POST", "/v1/block-groups/1/numbers/remove", block)
    yield Asked("POST", "/v1/phone-numbers", phone)
    yield Asked("POST", "/v1/allowed-numbers", {"number": HER_NUMBER})
    yield Asked("PATCH", "/v1/account", {"region": "US"})
    yield Asked("PATCH", "/v1/account", {"region": "IN"})


def requests_of_wire(alice: Neighbour) -> Iterator[Asked]:
    """Yield requests of Bob's to every path of the wire, that are about Alice's things."""
    yield from _phone_requests()
    yield from _group_requests()
    for user_name in ("bob", "alice"):
        yield from _newer_requests(user_name, {"apiKey": BOB.key})
    yield Asked("PATCH", "/v1/account", {"api_authentication": "token"}, _bearer(BOB.key))
    yield from _newer_requests("bob", _bearer(alice.token))
    yield from _newer_requests("bob", {"apiKey": BOB.key})
    yield Asked("PATCH", "/v1/account", {"api_authentication": "key"}, _bearer(BOB.key))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


_ACTIONS: tuple[dict[str, str], ...] = (
    {"action": "get"},
    {"action": "edit", "phoneNumberNew": "+918041239099", "assignSkill": HER_SKILL},
    {"action": "delete"},
    {"action": "create", "skill": HER_SKILL},
    {"action": "edit", "PhoneNameNew": "Alice4", "phoneNumberNew": "+918041239004"},
    {"action": "delete"},
)


def _phone_requests() -> Iterator[Asked]:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for user_name in ("bob", "alice"):
        proof = {"userName": user_name, "apiKey": BOB.key}
        for action in _ACTIONS:
            query = urlencode({**proof, **HER_PHONE, **action})
            yield Asked("GET", f"{PHONES}?{query}")
            yield Asked("POST", PHONES, query.encode(), form)


def _group_fields() -> Iterator[tuple[str, dict[str, object]]]:
    for group_id in (1, 3, 9):
        yield "PUT", {"id": group_id, "name": "Alice 3", "blockNumbers": HER_NUMBER}
        yield "DELETE", {"id": group_id, "blockNumbers": HER_NUMBER}
    numbers = f"{HER_NUMBER},{HER_PHONE['phoneNumber']},+919812380003"
    made: dict[str, object] = {"name": "Alice 4", "description": "Alice's", "blockNumbers": numbers}
    yield from (("POST", made), ("POST", made))


def _group_requests() -> Iterator[Asked]:
    for account in (BOB, Account("alice", BOB.key)):
        for method, fields in _group_fields():
            yield Asked(method, GROUPS, fields, account.basic)


def _newer_requests(user_name: str, proof: Mapping[str, str]) -> Iterator[Asked]:
    """Yield requests by a key or a token.

    Without either, the contract tells an unknown user name from a known one (C, the order).
    """
    for action in _ACTIONS:
        named = {"userName": user_name, **HER_PHONE, **action}
        yield Asked("POST", NEW_PHONES, named, proof)
        yield Asked("GET", f"{NEW_PHONES}?{urlencode(named)}", None, proof)
    for method, fields in _group_fields():
        asked: dict[str, Any] = {"userName": user_name, "groupName": "Alice 3", **fields}
        paths = {"POST": [NEW_CREATE], "PUT": [NEW_UPDATE, NEW_UPDATE_ALIAS]}
        for path in paths.get(method, [NEW_DELETE]):
            yield Asked(method, path, asked, proof)
    everywhere = {"userName": user_name, "blockNumbers": HER_NUMBER}
    yield Asked("DELETE", NEW_DELETE, everywhere, proof)
    yield Asked("POST", NEW_TOKEN, {"userName": user_name}, proof)


def send(app: Any, asked: Asked) -> Answer:  # noqa: ANN401  any application
    """Send a request as Bob; at /v1 with his key, elsewhere with what it brings."""
    key = BOB.key if asked.target.startswith("/v1") else None
    body = asked.body
    headers = {"Content-Type": JSON, **asked.headers}
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Caller(app, key).ask(asked.method, asked.target, raw, headers)
