"""What /v1 says for each thing that can go wrong: problem details (RFC 9457), one table.

A problem's `type` is its kind, and leads to a page that lists all; its `code` says more, and is
stable. What is wrong with single fields stands in `errors`, each with its
own code and where it is: `pointer` into the body (RFC 6901, as a URI fragment), or the name of a
`parameter` of the path or the query, or of a `header`.
"""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

from ringfence.errors import (
    InputCode,
    InvalidInput,
    Problem,
    RingfenceError,
    TooManyFiles,
    Unavailable,
)
from ringfence.http.answers import Answer, write_json

MEDIA_TYPE = "application/problem+json"
PROBLEMS_PATH = "/v1/problems"
RETRY_AFTER_S = 1
MAX_ERRORS = 20
"""How many bad fields are told of at most: a body may have a hundred thousand."""


class Kind(NamedTuple):
    """A kind of problem: its HTTP status, and what it is in a few words."""

    status: HTTPStatus
    title: str


KINDS: Mapping[str, Kind] = {
    "invalid_input": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "A value does not keep its rule"),
    "not_authenticated": Kind(HTTPStatus.UNAUTHORIZED, "The API key does not let in"),
    "not_allowed": Kind(HTTPStatus.FORBIDDEN, "The key's role may not do this"),
    "not_found": Kind(HTTPStatus.NOT_FOUND, "There is no such thing in this account"),
    "conflict": Kind(HTTPStatus.CONFLICT, "Something else is in the way"),
    "idempotency_key_reused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The Idempotency-Key stands for another request"
    ),
    "limit_reached": Kind(HTTPStatus.CONFLICT, "The account may not have more of these"),
    "precondition_failed": Kind(HTTPStatus.PRECONDITION_FAILED, "It was changed since it was read"),
    "unavailable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "It cannot be done now; try again"),
    "path_unknown": Kind(HTTPStatus.NOT_FOUND, "There is nothing at this path"),
    "method_not_allowed": Kind(HTTPStatus.METHOD_NOT_ALLOWED, "This path has no such method"),
    "body_too_large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large"),
    "media_type_unsupported": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is not said to be what is read here"
    ),
    "body_unreadable": Kind(HTTPStatus.BAD_REQUEST, "The body cannot be read"),
    "internal_error": Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "An unexpected failure, logged"),
}
"""By the code of an error or of the class it belongs to, or by a code of the door itself."""

# What only commands, or other doors, ever say.
_NOT_HERE = frozenset(
    {
        *("not_authenticated", "user_name_missing", "api_key_missing"),
        *("token_missing", "token_invalid", "token_expired", "token_limit_reached"),
        *("not_found", "account_not_found", "conflict", "account_exists", "limit_reached"),
        *("backup_exists", "store_not_empty", "store_missing", "store_too_new", "store_too_old"),
        *("copy_failed", "backup_failed", "action_unknown", "expiry_format", "group_name_taken"),
        *("blocked_numbers_format", "blocked_numbers_too_many"),
    }
)
_BODY_NAMES = {"phone_name": "name", "phone_number": "number"}


def kind_of(error: type[RingfenceError]) -> str:
    """Return which of KINDS an error is: its own, or that of the class it belongs to."""
    codes = (getattr(each, "code", "") for each in error.__mro__)
    return next((code for code in codes if code in KINDS), "internal_error")


def codes_of(kind: str) -> list[str]:
    """Return what the `code` of a problem of this kind can be; of bad fields, that of each."""
    if kind == InvalidInput.code:
        return sorted({code.value for code in InputCode} - _NOT_HERE)
    found = {error.code for error in _subclasses(RingfenceError) if kind_of(error) == kind}
    return sorted(found - _NOT_HERE) or [kind]


def _subclasses(error: type[RingfenceError]) -> Iterator[type[RingfenceError]]:
    for each in error.__subclasses__():
        yield each
        yield from _subclasses(each)


def error_answer(error: RingfenceError, request_id: str) -> Answer:
    """Return the answer of an error of core."""
    if isinstance(error, InvalidInput):
        return invalid_answer(error.problems, len(error.problems), request_id)
    # Why the store cannot answer is for the log: it may name what is behind the service.
    is_secret = isinstance(error, Unavailable) and not isinstance(error, TooManyFiles)
    detail = Unavailable.sentence.split(":")[0] if is_secret else str(error)
    return _answer(error.code, kind_of(type(error)), detail, request_id)


def invalid_answer(problems: Iterable[Problem], count: int, request_id: str) -> Answer:
    """Return the answer to bad fields, of which there are `count`; MAX_ERRORS of them are told."""
    told = [*islice(problems, MAX_ERRORS)]
    detail = "; ".join(dict.fromkeys(each.message for each in told))
    if count > len(told):
        detail = f"{count:,} fields are wrong; the first {len(told)} are told of: {detail}"
    code = InvalidInput.code
    return _answer(code, code, detail, request_id, [_field(each) for each in told])


def door_answer(
    code: str, detail: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return the answer of a problem that the door itself found; `code` is one of KINDS."""
    return _answer(code, code, detail, request_id, None, headers)


def pointer_to(names: Iterable[object]) -> str:
    """Return the pointer to a place in the body, whatever names a caller gave its fields."""
    return "#" + "".join(f"/{_escaped(str(name))}" for name in names)


def _escaped(name: str) -> str:
    """Return a name as it stands in a pointer (RFC 6901, 3), and that in a URI (section 6)."""
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="~", errors="replace")


def failure_answer(request_id: str) -> Answer:
    """Return the answer to an unexpected failure: no more than where its traceback is."""
    detail = "an unexpected failure; the server's log has it by the request's id"
    return door_answer("internal_error", detail, request_id)


def _answer(
    code: str,
    kind_code: str,
    detail: str,
    request_id: str,
    fields: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    kind = KINDS[kind_code]
    content: dict[str, object] = {
        "type": f"{PROBLEMS_PATH}#{kind_code}",
        "title": kind.title,
        "status": kind.status.value,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    if fields is not None:
        content["errors"] = fields
    added = {**_headers_of(kind), **(headers or {})}
    return Answer(kind.status.value, write_json(content), added, MEDIA_TYPE)


def _headers_of(kind: Kind) -> dict[str, str]:
    if kind.status is HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": 'Bearer realm="ringfence"'}
    if kind.status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": str(RETRY_AFTER_S)}
    return {}


def _field(problem: Problem) -> dict[str, str]:
    return {"code": problem.code.value, "detail": problem.message, **_place(problem.field)}


def _place(field: str) -> dict[str, str]:
    """Say where a field is: `query:limit`, `path:id` and `header:If-Match` are not in the body."""
    if field.startswith("#"):
        return {"pointer": field}
    kind, colon, name = field.partition(":")
    if not colon:
        return {"pointer": "#" + "".join(f"/{part}" for part in _parts(field))}
    return {"header" if kind == "header" else "parameter": name}


def _parts(field: str) -> Iterator[str]:
    first, *rest = field.split("/")
    if first:
        yield _BODY_NAMES.get(first, first)
    yield from rest
