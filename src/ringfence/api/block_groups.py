"""/v1/block-groups: named sets of numbers that may not call; their numbers are beside this."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Edit, Post, Reply, View
from ringfence.api.endpoints import AGENTS, PREFIX, SUPERVISORS, for_roles
from ringfence.api.fields import (
    AnswerFields,
    Body,
    Id,
    Moment,
    Shown,
    ShownAnswer,
    Text,
    show_answer,
)
from ringfence.api.paging import Listed, Paging
from ringfence.core.block_groups import get_block_group
from ringfence.core.group_settings import (
    delete_block_group,
    edit_block_group,
    list_block_groups,
    make_block_group,
)
from ringfence.model.block_groups import MAX_TEXT, MIN_TEXT, BlockGroup, Direction, Mode, Scope
from ringfence.model.group_settings import MAX_DESCRIPTION, MAX_SCOPE, GroupChange, GroupSettings
from ringfence.model.keep import KEEP
from ringfence.model.revisions import revision_of
from ringfence.model.skills import MAX_NAME as MAX_SKILL
from ringfence.model.spellings import MAX_SPELLING
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/block-groups", tags=["block groups"])

Name = Annotated[Text, Field(min_length=MIN_TEXT, max_length=MAX_TEXT, examples=["Nuisance"])]
Description = Annotated[Text, Field(max_length=MAX_DESCRIPTION)]
_Skills = Annotated[list[Annotated[Text, Field(max_length=MAX_SKILL)]], Field(max_length=MAX_SCOPE)]
_Called = Annotated[
    list[Annotated[Text, Field(max_length=MAX_SPELLING)]], Field(max_length=MAX_SCOPE)
]


class ScopeShown(Shown):
    """Which calls a group is for; two empty lists are all of them."""

    skills: list[str]
    called: list[str]


class BlockGroupShown(Shown):
    """A block number group. `answer` is null where the account's own is given."""

    id: int
    name: str
    description: str
    mode: Mode
    direction: Direction
    scope: ScopeShown
    answer: ShownAnswer | None
    created_at: Moment
    updated_at: Moment


class ScopeFields(Body):
    """Which calls a group is for: of these skills, or to these numbers, in any spelling."""

    skills: _Skills = Field(default_factory=list)
    called: _Called = Field(default_factory=list)


class BlockGroupFields(Body):
    """A group to be made, without numbers."""

    name: Name
    description: Description = ""
    mode: Mode = Mode.ENFORCE
    direction: Direction = Direction.BOTH
    scope: ScopeFields = Field(default_factory=ScopeFields)
    answer: AnswerFields | None = None


class ScopePatch(Body):
    """What the scope is to be; what is left out or null stays."""

    skills: _Skills | None = None
    called: _Called | None = None


class BlockGroupPatch(Body):
    """What a group is to be; what is left out stays. `answer` null is the account's own."""

    name: Name | None = None
    description: Description | None = None
    mode: Mode | None = None
    direction: Direction | None = None
    scope: ScopePatch = Field(default_factory=ScopePatch)
    answer: AnswerFields | None = None

    def read(self) -> GroupChange:
        """Return it as core knows it."""
        given = "answer" in self.model_fields_set
        answer = None if self.answer is None else self.answer.read()
        return GroupChange(
            *(self.name, self.description, self.mode, self.direction),
            None if self.scope.skills is None else tuple(self.scope.skills),
            None if self.scope.called is None else tuple(self.scope.called),
            answer if given else KEEP,
        )


@router.post(
    "",
    status_code=201,
    response_model=BlockGroupShown,
    name="create_block_group",
    **for_roles(*SUPERVISORS, problems=(409,)),
)
async def create(call: Post, fields: BlockGroupFields) -> Response:
    """Make a group; its name is unique, letter case aside."""
    settings = GroupSettings(
        *(fields.name, fields.description, fields.mode, fields.direction),
        Scope(tuple(fields.scope.skills), tuple(fields.scope.called)),
        None if fields.answer is None else fields.answer.read(),
    )

    def make(store: Store) -> Reply:
        made = make_block_group(store, call.account, settings, call.origin)
        location = f"{PREFIX}/block-groups/{made.block_group_id}"
        return Reply(_shown(made), 201, revision_of(made), location)

    return await call.do(make)


@router.get(
    "", response_model=Listed[BlockGroupShown], name="list_block_groups", **for_roles(*AGENTS)
)
async def list_(call: AnyCall, paging: Paging) -> Response:
    """List the groups by id."""
    after = paging.position(int)

    def show(store: Store) -> Reply:
        start = None if after is None else int(after[0])
        found = list_block_groups(store, call.account, start, paging.limit + 1)
        items = [_shown(each) for each in found[: paging.limit]]
        last = (items[-1].id,) if len(found) > paging.limit else None
        return Reply(Listed[BlockGroupShown](items=items, next=paging.cursor(last)))

    return await call.do(show)


@router.get(
    "/{block_group_id}",
    response_model=BlockGroupShown,
    name="read_block_group",
    **for_roles(*AGENTS, problems=(304, 404)),
)
async def read(call: View, block_group_id: Id) -> Response:
    """Read a group."""
    return await call.do(lambda store: _reply(get_block_group(store, call.account, block_group_id)))


@router.patch(
    "/{block_group_id}",
    response_model=BlockGroupShown,
    name="edit_block_group",
    **for_roles(*SUPERVISORS, problems=(404, 409, 412)),
)
async def edit(call: Edit, block_group_id: Id, patch: BlockGroupPatch) -> Response:
    """Change what the body names."""
    change = patch.read()

    def set_(store: Store) -> Reply:
        return _reply(
            edit_block_group(
                store, call.account, block_group_id, change, call.origin, call.expected
            )
        )

    return await call.do(set_)


@router.delete(
    "/{block_group_id}",
    status_code=204,
    name="delete_block_group",
    **for_roles(*SUPERVISORS, problems=(404, 412)),
)
async def delete(call: Edit, block_group_id: Id) -> Response:
    """Delete a group with all its numbers; its id never comes back."""

    def remove(store: Store) -> Reply:
        delete_block_group(store, call.account, block_group_id, call.origin, call.expected)
        return Reply()

    return await call.do(remove)


def _reply(group: BlockGroup) -> Reply:
    return Reply(_shown(group), revision=revision_of(group))


def _shown(group: BlockGroup) -> BlockGroupShown:
    return BlockGroupShown(
        id=group.block_group_id,
        name=group.name,
        description=group.description,
        mode=group.mode,
        direction=group.direction,
        scope=ScopeShown(skills=list(group.scope.skills), called=list(group.scope.called)),
        answer=None if group.answer is None else show_answer(group.answer),
        created_at=group.created_at,
        updated_at=group.updated_at,
    )
