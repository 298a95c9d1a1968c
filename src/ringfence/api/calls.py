"""One request of a caller who is known: how it is worked on, and how its answer is written."""

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from ringfence.api.context import Context
from ringfence.core.kept_answers import Asked, answer_once
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.http.answers import Answer
from ringfence.model.accounts import Account, Caller
from ringfence.model.changes import Origin
from ringfence.store import Store

T = TypeVar("T")

DOOR = "v1"
_OK = 200
_NO_CONTENT = 204
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request is told: `revision` becomes its ETag, `location` where a new thing is."""

    content: BaseModel | None = None
    status: int = _OK
    revision: str | None = None
    location: str | None = None

    def answer(self) -> Answer:
        """Return it as bytes; this may take long, so it is done in the store's threads."""
        headers = {}
        if self.revision is not None:
            headers["etag"] = f'"{self.revision}"'
        if self.location is not None:
            headers["location"] = self.location
        if self.content is None:
            return Answer(_NO_CONTENT, b"", headers)
        return Answer(self.status, self.content.model_dump_json().encode(), headers)


Work = Callable[[Store], Reply]


@dataclass(frozen=True, slots=True)
class Call:
    """A request: who calls, what stands around it, and what it may be told already."""

    context: Context
    caller: Caller
    secret: str
    fingerprint: str = ""
    idempotency_key: str | None = None
    expected: str | None = None
    known: frozenset[str] = field(default_factory=frozenset)

    @property
    def account(self) -> Account:
        """Whose request it is."""
        return self.caller.account

    @property
    def origin(self) -> Origin:
        """Who changes something now, for the record."""
        return Origin(DOOR, self.caller.key_id, self.context.clock())

    async def do(self, work: Work) -> Response:
        """Answer with what `work` replies, given the store."""
        return await self.do_prepared(lambda: None, lambda store, _: work(store))

    async def do_prepared(
        self, prepare: Callable[[], T], work: Callable[[Store, T], Reply]
    ) -> Response:
        """Answer with what `work` replies, given the store and what `prepare` returned.

        What takes long and needs no store belongs into `prepare`: with an Idempotency-Key all of
        `work` happens in one transaction, and others wait for that.
        """
        run = self._answer if self.idempotency_key is None else self._answer_once

        def answer() -> Answer:
            prepared = prepare()
            return run(lambda store: work(store, prepared))

        return self._response(await self.context.handover.run(answer))

    async def answer(self, work: Callable[[], Answer]) -> Response:
        """Answer with what `work` returns, which writes its own JSON."""
        return response_of(await self.context.handover.run(work))

    def _answer(self, work: Work) -> Answer:
        return work(self.context.store).answer()

    def _answer_once(self, work: Work) -> Answer:
        asked = Asked(self.caller.key_id, self.idempotency_key or "", self.fingerprint, self.secret)
        told = answer_once(
            self.context.store,
            self.account,
            asked,
            lambda store: _pack(work(store).answer()),
            at=self.context.clock(),
        )
        return _unpack(told.answer, again=told.again)

    def _response(self, answer: Answer) -> Response:
        tag = answer.headers.get("etag")
        if tag is not None and not self.known.isdisjoint({tag, "*"}):
            return Response(status_code=_NOT_MODIFIED, headers=dict(answer.headers))
        return response_of(answer)


def response_of(answer: Answer) -> Response:
    """Return `answer` as the framework wants it."""
    media_type = answer.media_type if answer.body else None
    return Response(answer.body, answer.status, dict(answer.headers), media_type)


def _pack(answer: Answer) -> bytes:
    """Return an answer as it is kept: ten thousand results are much alike, and stay for a day."""
    head = json.dumps({"status": answer.status, "headers": dict(answer.headers)})
    return zlib.compress(head.encode() + b"\n" + answer.body, level=1)


def _unpack(packed: bytes, *, again: bool) -> Answer:
    head, _, body = zlib.decompress(packed).partition(b"\n")
    read: Mapping[str, Any] = json.loads(head)
    headers: dict[str, str] = read["headers"]
    if again:
        headers["idempotency-replayed"] = "true"
    return Answer(read["status"], body, headers)


async def _read_call(request: Request) -> Call:
    return _call(request)


async def _read_view(
    request: Request,
    if_none_match: Annotated[
        str | None, Header(description="ETags already known: 304 where nothing has changed.")
    ] = None,
) -> Call:
    return _call(request, known=_known_tags(request) if if_none_match else frozenset())


async def _read_post(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A name for this request, in printable ASCII: sent again within 24 hours, "
            "it is not done again and gets the same answer.",
            json_schema_extra={"minLength": 1, "maxLength": 255},
        ),
    ] = None,
) -> Call:
    if idempotency_key is None:
        return _call(request)
    return _call(request, idempotency_key=idempotency_key, fingerprint=_fingerprint(request))


async def _read_edit(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(description="The ETag of what was read: 412 where it was changed since."),
    ] = None,
) -> Call:
    return _call(request, expected=_expected_tag(request) if if_match is not None else None)


def _call(request: Request, **more: Any) -> Call:  # noqa: ANN401  fields of a Call
    scope = request.scope
    return Call(scope["context"], scope["caller"], scope["secret"], **more)


AnyCall = Annotated[Call, Depends(_read_call)]
"""A request that only asks, or changes nothing twice."""

View = Annotated[Call, Depends(_read_view)]
"""A request for one thing, which the caller may have already."""

Post = Annotated[Call, Depends(_read_post)]
"""A request that would do something twice if it were sent twice."""

Edit = Annotated[Call, Depends(_read_edit)]
"""A request to change what the caller has read."""


def _known_tags(request: Request) -> frozenset[str]:
    """Return the tags of If-None-Match; weak ones count as what they are of (RFC 9110, 13.1.2)."""
    tags = ",".join(request.headers.getlist("if-none-match")).split(",")
    return frozenset(tag.strip().removeprefix("W/") for tag in tags)


def _expected_tag(request: Request) -> str | None:
    """Return the entity tag, or None for any (RFC 9110, 13.1.1); a weak one never matches."""
    tag = ",".join(request.headers.getlist("if-match")).strip()
    if tag == "*":
        return None
    if len(tag) > 1 and tag[0] == tag[-1] == '"' and '"' not in tag[1:-1]:
        return tag[1:-1]
    if tag.startswith("W/"):
        return tag
    rule = 'If-Match has one entity tag, in quotes as in the ETag that was sent, or is "*"'
    raise InvalidInput(Problem(InputCode.FIELD_INVALID, "header:If-Match", rule))


def _fingerprint(request: Request) -> str:
    scope = request.scope
    asked = f"{scope['method']} {scope['path']}\n"
    digest = hashlib.sha256(asked.encode("utf-8", "backslashreplace"))
    digest.update(scope["query_string"] + b"\n" + scope["body"])
    return digest.hexdigest()
