"""One valid request for every route of /v1, for the account that `house.SEED` furnishes."""

from dataclasses import dataclass

from tests.api.house import (
    BLOCKED,
    CALLER,
    FRIEND,
    IMPORT,
    OWN_NUMBER,
    SCREENINGS,
    SKILL,
    SPARE_KEY,
    File,
    all_routes,
)


@dataclass(frozen=True)
class Example:
    """A request to a route, and the status of its answer for whoever may make it."""

    method: str
    route: str
    target: str
    status: int
    body: object = None

    @property
    def name(self) -> tuple[str, str]:
        """The route as `all_routes` names it."""
        return self.method, self.route


def _get(route: str, target: str) -> Example:
    return Example("GET", route, f"/v1{target}", 200)


def _post(route: str, target: str, body: object, status: int = 201) -> Example:
    return Example("POST", route, f"/v1{target}", status, body)


def _patch(route: str, target: str, body: object) -> Example:
    return Example("PATCH", route, f"/v1{target}", 200, body)


def _delete(route: str, target: str) -> Example:
    return Example("DELETE", route, f"/v1{target}", 204)


_PHONES = "/v1/phone-numbers"
_PHONE = f"{_PHONES}/{{phone_number_id}}"
_GROUPS = "/v1/block-groups"
_GROUP = f"{_GROUPS}/{{block_group_id}}"
_ENTRIES = f"{_GROUP}/numbers"
_ENTRY = f"{_ENTRIES}/{{number:path}}"
_IMPORTS = "/v1/imports"
_AN_IMPORT = f"{_IMPORTS}/{{import_id}}"
_ALLOWED = "/v1/allowed-numbers"
_AGENTS = "/v1/agent-blocks"
_AGENT = f"{_AGENTS}/{{agent_block_id}}"
_NEW_PHONE = {"name": "Desk3", "number": "+918041230003"}

EXAMPLES = [
    _get("/v1/account", "/account"),
    _patch("/v1/account", "/account", {"timezone": "Asia/Dubai"}),
    _post("/v1/keys", "/keys", {"role": "enforcer"}),
    _get("/v1/keys", "/keys"),
    _post("/v1/skills", "/skills", {"name": "Billing"}),
    _get("/v1/skills", "/skills"),
    _post(_PHONES, "/phone-numbers", _NEW_PHONE),
    _get(_PHONES, "/phone-numbers"),
    _get(_PHONE, "/phone-numbers/1"),
    _patch(_PHONE, "/phone-numbers/2", {"priority": 3}),
    _get("/v1/hunt", f"/hunt?skill={SKILL}"),
    _get("/v1/screen", f"/screen?calling=%2B{BLOCKED[1:]}&skill={SKILL}"),
    _post("/v1/screen", "/screen", {"calling": BLOCKED, "skill": SKILL}, 200),
    _post("/v1/screen/batch", "/screen/batch", {"numbers": [BLOCKED, "withheld"]}, 200),
    _post(_GROUPS, "/block-groups", {"name": "Third"}),
    _get(_GROUPS, "/block-groups"),
    _get(_GROUP, "/block-groups/1"),
    _patch(_GROUP, "/block-groups/2", {"description": "Changed"}),
    _post(_ENTRIES, "/block-groups/1/numbers", {"numbers": ["+919812300002"]}, 200),
    _get(_ENTRIES, "/block-groups/1/numbers"),
    _post(
        f"{_ENTRIES}/remove", "/block-groups/1/numbers/remove", {"numbers": ["+919812300002"]}, 200
    ),
    _get(_ENTRY, f"/block-groups/1/numbers/{BLOCKED}"),
    _patch(_ENTRY, f"/block-groups/1/numbers/{BLOCKED}", {"reason": "Changed"}),
    _post(_GROUP + "/replay", "/block-groups/1/replay", {"since": "7d"}, 200),
    _post("/v1/block", "/block", {"number": CALLER, "reason": "Rude"}),
    _get(_AGENTS, "/agent-blocks"),
    _get(_AGENT, "/agent-blocks/1"),
    _post(f"{_AGENT}/extend", "/agent-blocks/1/extend", {"hours": 48}, 200),
    _post(f"{_AGENT}/undo", "/agent-blocks/2/undo", None, 200),
    _get("/v1/blocked-numbers", f"/blocked-numbers?number=%2B{BLOCKED[1:]}"),
    _post(_ALLOWED, "/allowed-numbers", {"number": "+919812300053"}),
    _get(_ALLOWED, "/allowed-numbers"),
    _get(f"{_ALLOWED}/{{allowed_number_id}}", "/allowed-numbers/1"),
    _get("/v1/exports", "/exports?from=block-groups/1"),
    _get("/v1/screenings", "/screenings"),
    _get("/v1/screenings/{screening_id}", f"/screenings/{SCREENINGS[0]}"),
    _get("/v1/screening-counts", "/screening-counts"),
    _get("/v1/changes", "/changes"),
    _get("/v1/changes/{change_id}", "/changes/1"),
    _post(_IMPORTS, "/imports?into=block-groups/1", File(b"number\n+919812300003\nx\n")),
    _get(_IMPORTS, "/imports"),
    _get(_AN_IMPORT, f"/imports/{IMPORT}"),
    _get(f"{_AN_IMPORT}/failed", f"/imports/{IMPORT}/failed"),
    _post(f"{_AN_IMPORT}/apply", f"/imports/{IMPORT}/apply", None, 202),
    _post(f"{_AN_IMPORT}/undo", f"/imports/{IMPORT}/undo", None, 202),
    _post("/v1/scrub", "/scrub?column=phone", File(b"phone\n98123 00009\n"), 200),
    _delete("/v1/keys/{key_id}", f"/keys/{SPARE_KEY}"),
    _delete("/v1/skills/{name:path}", "/skills/Unused"),
    _delete(_PHONE, "/phone-numbers/2"),
    _delete(_ENTRY, f"/block-groups/1/numbers/{BLOCKED}"),
    _delete(_GROUP, "/block-groups/2"),
    _delete(f"{_ALLOWED}/{{allowed_number_id}}", "/allowed-numbers/1"),
]
"""In an order in which all succeed, one after the other: what deletes is last."""

LISTS = [
    each.target
    for each in EXAMPLES
    if each.method == "GET"
    and each.route
    in {
        *("/v1/keys", "/v1/skills", _PHONES, "/v1/hunt", _GROUPS, _ENTRIES),
        *("/v1/blocked-numbers", _ALLOWED, "/v1/changes", "/v1/screenings"),
        *("/v1/screening-counts", _AGENTS),
    }
]
"""What is told in pages."""

_ALIKE_AGAIN = ("/v1/imports", "/v1/scrub", "/v1/screen")

POSTS = [
    each
    for each in EXAMPLES
    if each.method == "POST"
    and not each.route.startswith(_ALIKE_AGAIN)
    and not each.route.endswith(("/replay", "/undo"))
]
"""What would be done twice if it were sent twice; the steps of an import are not, nor questions."""

assert sorted(each.name for each in EXAMPLES) == sorted(all_routes()), "an example for every route"
__all__ = ["EXAMPLES", "FRIEND", "LISTS", "OWN_NUMBER", "POSTS", "Example"]
