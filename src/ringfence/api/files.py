"""CSV files that come as a body or go out as one: how a route declares them, how they are sent."""

from collections.abc import AsyncIterator, Mapping
from os import SEEK_END
from typing import Any, BinaryIO

from starlette.responses import Response, StreamingResponse

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


def send_file(file: BinaryIO, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return an answer that sends `file` from its beginning, then closes it."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    told = {**headers, "content-length": str(size)}
    return StreamingResponse(_parts(file), headers=told, media_type=media_type)


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while part := file.read(_PART_BYTES):
            yield part
