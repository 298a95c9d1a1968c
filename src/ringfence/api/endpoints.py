"""What each route declares beside its path: who may call it, and which problems it may meet."""

from collections import Counter
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Depends, Request, Security
from fastapi.dependencies.utils import get_flat_params
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from ringfence.api.problems import MEDIA_TYPE
from ringfence.core.credentials import check_role
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Role

PREFIX = "/v1"
ADMIN = (Role.ADMIN,)
SUPERVISORS = (Role.ADMIN, Role.SUPERVISOR)
AGENTS = (Role.ADMIN, Role.SUPERVISOR, Role.AGENT)
EVERYONE = tuple(Role)

_OF_EVERY_ROUTE = (400, 401, 403, 413, 415, 422, 500, 503)
_BEARER = HTTPBearer(
    auto_error=False, scheme_name="key", description="An API key; `ringfence key create`."
)


class FieldProblem(BaseModel):
    """What is wrong with one field, and where it is: one of `pointer`, `parameter`, `header`."""

    code: str
    detail: str
    pointer: str = Field("", description="Into the body, as a URI fragment (RFC 6901).")
    parameter: str = Field("", description="Of the path or the query.")
    header: str = ""


class ProblemDetails(BaseModel):
    """A problem (RFC 9457). `code` is stable; `request_id` is in the server's log."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblem] = Field(
        default_factory=list, description="Where single fields are wrong; the first 20."
    )


def for_roles(*roles: Role, problems: tuple[int, ...] = ()) -> dict[str, Any]:
    """Return what a route that only `roles` may call declares; `problems` are HTTP statuses.

    The roles stand in the OpenAPI document as `x-roles`.
    """
    return {
        "dependencies": [Depends(_RoleCheck(roles)), Security(_BEARER)],
        "responses": _responses((*_OF_EVERY_ROUTE, *problems)),
        "openapi_extra": {"x-roles": [role.value for role in roles]},
    }


class _RoleCheck:
    """Lets a request on if its key has one of `roles`."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        self._roles = frozenset(roles)

    async def __call__(self, request: Request) -> None:
        check_role(request.scope["caller"], self._roles)
        if request.scope["query_string"] and (problems := tuple(_query_problems(request))):
            raise InvalidInput(*problems)


def _query_problems(request: Request) -> Iterator[Problem]:
    """Yield what is wrong with the names in a query: what is left out would find too much."""
    known = {each.alias for each in get_flat_params(request.scope["route"].dependant)}
    counts = Counter(name for name, _ in request.query_params.multi_items())
    for name, count in counts.items():
        if name not in known:
            rule = "there is no such parameter here"
            yield Problem(InputCode.FIELD_UNKNOWN, f"query:{name}", rule)
        elif count > 1:
            yield Problem(InputCode.FIELD_INVALID, f"query:{name}", "this parameter is there twice")


def _responses(statuses: tuple[int, ...]) -> dict[int | str, dict[str, Any]]:
    return {status: _response(HTTPStatus(status)) for status in sorted(set(statuses))}


def _response(status: HTTPStatus) -> dict[str, Any]:
    if status is HTTPStatus.NOT_MODIFIED:
        return {"description": "It is what the caller has already; no body."}
    schema: Mapping[str, object] = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
