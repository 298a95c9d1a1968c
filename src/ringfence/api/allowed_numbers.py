"""/v1/allowed-numbers: numbers that always ring, whatever blocks them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StrictBool
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Edit, Post, Reply, View
from ringfence.api.endpoints import ADMIN, AGENTS, PREFIX, SUPERVISORS, for_roles
from ringfence.api.entries import AddedBy, Number, Reason
from ringfence.api.fields import Body, Id, Moment, Shown, Text
from ringfence.api.paging import Listed, Paging
from ringfence.core.allowed_numbers import (
    create_allowed_number,
    delete_allowed_number,
    get_allowed_number,
    list_allowed_numbers,
)
from ringfence.core.credentials import check_role
from ringfence.model.allowed_numbers import AllowedDraft, AllowedNumber, AllowedQuery
from ringfence.model.pages import Window
from ringfence.model.patterns import Kind
from ringfence.model.revisions import revision_of
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/allowed-numbers", tags=["numbers"])


class AllowedShown(Shown):
    """An allowed number; a protected one cannot even be blocked."""

    id: int
    number: str
    kind: Kind
    protected: bool
    expires_at: Moment | None
    reason: str
    created_at: Moment
    added_by: AddedBy


class AllowedFields(Body):
    """A number to allow, in any spelling, a prefix as `+91140*`, or `withheld`.

    For good, or until `expires_at`. Only a single number can be protected, and by an admin only.
    """

    number: Number
    expires_at: Moment | None = None
    protected: StrictBool = False
    reason: Reason = ""


@router.post(
    "",
    status_code=201,
    response_model=AllowedShown,
    name="allow_number",
    **for_roles(*SUPERVISORS, problems=(409,)),
)
async def create(call: Post, fields: AllowedFields) -> Response:
    """Allow a number. To protect one, the key has to be an admin's."""
    if fields.protected:
        check_role(call.caller, ADMIN)
    draft = AllowedDraft(fields.number, fields.expires_at, fields.protected, fields.reason)

    def make(store: Store) -> Reply:
        made = create_allowed_number(store, call.account, draft, call.origin)
        location = f"{PREFIX}/allowed-numbers/{made.allowed_number_id}"
        return Reply(_shown(made), 201, revision_of(made), location)

    return await call.do(make)


@router.get(
    "", response_model=Listed[AllowedShown], name="list_allowed_numbers", **for_roles(*AGENTS)
)
async def list_(
    call: AnyCall,
    paging: Paging,
    number: Annotated[
        Text | None, Query(max_length=50, description="Leading digits, in any spelling.")
    ] = None,
    protected: Annotated[bool | None, Query()] = None,
) -> Response:
    """List or search the allowed numbers, expired ones too, in the order of their digits."""
    window = Window(paging.limit, paging.position(str))
    query = AllowedQuery(number, protected)

    def show(store: Store) -> Reply:
        page = list_allowed_numbers(store, call.account, query, window)
        items = [_shown(each) for each in page.items]
        return Reply(Listed[AllowedShown](items=items, next=paging.cursor(page.next)))

    return await call.do(show)


@router.get(
    "/{allowed_number_id}",
    response_model=AllowedShown,
    name="read_allowed_number",
    **for_roles(*AGENTS, problems=(304, 404)),
)
async def read(call: View, allowed_number_id: Id) -> Response:
    """Read an allowed number."""

    def show(store: Store) -> Reply:
        found = get_allowed_number(store, call.account, allowed_number_id)
        return Reply(_shown(found), revision=revision_of(found))

    return await call.do(show)


@router.delete(
    "/{allowed_number_id}",
    status_code=204,
    name="delete_allowed_number",
    **for_roles(*SUPERVISORS, problems=(404, 412)),
)
async def delete(call: Edit, allowed_number_id: Id) -> Response:
    """Allow a number no longer. One that is protected, only an admin's key may delete."""

    def remove(store: Store) -> Reply:
        if get_allowed_number(store, call.account, allowed_number_id).protected:
            check_role(call.caller, ADMIN)
        delete_allowed_number(store, call.account, allowed_number_id, call.origin, call.expected)
        return Reply()

    return await call.do(remove)


def _shown(allowed: AllowedNumber) -> AllowedShown:
    return AllowedShown(
        id=allowed.allowed_number_id,
        number=allowed.pattern,
        kind=allowed.kind,
        protected=allowed.protected,
        expires_at=allowed.expires_at,
        reason=allowed.reason,
        created_at=allowed.created_at,
        added_by=AddedBy(door=allowed.door, key_id=allowed.key_id),
    )
