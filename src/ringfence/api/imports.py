"""/v1/imports: files of many rows, looked at before they are applied, and taken back."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from ringfence.api.calls import AnyCall, Call, Reply, response_of
from ringfence.api.endpoints import ADMIN, PREFIX, SUPERVISORS, for_roles
from ringfence.api.fields import Moment, Shown
from ringfence.api.files import LISTS, take_file, taking_file, with_file
from ringfence.api.paging import Listed, Paging
from ringfence.core.credentials import check_role
from ringfence.core.imports.previews import preview_import, reading_terms
from ringfence.core.imports.reports import failed_rows, get_import, list_imports
from ringfence.core.imports.steps import apply_import, undo_import
from ringfence.model.accounts import Account
from ringfence.model.changes import Origin
from ringfence.model.imports import Counts, Import, ImportState, Kind, RowOutcome, Target
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/imports", tags=["imports"])

ImportId = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
Into = Annotated[
    str,
    Query(
        pattern=LISTS,
        description="Where the rows go: `block-groups/7`, or `block-groups` where the column "
        "`group` of each row names its group, or `phone-numbers`.",
        examples=["block-groups/1"],
    ),
]


class FirstRow(Shown):
    """An example: a row by its line in the file, and what is to be said of it, if anything."""

    line: int
    number: str
    detail: str


class PreviewShown(Shown):
    """What the rows would do when the file was read, and the first of each."""

    counts: dict[RowOutcome, int]
    first: dict[RowOutcome, FirstRow]


class ProgressShown(Shown):
    """How many rows are applied, or taken back, of those that are to be."""

    done: int
    total: int


class ImportShown(Shown):
    """An import. `applied` counts what its rows did so far; null before it is applied.

    `failed` says how many rows stand in the file of failed rows.
    """

    id: str
    into: str
    state: ImportState
    created_at: Moment
    rows: int = Field(description="In the file, its header aside.")
    preview: PreviewShown
    applied: dict[RowOutcome, int] | None
    progress: ProgressShown
    failed: int


@router.post(
    "",
    status_code=201,
    response_model=ImportShown,
    name="create_import",
    **taking_file(for_roles(*SUPERVISORS, problems=(404,))),
)
async def create(call: AnyCall, request: Request, into: Into) -> Response:
    """Read a CSV file, which is the body, and tell what its rows would do; nothing is applied yet.

    UTF-8 or UTF-16; commas, semicolons or tabs; with or without a header. For block groups the
    columns are number, expires_at, reason; for phone numbers, which only an admin may import,
    name, number, priority, state, skills.
    """
    target = _read_target(into)
    _check(call, target)
    await call.context.handover.run(
        lambda: reading_terms(call.context.store, call.account, target, call.origin.at)
    )
    read = partial(preview_import, call.context.store, call.account, target)
    made = await take_file(call, request, lambda file: read(file, call.origin, call.context.clock))
    location = f"{PREFIX}/imports/{made.import_id}"
    return response_of(Reply(_show(made), 201, location=location).answer())


@router.get("", response_model=Listed[ImportShown], name="list_imports", **for_roles(*SUPERVISORS))
async def list_(call: AnyCall, paging: Paging) -> Response:
    """List the imports, the newest first."""
    after = paging.position(str)

    def show(store: Store) -> Reply:
        before = None if after is None else str(after[0])
        found = list_imports(store, call.account, before, paging.limit + 1)
        items = [_show(each) for each in found[: paging.limit]]
        last = (items[-1].id,) if len(found) > paging.limit else None
        return Reply(Listed[ImportShown](items=items, next=paging.cursor(last)))

    return await call.do(show)


@router.get(
    "/{import_id}",
    response_model=ImportShown,
    name="read_import",
    **for_roles(*SUPERVISORS, problems=(404,)),
)
async def read(call: AnyCall, import_id: ImportId) -> Response:
    """Read an import: its preview, and how far it is."""
    return await call.do(lambda store: Reply(_show(get_import(store, call.account, import_id))))


@router.get(
    "/{import_id}/failed",
    response_class=Response,
    name="read_failed_rows",
    **with_file(for_roles(*SUPERVISORS, problems=(404,))),
)
async def read_failed(call: AnyCall, import_id: ImportId) -> Response:
    """Read the rows that failed, as CSV, with their line and what is wrong with each.

    Corrected, the file can be imported as it is.
    """
    parts = failed_rows(call.context.store, call.account, import_id)
    head = await _next(call, parts)
    return StreamingResponse(_sent(call, head, parts), media_type="text/csv; charset=utf-8")


@router.post(
    "/{import_id}/apply",
    status_code=202,
    response_model=ImportShown,
    name="apply_import",
    **for_roles(*SUPERVISORS, problems=(404, 409)),
)
async def apply(call: AnyCall, import_id: ImportId) -> Response:
    """Put the rows into the store, four hundred at a time; `GET` tells how far it is.

    Once begun it goes on, also after a crash. Sent again, it begins nothing anew.
    """
    return await _set_out(call, import_id, apply_import)


@router.post(
    "/{import_id}/undo",
    status_code=202,
    response_model=ImportShown,
    name="undo_import",
    **for_roles(*SUPERVISORS, problems=(404,)),
)
async def undo(call: AnyCall, import_id: ImportId) -> Response:
    """Give the store back what it held before the import, from whichever state that is in.

    What was changed since, by whomever, stays as it is.
    """
    return await _set_out(call, import_id, undo_import)


async def _set_out(
    call: Call, import_id: str, verb: Callable[[Store, Account, str, Origin], Import]
) -> Response:
    def set_out(store: Store) -> Reply:
        _check(call, get_import(store, call.account, import_id).target)
        return Reply(_show(verb(store, call.account, import_id, call.origin)), 202)

    answer = await call.do(set_out)
    call.context.importer.go_on(call.account, import_id)
    return answer


def _check(call: Call, target: Target) -> None:
    """Refuse what a key may not do one by one: phone numbers are made by admins."""
    if target.kind is Kind.PHONE_NUMBERS:
        check_role(call.caller, frozenset(ADMIN))


async def _next(call: Call, parts: Iterator[str]) -> str | None:
    return await call.context.handover.run(partial(next, parts, None))


async def _sent(call: Call, head: str | None, parts: Iterator[str]) -> AsyncIterator[bytes]:
    part = head
    while part is not None:
        yield part.encode()
        part = await _next(call, parts)


def _read_target(into: str) -> Target:
    if into == "phone-numbers":
        return Target(Kind.PHONE_NUMBERS)
    group = into.partition("/")[2]
    return Target(Kind.BLOCKED_NUMBERS, int(group) if group else None)


def _show(found: Import) -> ImportShown:
    rows = found.preview.first
    first = {
        outcome: FirstRow(**asdict(rows[outcome])) for outcome in RowOutcome if outcome in rows
    }
    done, total = found.progress
    return ImportShown(
        id=found.import_id,
        into=found.target.path,
        state=found.state,
        created_at=found.created_at,
        rows=found.rows,
        preview=PreviewShown(counts=_counts(found.preview.counts), first=first),
        applied=_counts(found.applied.counts) if found.was_applied else None,
        progress=ProgressShown(done=done, total=total),
        failed=found.failed,
    )


def _counts(counts: Counts) -> dict[RowOutcome, int]:
    return {outcome: counts.get(outcome, 0) for outcome in RowOutcome}
