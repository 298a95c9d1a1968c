"""/v1/phone-numbers: the phones that answer calls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field, StrictInt
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Edit, Post, Reply, View
from ringfence.api.endpoints import ADMIN, AGENTS, PREFIX, for_roles
from ringfence.api.entries import Number
from ringfence.api.fields import Body, Id, Moment, Shown, Text
from ringfence.api.paging import Listed, PageWanted, Paging
from ringfence.core.phone_inventory import (
    add_phone_number,
    change_phone_number,
    order_of,
    read_phone_number,
    remove_phone_number,
    search_phone_numbers,
)
from ringfence.model.pages import Page
from ringfence.model.phone_numbers import (
    MAX_NAME,
    MAX_PRIORITY,
    MAX_SEARCH,
    MAX_SKILLS,
    MIN_LAST_DIGITS,
    MIN_NAME,
    MIN_PRIORITY,
    PhoneNumber,
    PhoneNumberEdit,
    PhoneNumberPlan,
    PhoneNumberQuery,
    State,
)
from ringfence.model.revisions import revision_of
from ringfence.model.skills import MAX_NAME as MAX_SKILL
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/phone-numbers", tags=["phone numbers"])

Name = Annotated[Text, Field(min_length=MIN_NAME, max_length=MAX_NAME, examples=["Sales.Desk"])]
Priority = Annotated[StrictInt, Field(ge=MIN_PRIORITY, le=MAX_PRIORITY)]
Skills = Annotated[list[Annotated[Text, Field(max_length=MAX_SKILL)]], Field(max_length=MAX_SKILLS)]


class PhoneNumberShown(Shown):
    """A phone number. In a hunt, a lower `priority` rings first; one that is `off` does not."""

    id: int
    name: str
    number: str
    canonical: str
    priority: int
    state: State
    skills: list[str]
    created_at: Moment
    updated_at: Moment


class PhoneNumberFields(Body):
    """A phone number to be made. Its number may be in any spelling; its skills must be there."""

    name: Name
    number: Number
    priority: Priority = MIN_PRIORITY
    state: State = State.ACTIVE
    skills: Skills = Field(default_factory=list)


class PhoneNumberPatch(Body):
    """What a phone number is to be; what is left out or null stays."""

    name: Name | None = None
    number: Number | None = None
    priority: Priority | None = None
    state: State | None = None
    skills: Skills | None = None


async def _read_query(
    number: Annotated[
        Text | None,
        Query(max_length=MAX_SEARCH, description="Leading digits, in any spelling."),
    ] = None,
    last: Annotated[
        Text | None,
        Query(max_length=MAX_SEARCH, description=f"The last {MIN_LAST_DIGITS} or more digits."),
    ] = None,
    name: Annotated[
        Text | None,
        Query(max_length=MAX_SEARCH, description="How the name begins, letter case aside."),
    ] = None,
    skill: Annotated[
        Text | None, Query(max_length=MAX_SKILL, description="The name of a skill.")
    ] = None,
    state: Annotated[State | None, Query(description="Whether it rings.")] = None,
) -> PhoneNumberQuery:
    return PhoneNumberQuery(number, last, name, skill, state)


@router.post(
    "",
    status_code=201,
    response_model=PhoneNumberShown,
    name="create_phone_number",
    **for_roles(*ADMIN, problems=(409,)),
)
async def create(call: Post, fields: PhoneNumberFields) -> Response:
    """Make a phone number. Name and number are unique, the number in whatever spelling."""
    plan = PhoneNumberPlan(
        *(fields.name, fields.number, fields.priority, fields.state), tuple(fields.skills)
    )

    def make(store: Store) -> Reply:
        made = add_phone_number(store, call.account, plan, call.origin)
        location = f"{PREFIX}/phone-numbers/{made.phone_number_id}"
        return Reply(show_phone_number(made), 201, revision_of(made), location)

    return await call.do(make)


@router.get(
    "", response_model=Listed[PhoneNumberShown], name="list_phone_numbers", **for_roles(*AGENTS)
)
async def list_(
    call: AnyCall, paging: Paging, query: Annotated[PhoneNumberQuery, Depends(_read_query)]
) -> Response:
    """List phone numbers, or search by one of `number`, `last` and `name`, by skill, by state."""
    order = order_of(query)
    after = paging.position_in(order, int if order == "id" else str)

    def show(store: Store) -> Reply:
        found = search_phone_numbers(store, call.account, query, after, paging.limit)
        return show_page(found, order, paging)

    return await call.do(show)


@router.get(
    "/{phone_number_id}",
    response_model=PhoneNumberShown,
    name="read_phone_number",
    **for_roles(*AGENTS, problems=(304, 404)),
)
async def read(call: View, phone_number_id: Id) -> Response:
    """Read a phone number."""
    return await call.do(
        lambda store: _reply(read_phone_number(store, call.account, phone_number_id))
    )


@router.patch(
    "/{phone_number_id}",
    response_model=PhoneNumberShown,
    name="edit_phone_number",
    **for_roles(*ADMIN, problems=(404, 409, 412)),
)
async def edit(call: Edit, phone_number_id: Id, patch: PhoneNumberPatch) -> Response:
    """Change what the body names; `skills` replaces all skills."""
    skills = None if patch.skills is None else tuple(patch.skills)
    edited = PhoneNumberEdit(patch.name, patch.number, patch.priority, patch.state, skills)

    def change(store: Store) -> Reply:
        return _reply(
            change_phone_number(
                store, call.account, phone_number_id, edited, call.origin, call.expected
            )
        )

    return await call.do(change)


@router.delete(
    "/{phone_number_id}",
    status_code=204,
    name="delete_phone_number",
    **for_roles(*ADMIN, problems=(404, 412)),
)
async def delete(call: Edit, phone_number_id: Id) -> Response:
    """Delete a phone number."""

    def remove(store: Store) -> Reply:
        remove_phone_number(store, call.account, phone_number_id, call.origin, call.expected)
        return Reply()

    return await call.do(remove)


def _reply(phone: PhoneNumber) -> Reply:
    return Reply(show_phone_number(phone), revision=revision_of(phone))


def show_page(page: Page[PhoneNumber], order: str, paging: PageWanted) -> Reply:
    """Write a page of phone numbers; the cursor says in which order it was read."""
    items = [show_phone_number(each) for each in page.items]
    position = None if page.next is None else (order, *page.next)
    return Reply(Listed[PhoneNumberShown](items=items, next=paging.cursor(position)))


def show_phone_number(phone: PhoneNumber) -> PhoneNumberShown:
    """Write a phone number."""
    return PhoneNumberShown(
        id=phone.phone_number_id,
        name=phone.name,
        number=phone.number,
        canonical=phone.canonical,
        priority=phone.priority,
        state=phone.state,
        skills=list(phone.skills),
        created_at=phone.created_at,
        updated_at=phone.updated_at,
    )
