"""CSV files that come as a body or go out as one: how a route declares them, how they are sent."""

from collections.abc import AsyncIterator, Callable, Mapping
from os import SEEK_END
from typing import Any, BinaryIO, TypeVar

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from ringfence.api.calls import Call
from ringfence.http.uploads import keep_upload

T = TypeVar("T")

LISTS = r"^(block-groups(/[1-9][0-9]{0,8})?|phone-numbers)$"
"""What is read from a file or written to one; see `Target.path`."""

_CSV = {"text/csv": {"schema": {"type": "string"}}}
_PART_BYTES = 262_144


def taking_file(declared: dict[str, Any]) -> dict[str, Any]:
    """Return what a route declares whose body is a file; see `for_roles`."""
    body = {"required": True, "content": _CSV}
    return {**declared, "openapi_extra": {**declared["openapi_extra"], "requestBody": body}}


def with_file(declared: dict[str, Any]) -> dict[str, Any]:
    """Return what a route declares whose answer is a file."""
    answer = {"description": "The file.", "content": _CSV}
    return {**declared, "responses": {**declared["responses"], 200: answer}}


async def take_file(call: Call, request: Request, work: Callable[[BinaryIO], T]) -> T:
    """Return what `work` makes of the body, in a thread for files.

    Raises what it raises, BodyTooLargeError, ClientGoneError, and TooManyFiles where there are
    too many: before anything of this one is taken.
    """
    files, limit = call.context.files, call.context.settings.max_upload_bytes
    with files.place(call.account), await keep_upload(request.receive, limit) as file:
        return await files.run(lambda: work(file))


def send_file(file: BinaryIO, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return an answer that sends `file` from its beginning, then closes it."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    # As a header: to a media type of text the framework would add a charset of its own.
    told = {**headers, "content-length": str(size), "content-type": media_type}
    return StreamingResponse(_parts(file), headers=told)


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while part := file.read(_PART_BYTES):
            yield part
