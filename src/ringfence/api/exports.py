"""/v1/exports: whole lists as CSV files, which can be imported again."""

from collections.abc import AsyncIterator
from os import SEEK_END
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from ringfence.api.calls import AnyCall, Call
from ringfence.api.endpoints import PREFIX, SUPERVISORS, for_roles
from ringfence.core.exports import CsvTarget, export_group, export_groups, export_phone_numbers
from ringfence.http.exporting import Write
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/exports", tags=["exports"])

From = Annotated[
    str,
    Query(
        alias="from",
        pattern=r"^(block-groups(/[1-9][0-9]{0,8})?|phone-numbers)$",
        description="What to write: `block-groups/7`, or `block-groups` with the name of its group "
        "before each number, or `phone-numbers`.",
        examples=["block-groups/1"],
    ),
]
_CSV = {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}}
_PART_BYTES = 262_144


def _declared() -> dict[str, Any]:
    declared = for_roles(*SUPERVISORS, problems=(404,))
    return {**declared, "responses": {**declared["responses"], 200: _CSV}}


@router.get("", response_class=Response, name="read_export", **_declared())
async def read(call: AnyCall, source: From) -> Response:
    """Write the blocked numbers of a group, or of all, or the phone numbers, as they are now.

    In UTF-8, with a header: number, expires_at, reason; or name, number, priority, state, skills.
    POST /v1/imports takes the file as it is.
    """
    file = await call.context.exporter.export(_writer(call, source))
    size = file.seek(0, SEEK_END)
    file.seek(0)
    headers = {
        "content-disposition": f'attachment; filename="{source.replace("/", "-")}.csv"',
        "content-length": str(size),
    }
    return StreamingResponse(_parts(file), headers=headers, media_type="text/csv; charset=utf-8")


def _writer(call: Call, source: str) -> Write:
    """Return what writes to a file what is asked for."""
    account, at = call.account, call.origin.at
    group = source.partition("/")[2]

    def write(store: Store, file: BinaryIO) -> None:
        target = CsvTarget(file)
        if source == "phone-numbers":
            export_phone_numbers(store, account, target)
        elif group:
            export_group(store, account, int(group), target, at)
        else:
            export_groups(store, account, target, at)

    return write


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while part := file.read(_PART_BYTES):
            yield part
