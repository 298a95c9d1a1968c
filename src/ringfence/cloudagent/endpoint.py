"""One path of the wire: which methods it has, and what stands around each request.

The family of the path (phone numbers, block numbers) reads the request, calls one verb and
writes the answer, all in the store's thread. Here are the bound on the body, the hand-over, the
delay after a wrong key, and the choice between 200 and real HTTP codes.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from starlette.types import Receive, Scope, Send

from ringfence.cloudagent.context import Context
from ringfence.cloudagent.older_paths import Announcement, OlderPath
from ringfence.cloudagent.replies import Reply
from ringfence.cloudagent.wire import TooManyParametersError, WireRequest
from ringfence.config import Settings
from ringfence.errors import NotAuthenticated, RingfenceError, Unavailable
from ringfence.http.answers import Answer, json_answer, send_answer
from ringfence.http.bodies import BodyTooLargeError, ClientGoneError, read_body


class Family(Protocol):
    """The paths that share credentials, verbs and texts."""

    @property
    def methods(self) -> Sequence[str]:
        """The HTTP methods of its paths."""

    def max_body_bytes(self, settings: Settings) -> int:
        """Return how large a body may be at its paths."""

    def credentials(self, request: WireRequest) -> tuple[str | None, ...]:
        """Return the user name, and the key or whatever else the request proves it by."""

    def answer(self, context: Context, request: WireRequest) -> Reply:
        """Do what the request asks and return what it is told."""

    def write_error(self, error: RingfenceError) -> Reply:
        """Return what the caller is told of `error`."""


class Endpoint:
    """An ASGI application that serves one family at one path, which may have a successor."""

    def __init__(self, context: Context, family: Family, older: OlderPath | None = None) -> None:
        self._context = context
        self._family = family
        self._announcement = None if older is None else Announcement(context.settings, older)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except ClientGoneError:
            return
        if self._announcement is not None:
            answer = self._announcement.added_to(answer, scope["method"])
            self._context.uses.flush_later()
        await send_answer(send, answer, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] not in self._family.methods:
            return _refusal(405, "method not allowed", {"allow": ", ".join(self._family.methods)})
        limit = self._family.max_body_bytes(self._context.settings)
        try:
            body = await read_body(receive, limit)
        except BodyTooLargeError:
            return _refusal(413, f"a request body has up to {limit} bytes")
        return await self._answer_whole(scope, body)

    async def _answer_whole(self, scope: Scope, body: bytes) -> Answer:
        limit = self._context.settings.max_parameters
        headers = dict(scope["headers"])
        request = WireRequest(scope["method"], scope["query_string"], headers, body, limit)
        scope["secrets"] = partial(self._family.credentials, request)
        try:
            work = partial(self._family.answer, self._context, request)
            return self._written(await self._context.handover.run(work))
        except TooManyParametersError:
            return _refusal(400, f"a request has up to {limit} parameters")
        except RingfenceError as error:
            scope["log"]["outcome"] = error.code
            if isinstance(error, Unavailable):
                scope["log"]["reason"] = str(error)
            if isinstance(error, NotAuthenticated):
                await self._delay(scope, error)
            return self._written(self._family.write_error(error))

    async def _delay(self, scope: Scope, error: NotAuthenticated) -> None:
        address = scope["client"][0] if scope.get("client") else ""
        user_name = error.facts.get("user_name") or ""
        await asyncio.sleep(self._context.delay.after_failure(address, str(user_name)))

    def _written(self, reply: Reply) -> Answer:
        real = self._context.settings.legacy_http_codes
        return json_answer(reply.status(real=real), reply.content)


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return json_answer(status, {"status": "error", "message": message}, headers)
