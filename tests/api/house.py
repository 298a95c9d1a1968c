"""A house with the door /v1 and one account with some of everything, and callers of each role."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from ringfence.api.application import routes
from ringfence.app import create_apps
from ringfence.config import Settings
from ringfence.core.accounts import create_account
from ringfence.core.activity import store_screenings
from ringfence.core.credentials import create_key
from ringfence.http.fast_path import Answerer
from ringfence.model.accounts import Account, AccountDraft, KeyDraft, Role
from ringfence.model.calls import Call, Disposition, Reason, Screened
from ringfence.model.changes import Origin
from ringfence.model.imports import Import, ImportState, Kind, Target
from ringfence.model.screening_ids import first_id_at, format_screening_id
from ringfence.store import OpenStore, Transaction, import_chunks, imports
from tests.asgi import Answer, App, call
from tests.conftest import Clock

JSON = "application/json"
CSV = "text/csv"
PROBLEM = "application/problem+json"
OWN_NUMBER = "+918041230001"
BLOCKED = "+919812300001"
FRIEND = "+919812300051"
CALLER = "+919812300061"
SPARE_KEY = 5
SKILL = "Sales"
IMPORT = "000000000000000000000001"
SCREENINGS = [format_screening_id(first_id_at(Clock.now) + n) for n in range(3)]

SEED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/keys", {"role": "agent", "label": "spare"}),
    ("/v1/skills", {"name": SKILL}),
    ("/v1/skills", {"name": "Unused"}),
    ("/v1/phone-numbers", {"name": "Desk1", "number": OWN_NUMBER, "skills": [SKILL]}),
    ("/v1/phone-numbers", {"name": "Desk2", "number": "+918041230002", "priority": 2}),
    ("/v1/block-groups", {"name": "Nuisance", "scope": {"skills": [SKILL]}}),
    ("/v1/block-groups", {"name": "Empty"}),
    ("/v1/block-groups/1/numbers", {"numbers": [BLOCKED, "+91140*", "withheld"]}),
    ("/v1/allowed-numbers", {"number": FRIEND}),
    ("/v1/allowed-numbers", {"number": "+919812300052", "protected": True}),
)
"""Makes keys up to id 5, skills, phone numbers, groups and allowed numbers of ids 1 and 2."""


class File(bytes):
    """A body that is sent as a file."""


@dataclass(frozen=True)
class Caller:
    """Whoever asks with one key, or none."""

    app: App
    key: str | None

    def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; a body that is no bytes is sent as JSON."""
        raw = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        sent = {"Content-Type": CSV if isinstance(body, File) else JSON} if raw else {}
        if self.key is not None:
            sent["Authorization"] = f"Bearer {self.key}"
        return call(self.app, method, target, {**sent, **(headers or {})}.items(), raw)

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
        """Return what a GET that must succeed tells."""
        return self.done("GET", target, headers=headers)

    def post(self, target: str, **fields: object) -> Any:  # noqa: ANN401  any JSON
        """Return what a POST that must succeed tells."""
        return self.done("POST", target, fields)

    def patch(self, target: str, **fields: object) -> Any:  # noqa: ANN401  any JSON
        """Return what a PATCH that must succeed tells."""
        return self.done("PATCH", target, fields)

    def delete(self, target: str) -> None:
        """Delete what is there."""
        answer = self.ask("DELETE", target)
        assert (answer.status, answer.body) == (204, b""), answer

    def done(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401  any JSON
        """Return what a request that must succeed tells."""
        answer = self.ask(method, target, body, headers)
        assert answer.status in {200, 201}, (method, target, answer)
        return json.loads(answer.body)

    def refused(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Return status and code of a request that must end in a problem."""
        told = problem_of(self.ask(method, target, body, headers))
        return told["status"], told["code"]


@dataclass
class House:
    """The door on a store, and one account with a key of each role."""

    store: OpenStore
    app: App
    clock: Clock
    account: Account
    keys: Mapping[Role, str]
    answerer: Answerer[Any] | None = None

    def caller(self, role: Role = Role.ADMIN) -> Caller:
        """Return a caller with the key of a role."""
        return Caller(self.app, self.keys[role])

    @cached_property
    def admin(self) -> Caller:
        """Whoever may do everything."""
        return self.caller()

    @cached_property
    def nobody(self) -> Caller:
        """Whoever has no key."""
        return Caller(self.app, None)

    @cached_property
    def openapi(self) -> Any:  # noqa: ANN401  any JSON
        """The OpenAPI document."""
        return self.nobody.get("/v1/openapi.json")

    def furnish(self) -> None:
        """Make what SEED says, and two agent blocks, of ids 1 and 2, in group 1."""
        for target, fields in SEED:
            self.admin.post(target, **fields)
        self.admin.patch("/v1/account", agent_blocks={"group_id": 1})
        for number in (CALLER, "+919812300062"):
            self.admin.post("/v1/block", number=number, reason="Seeded")
        self.store.write(lambda tx: seed_import(tx, self.account, self.clock.now))
        seed_screenings(self.store, self.account, SCREENINGS)


def seed_screenings(
    store: OpenStore, account: Account, ids: Sequence[str], number: str = BLOCKED
) -> None:
    """Keep calls that were screened, of one number, which group 1 blocks."""
    call = Call(number, OWN_NUMBER, skill=SKILL)
    blocked = Disposition.BLOCK, Reason.NUMBER_BLOCKED, 1, number, (2,), 1, 120
    rows = [Screened(account.account_id, int(each, 16), call, number, *blocked) for each in ids]
    store_screenings(store, rows)


def seed_import(
    tx: Transaction, account: Account, at: datetime, import_id: str = IMPORT, line: int = 2
) -> None:
    """Keep an import that was looked at, into group 1, with one row that failed."""
    target = Target(Kind.BLOCKED_NUMBERS, 1)
    made = Import(import_id, target, ImportState.READING, "test", None, at)
    imports.insert_import(tx, account.account_id, made)
    import_chunks.insert_failures(tx, account.account_id, import_id, 1, f"{line},x,,,csv_row,bad\n")
    read = replace(made, state=ImportState.PREVIEWED, rows=1, failed=1)
    imports.update_import(tx, account.account_id, read, at)


def build(store: OpenStore, clock: Clock, name: str = "alice", **settings: Any) -> House:  # noqa: ANN401
    """Return a house whose account has the keys 1 to 4, of each role, and nothing else."""
    apps = create_apps(store, Settings(auth_delay_max_s=0, **settings), clock)
    return replace(settle(store, apps.main, clock, name), answerer=apps.answerer)


def settle(store: OpenStore, app: App, clock: Clock, name: str) -> House:
    """Make an account of this name, and return the house as it has it."""
    made = create_account(store, AccountDraft(name), at=clock.now)
    origin = Origin("test", None, clock.now)
    keys = {Role.ADMIN: made.key}
    for role in (each for each in Role if each is not Role.ADMIN):
        keys[role] = create_key(store, made.account, origin, KeyDraft(role))[1]
    return House(store, app, clock, made.account, keys)


def problem_of(answer: Answer) -> dict[str, Any]:
    """Return the problem that an answer is, which has everything that RFC 9457 and we ask."""
    assert answer.header("content-type") == PROBLEM, answer
    told: dict[str, Any] = json.loads(answer.body)
    assert told["type"] == f"/v1/problems#{told['type'].partition('#')[2]}"
    assert told["status"] == answer.status
    assert told["request_id"] == answer.header("x-request-id")
    assert all(isinstance(told[name], str) and told[name] for name in ("title", "detail", "code"))
    assert set(told) - {"errors"} == {"type", "title", "status", "detail", "code", "request_id"}
    return told


def all_routes() -> list[tuple[str, str]]:
    """Return method and path of every route that needs a key."""
    return [(method, route.path) for route in routes() for method in sorted(route.methods or ())]


def _json(body: object) -> bytes:
    # Escapes, so that a lone surrogate can be sent as JSON has it.
    return json.dumps(body).encode()
