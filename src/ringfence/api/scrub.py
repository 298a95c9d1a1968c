"""/v1/scrub: a calling list without the numbers that are not called."""

import json
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Call
from ringfence.api.endpoints import AGENTS, PREFIX, for_roles
from ringfence.api.fields import Text
from ringfence.api.files import send_file, take_file, taking_file, with_file
from ringfence.core.scrubbing.aside import scrub_aside
from ringfence.core.scrubbing.calling_lists import ScrubOptions
from ringfence.model.scrubs import ScrubReport

router = APIRouter(prefix=f"{PREFIX}/scrub", tags=["scrub"])

REPORT = "ringfence-scrub"
"""The header with what was dropped, as JSON."""

MAX_GROUPS = 50
"""How many groups that header names: those that dropped the most."""


@router.post(
    "",
    response_class=Response,
    name="scrub",
    **with_file(taking_file(for_roles(*AGENTS))),
)
async def scrub(
    call: AnyCall,
    request: Request,
    column: Annotated[
        Text | None,
        Query(
            max_length=200,
            description="The column of the numbers, by its name or its place from 1. Without it, "
            "the one that is called phone, number, mobile or alike.",
        ),
    ] = None,
) -> Response:
    """Send a calling list back without the rows whose numbers are blocked for outbound calls.

    Every other byte of the file stays as it is. The header `Ringfence-Scrub` tells, as JSON, how
    many rows there were, how many were dropped and kept, how many of these have no number, and how
    many each group dropped: the 50 groups that dropped the most.
    """
    target, report = await take_file(call, request, lambda source: _scrubbed(call, source, column))
    headers = {REPORT: json.dumps(_facts(report), separators=(",", ":"))}
    return send_file(target, "text/csv", headers)


def _scrubbed(call: Call, source: BinaryIO, column: str | None) -> tuple[BinaryIO, ScrubReport]:
    target = TemporaryFile()  # noqa: SIM115  it outlives this function
    try:
        url, at = call.context.store.url, call.origin.at
        options = ScrubOptions(column, source.seek(0, 2))
        source.seek(0)
        return target, scrub_aside(url, call.account, source, target, options, at=at)
    except BaseException:
        target.close()
        raise


def _facts(report: ScrubReport) -> dict[str, object]:
    most = sorted(report.groups, key=lambda each: -each.rows)[:MAX_GROUPS]
    return {
        "rows": report.rows,
        "dropped": report.dropped,
        "kept": report.kept,
        "unreadable": report.unreadable,
        "groups": [{"id": each.block_group_id, "dropped": each.rows} for each in most],
    }
