"""What every request to /v1 passes before anything of it is read: a key, and a bounded body."""

import asyncio
from collections.abc import Collection
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.api.context import Context
from ringfence.api.endpoints import PREFIX
from ringfence.api.problems import door_answer, error_answer, failure_answer
from ringfence.core.credentials import identify
from ringfence.errors import NotAuthenticated, RingfenceError, Unavailable
from ringfence.http.answers import Answer, send_answer
from ringfence.http.bodies import BodyTooLargeError, ClientGoneError, read_body

UPLOADS = frozenset({("POST", f"{PREFIX}/imports"), ("POST", f"{PREFIX}/scrub")})
"""Where the body is a file, which whoever answers reads by themselves."""


class Entrance:
    """Lets callers with a live key in to `api`; `open_paths` need none."""

    def __init__(self, context: Context, api: ASGIApp, open_paths: Collection[str]) -> None:
        self._context = context
        self._api = api
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a HEAD gets what a GET would, without the body."""
        if scope["method"] == "HEAD":
            send = _without_body(send)
        try:
            refused = await self._enter(scope, receive)
        except ClientGoneError:
            return
        except Exception:
            await send_answer(send, failure_answer(scope["request_id"]))
            raise  # to the request log, which has the traceback
        if refused is None:
            await self._pass_on(scope, receive, send)
        else:
            await send_answer(send, refused)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        if scope["body"] is not None:
            receive = _replayed(scope["body"], receive)
        await self._api(asked, receive, send)
        scope["route"] = asked.get("route")  # for the metrics, which look here

    async def _enter(self, scope: Scope, receive: Receive) -> Answer | None:
        """Prepare a request to be passed on, or return what refuses it."""
        scope["context"] = self._context
        limit = self._context.settings.max_body_bytes
        try:
            if scope["path"] not in self._open_paths:
                await self._authenticate(scope)
            if (scope["method"], scope["path"]) in UPLOADS:
                return _prepare_upload(scope)
            scope["body"] = await read_body(receive, limit)
        except BodyTooLargeError as error:
            return too_large_answer(error, scope["request_id"])
        except RingfenceError as error:
            return await self._refuse(scope, error)
        if scope["body"] and not _is_json(scope):
            detail = "a body comes with the header Content-Type: application/json"
            return door_answer("media_type_unsupported", detail, scope["request_id"])
        return None

    async def _authenticate(self, scope: Scope) -> None:
        secret = _read_bearer(scope)
        scope["secrets"] = lambda: (secret,)
        scope["secret"] = secret
        check = partial(identify, self._context.store, secret)
        scope["caller"] = await self._context.handover.run(check)
        scope["log"]["account"] = scope["caller"].account.user_name

    async def _refuse(self, scope: Scope, error: RingfenceError) -> Answer:
        note_error(scope, error)
        if isinstance(error, NotAuthenticated):
            address = scope["client"][0] if scope.get("client") else ""
            await asyncio.sleep(self._context.delay.after_failure(address))
        return error_answer(error, scope["request_id"])


def too_large_answer(error: BodyTooLargeError, request_id: str) -> Answer:
    """Return what is told of a body that is too large."""
    detail = f"a request body has up to {error.max_bytes:,} bytes here"
    return door_answer("body_too_large", detail, request_id)


def note_error(scope: Scope, error: RingfenceError) -> None:
    """Say in the request's log line what became of it."""
    scope["log"]["outcome"] = error.code
    if isinstance(error, Unavailable):
        scope["log"]["reason"] = str(error)


def _read_bearer(scope: Scope) -> str | None:
    """Return the credential of the header `Authorization` (RFC 6750), or None; of two, neither."""
    headers = _headers(scope, b"authorization")
    if len(headers) != 1:
        return None
    scheme, _, credential = headers[0].partition(" ")
    return credential.strip() or None if scheme.lower() == "bearer" else None


def _prepare_upload(scope: Scope) -> Answer | None:
    """Let a file in, whatever it is called, but no form around it."""
    scope["body"] = None
    media_types = [each.lower() for each in _headers(scope, b"content-type")]
    if any(each.startswith("multipart/") for each in media_types) or _is_json(scope):
        detail = "the body is the file itself, with the header Content-Type: text/csv"
        return door_answer("media_type_unsupported", detail, scope["request_id"])
    return None


def _is_json(scope: Scope) -> bool:
    """Whether the body is said to be JSON (RFC 8259; RFC 6839 for names that end in +json)."""
    media_types = [
        each.partition(";")[0].strip().lower() for each in _headers(scope, b"content-type")
    ]
    return media_types == ["application/json"] or (
        len(media_types) == 1 and media_types[0].endswith("+json")
    )


def _headers(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body that was read already, then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head
