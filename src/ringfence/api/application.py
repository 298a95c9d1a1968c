"""The door as one ASGI application: its routes, its problems, its own description."""

import json
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ringfence import __version__
from ringfence.api import (
    account,
    agent_blocks,
    allowed_numbers,
    block_groups,
    blocked_numbers,
    changes,
    exports,
    group_numbers,
    hunt,
    imports,
    keys,
    phone_numbers,
    replays,
    screening,
    screening_counts,
    screenings,
    scrub,
    skills,
)
from ringfence.api.calls import response_of
from ringfence.api.context import Context
from ringfence.api.docs import OPENAPI_PATH, docs_routes
from ringfence.api.endpoints import ProblemDetails
from ringfence.api.entrance import Entrance, note_error, too_large_answer
from ringfence.api.problems import (
    door_answer,
    error_answer,
    failure_answer,
    invalid_answer,
    pointer_to,
)
from ringfence.errors import InputCode, InvalidInput, Problem, RingfenceError
from ringfence.http.bodies import BodyTooLargeError, ClientGoneError

ROUTERS = [
    account.router,
    keys.router,
    skills.router,
    phone_numbers.router,
    hunt.router,
    screening.router,
    block_groups.router,
    group_numbers.router,
    replays.router,
    blocked_numbers.router,
    allowed_numbers.router,
    agent_blocks.router,
    imports.router,
    exports.router,
    scrub.router,
    screenings.router,
    screening_counts.router,
    changes.router,
]
_DESCRIPTION = "Decides, for every call of a contact centre, may it ring, and where."
_WHOLE_BODY = "the body is a JSON object, sent with Content-Type: application/json"
_PAGE_NAME = re.compile(r"\bListed_(\w+?)Shown_")
_CODES = {"missing": InputCode.FIELD_MISSING, "extra_forbidden": InputCode.FIELD_UNKNOWN}


class Api(NamedTuple):
    """The application, and the paths of its routes as they are written with `{…}`."""

    app: ASGIApp
    paths: Sequence[str]


def create_api(context: Context) -> Api:
    """Return the door."""
    api = FastAPI(
        title="Ringfence",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=OPENAPI_PATH,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        exception_handlers={
            RingfenceError: _tell_error,
            RequestValidationError: _tell_invalid,
            HTTPException: _tell_http,
            BodyTooLargeError: _tell_too_large,
            ClientGoneError: _tell_nobody,
            Exception: _tell_failure,
        },
    )
    for router in ROUTERS:
        api.include_router(router)
    _describe_itself(api)
    pages = docs_routes()
    api.router.routes.extend(pages)
    open_paths = [OPENAPI_PATH, *(page.path for page in pages)]
    paths = [*(route.path for route in routes()), *open_paths]
    return Api(Entrance(context, api, open_paths), paths)


def routes() -> Iterator[APIRoute]:
    """Yield every route that needs a key."""
    for router in ROUTERS:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


async def _tell_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RingfenceError)
    note_error(request.scope, error)
    return response_of(error_answer(error, request.scope["request_id"]))


async def _tell_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = list(error.errors())
    if any(each["type"] == "json_invalid" for each in found):
        return _tell_unreadable(request, "the body is not JSON")
    request.scope["log"]["outcome"] = InvalidInput.code
    problems = map(_problem, found)
    return response_of(invalid_answer(problems, len(found), request.scope["request_id"]))


async def _tell_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    request_id = request.scope["request_id"]
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = ", ".join(_methods_at(request))
        detail = f"this path has the methods {allow}"
        return response_of(door_answer("method_not_allowed", detail, request_id, {"allow": allow}))
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"there is nothing at this path; {OPENAPI_PATH} lists what there is"
        return response_of(door_answer("path_unknown", detail, request_id))
    return _tell_unreadable(request, "the body is no JSON that can be read")


async def _tell_too_large(request: Request, error: Exception) -> Response:
    assert isinstance(error, BodyTooLargeError)
    request.scope["log"]["outcome"] = "body_too_large"
    return response_of(too_large_answer(error, request.scope["request_id"]))


async def _tell_nobody(_request: Request, _error: Exception) -> Response:
    """Answer a client that went away before its file was here."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _tell_failure(request: Request, _error: Exception) -> Response:
    """Tell the caller no more than the id; the request log has the traceback."""
    return response_of(failure_answer(request.scope["request_id"]))


def _tell_unreadable(request: Request, detail: str) -> Response:
    request.scope["log"]["outcome"] = "body_unreadable"
    return response_of(door_answer("body_unreadable", detail, request.scope["request_id"]))


def _problem(found: dict[str, Any]) -> Problem:
    """Return what the framework found wrong, in our words; never the value, which may be secret."""
    place, *names = found["loc"]
    field = pointer_to(names) if place == "body" else f"{place}:{names[-1]}"
    code = _CODES.get(str(found["type"]), InputCode.FIELD_INVALID)
    return Problem(code, field, _rule(found) if names else _WHOLE_BODY)


def _rule(found: dict[str, Any]) -> str:
    """Return the rule that a value does not keep; of a text, the framework speaks of items."""
    message = str(found["msg"]).removeprefix("Value error, ")
    if found.get("ctx", {}).get("field_type") == "Value":
        return re.sub(r"items?\b.*", "characters", message)
    return message


def _methods_at(request: Request) -> list[str]:
    """Return the methods that the path has: the framework itself names those of one route only."""
    methods = set[str]()
    for route in (*routes(), *_open_routes(request.app)):
        if route.path_regex.match(request.scope["path"]):
            methods |= route.methods or set()
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _open_routes(api: FastAPI) -> Iterator[Route]:
    """Yield the routes that need no key."""
    yield from (route for route in api.router.routes if isinstance(route, Route))


def _describe_itself(api: FastAPI) -> None:
    """Put the shape of a problem into the document, and call a page after what is on it."""
    described = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _with_plain_names(_with_problems(described()))
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Add what every route refers to and no route returns by itself."""
    template = "#/components/schemas/{model}"
    own = ProblemDetails.model_json_schema(ref_template=template)
    document["components"]["schemas"] |= {**own.pop("$defs"), "ProblemDetails": own}
    return document


def _with_plain_names(document: dict[str, Any]) -> dict[str, Any]:
    """Call `Listed_KeyShown_` KeyPage, as generated clients will."""
    text = _PAGE_NAME.sub(r"\1Page", json.dumps(document))
    named: dict[str, Any] = json.loads(text)
    return named
