"""/v1/exports: whole lists as CSV files, which can be imported again."""

from collections.abc import Callable
from functools import partial
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Call
from ringfence.api.endpoints import PREFIX, SUPERVISORS, for_roles
from ringfence.api.files import LISTS, send_file, with_file
from ringfence.core.exports import CsvTarget, export_group, export_groups, export_phone_numbers
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/exports", tags=["exports"])

From = Annotated[
    str,
    Query(
        alias="from",
        pattern=LISTS,
        description="What to write: `block-groups/7`, or `block-groups` with the name of its group "
        "before each number, or `phone-numbers`.",
        examples=["block-groups/1"],
    ),
]
Write = Callable[[Store, BinaryIO], None]
"""Writes what a store has to a file; it may begin the file anew."""


@router.get(
    "",
    response_class=Response,
    name="read_export",
    **with_file(for_roles(*SUPERVISORS, problems=(404,))),
)
async def read(call: AnyCall, source: From) -> Response:
    """Write the blocked numbers of a group, or of all, or the phone numbers, as they are now.

    In UTF-8, with a header: number, expires_at, reason; or name, number, priority, state, skills.
    POST /v1/imports takes the file as it is.
    """
    files = call.context.files
    with files.place(call.account):
        file = await files.run(partial(_written, call.context.store, _writer(call, source)))
    name = f"{source.replace('/', '-')}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return send_file(file, "text/csv; charset=utf-8", headers)


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


def _written(store: Store, write: Write) -> BinaryIO:
    """Return a file that `write` wrote; whoever has it closes it, and nothing is left of it.

    A slow client holds up nobody: no part of the database has to stay as it was for it.
    """
    file = TemporaryFile()  # noqa: SIM115  it outlives this function
    try:
        write(store, file)
    except BaseException:
        file.close()
        raise
    return file
