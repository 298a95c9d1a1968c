"""The outermost layer of every request: its id, its one log line, and the last safety net."""

import base64
import binascii
import re
import secrets
import traceback
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.http.answers import json_answer, send_answer

_log = structlog.get_logger("ringfence.request")
_SECRET_NAMES = {"apikey", "api_key", "token", "password"}
Observer = Callable[[Scope, int | None, float], None]
"""Is told of each request, the status of its answer if it got one, and the seconds it took."""

_QUERY_SIGN = re.compile("[?&;=]|%(?:26|3[bdf])", re.IGNORECASE)


class RequestLog:
    """Gives every request an id, logs it in one line, and answers 500 where nothing else did.

    The line has the path without the query: that is where the A door of the wire carries keys.
    Doors find the id in `scope["request_id"]`, add what they know to `scope["log"]`, and to
    `scope["secrets"]` a function that returns the credentials of the request, to be blotted out of
    a traceback. `observe` is told of the request when it is over.
    """

    def __init__(self, app: ASGIApp, observe: Observer | None = None) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection; anything but HTTP is passed on untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        started = perf_counter()
        try:
            await exchange.run(self._app, receive)
        finally:
            seconds = perf_counter() - started
            exchange.write_line(seconds)
            if self._observe is not None:
                self._observe(scope, exchange.status, seconds)


class _Exchange:
    """One request on its way."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._request_id = secrets.token_hex(8)
        self.status: int | None = None
        self._notes: dict[str, Any] = {}
        scope["log"] = self._notes
        scope["request_id"] = self._request_id

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._stamp)
        except Exception as error:  # noqa: BLE001  whatever it is, the caller gets an answer
            await self._answer_failure(error)

    async def _stamp(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"].append((b"x-request-id", self._request_id.encode()))
        await self._send(message)

    async def _answer_failure(self, error: Exception) -> None:
        text = "".join(traceback.format_exception(error))
        _log.error(
            "unexpected failure",
            request_id=self._request_id,
            traceback=without_secrets(text, self._scope),
        )
        if self.status is None:
            content = {"status": "error", "message": "internal error"}
            content["request_id"] = self._request_id
            await send_answer(self._stamp, json_answer(500, content))

    def write_line(self, seconds: float) -> None:
        client = self._scope.get("client")
        _log.info(
            "request",
            request_id=self._request_id,
            method=self._scope["method"],
            path=_shown_path(self._scope),
            status=self.status,
            ms=round(seconds * 1000, 2),
            client=client[0] if client else None,
            **self._notes,
        )


def _shown_path(scope: Scope) -> str:
    """Return the path as it came, so that it cannot move a terminal's cursor.

    Where the question mark is mistyped, the query is part of it, and is cut off.
    """
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return _QUERY_SIGN.split(raw.decode("latin-1"), maxsplit=1)[0]


def without_secrets(text: str, scope: Scope) -> str:
    """Return `text` with every credential that this request carries blotted out."""
    spellings = {form for secret in _secrets(scope) for form in _forms(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, "[secret]")
    return text


def _forms(secret: str) -> set[str]:
    """Return how a secret may stand in a text: as it is, quoted by Python, quoted for a URL."""
    return {secret, repr(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)}


def _secrets(scope: Scope) -> set[str]:
    found = set[str]()
    with suppress(Exception):  # a request that cannot be read has no credentials to tell
        found.update(filter(None, scope["secrets"]()))
    query = scope.get("query_string", b"").decode("latin-1")
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if unquote_plus(name).lower() in _SECRET_NAMES:
            found |= {value, unquote_plus(value)}
    for name, value in scope.get("headers", ()):
        if name in {b"authorization", b"apikey"}:
            found.update(_header_secrets(value.decode("latin-1")))
    return {secret for secret in found if secret}


def _header_secrets(value: str) -> set[str]:
    credential = value.split(" ", 1)[-1].strip()
    try:
        decoded = base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, ValueError):
        return {credential}
    return {credential, decoded, decoded.partition(":")[2]}
