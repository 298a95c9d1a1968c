"""/v1/skills: the skills of the account, by which calls reach phone numbers."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Post, Reply
from ringfence.api.endpoints import ADMIN, EVERYONE, PREFIX, for_roles
from ringfence.api.fields import Body, Shown, Text
from ringfence.api.paging import Listed, Paging
from ringfence.core.skills import add_skill, list_skills, remove_skill
from ringfence.model.skills import MAX_NAME, Skill
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/skills", tags=["skills"])


class SkillShown(Shown):
    """A skill, with how many phone numbers have it."""

    id: int
    name: str
    phone_numbers: int


class SkillFields(Body):
    """A skill to be made."""

    name: Annotated[Text, Field(min_length=1, max_length=MAX_NAME, examples=["Sales"])]


@router.post(
    "",
    status_code=201,
    response_model=SkillShown,
    name="create_skill",
    **for_roles(*ADMIN, problems=(409,)),
)
async def create(call: Post, fields: SkillFields) -> Response:
    """Make a skill; its name is unique, letter case aside."""

    def make(store: Store) -> Reply:
        made = add_skill(store, call.account, fields.name, call.origin)
        return Reply(_shown(made), 201)

    return await call.do(make)


@router.get("", response_model=Listed[SkillShown], name="list_skills", **for_roles(*EVERYONE))
async def list_(call: AnyCall, paging: Paging) -> Response:
    """List the skills by name."""
    after = paging.position(str)

    def show(store: Store) -> Reply:
        start = "" if after is None else str(after[0])
        found = list_skills(store, call.account, start, paging.limit + 1)
        items = [_shown(each) for each in found[: paging.limit]]
        last = (items[-1].name,) if len(found) > paging.limit else None
        return Reply(Listed[SkillShown](items=items, next=paging.cursor(last)))

    return await call.do(show)


@router.delete(
    "/{name:path}", status_code=204, name="delete_skill", **for_roles(*ADMIN, problems=(404, 409))
)
async def delete(call: AnyCall, name: Text) -> Response:
    """Delete a skill, also from every phone number that has it.

    One that a block group is for stays (`skill_in_use`): without it, the group would be for more
    calls than anybody said.
    """

    def remove(store: Store) -> Reply:
        remove_skill(store, call.account, name, call.origin)
        return Reply()

    return await call.do(remove)


def _shown(skill: Skill) -> SkillShown:
    return SkillShown(id=skill.skill_id, name=skill.name, phone_numbers=skill.phone_numbers)
