"""/v1/block and /v1/agent-blocks: what agents block from a call, and what is made of it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StrictInt, model_validator
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Post, Reply
from ringfence.api.endpoints import AGENTS, PREFIX, SUPERVISORS, for_roles
from ringfence.api.entries import Number
from ringfence.api.fields import MAX_ID, Body, Id, Moment, Shown, Text
from ringfence.api.paging import Listed, Paging
from ringfence.core.agent_blocks import block_from_call, get_agent_block, list_agent_blocks
from ringfence.core.agent_supervision import extend_agent_block, undo_agent_block
from ringfence.model.accounts import MAX_AGENT_HOURS
from ringfence.model.agent_blocks import AgentBlock, BlockDraft, BlockQuery, BlockState, KeyName
from ringfence.model.blocked_numbers import MAX_REASON, Outcome
from ringfence.model.pages import Window
from ringfence.model.screening_ids import format_screening_id, parse_screening_id
from ringfence.store import Store

router = APIRouter(prefix=PREFIX, tags=["agent blocks"])

ScreeningId = Annotated[Text, Field(pattern="^[0-7][0-9a-f]{15}$", examples=["0019b76d3c0e4a21"])]
Hours = Annotated[StrictInt, Field(ge=1, le=MAX_AGENT_HOURS)]


class GroupNameShown(Shown):
    """A group; `name` is null once it is deleted."""

    id: int
    name: str | None


class KeyNameShown(Shown):
    """A key by its label, or its first characters where it has none; null for the command line."""

    key_id: int | None
    label: str | None


class AgentBlockShown(Shown):
    """What an agent blocked. `expires_at` says until when the number is blocked, null for good.

    `state` is `replaced` where somebody else changed or removed the entry since.
    """

    id: int
    number: str
    group: GroupNameShown
    screening_id: str | None
    reason: str
    added_by: KeyNameShown
    created_at: Moment
    expires_at: Moment | None
    state: BlockState
    outcome: Outcome
    undone_at: Moment | None
    undone_by: KeyNameShown | None


class BlockFields(Body):
    """Whom to block: a number in any spelling or `withheld`, or the other party of a screening."""

    number: Number | None = None
    screening_id: ScreeningId | None = None
    reason: Annotated[Text, Field(min_length=1, max_length=MAX_REASON)]
    hours: Hours | None = Field(None, description="Without it, as many as the account allows.")

    def read(self) -> BlockDraft:
        """Return it as core knows it."""
        text = self.screening_id
        called = None if text is None else parse_screening_id(text)
        return BlockDraft(self.reason, self.number, called, self.hours)


class ExtendFields(Body):
    """Until when a block is to last: a moment, null for good, or so many hours from now."""

    expires_at: Moment | None = None
    hours: Hours | None = None

    @model_validator(mode="after")
    def _check_one(self) -> "ExtendFields":
        if ("expires_at" in self.model_fields_set) is (self.hours is not None):
            raise ValueError("give expires_at or hours: one of the two")
        return self


@router.post(
    "/block",
    status_code=201,
    response_model=AgentBlockShown,
    name="block_from_call",
    **for_roles(*AGENTS, problems=(404, 409)),
)
async def block(call: Post, fields: BlockFields) -> Response:
    """Block the other party of a call, in the group that the account names for what agents block.

    For some hours, at most as many as the account allows; a number that is blocked there for
    longer stays so.
    """
    draft = fields.read()

    def put(store: Store) -> Reply:
        made = block_from_call(store, call.account, draft, call.origin)
        location = f"{PREFIX}/agent-blocks/{made.agent_block_id}"
        return Reply(_shown(made), 201, location=location)

    return await call.do(put)


@router.get(
    "/agent-blocks",
    response_model=Listed[AgentBlockShown],
    name="list_agent_blocks",
    **for_roles(*SUPERVISORS),
)
async def list_(
    call: AnyCall,
    paging: Paging,
    state: Annotated[BlockState | None, Query()] = None,
    number: Annotated[
        Text | None, Query(max_length=50, description="A whole number, in any spelling.")
    ] = None,
    key: Annotated[
        int | None, Query(ge=1, le=MAX_ID, description="The id of the key that blocked it.")
    ] = None,
) -> Response:
    """List what agents blocked, the newest first."""
    window = Window(paging.limit, paging.position(int))
    query = BlockQuery(state, number, key)

    def show(store: Store) -> Reply:
        at = call.context.clock()
        page = list_agent_blocks(store, call.account, query, window, at=at)
        items = [_shown(each) for each in page.items]
        return Reply(Listed[AgentBlockShown](items=items, next=paging.cursor(page.next)))

    return await call.do(show)


@router.get(
    "/agent-blocks/{agent_block_id}",
    response_model=AgentBlockShown,
    name="read_agent_block",
    **for_roles(*SUPERVISORS, problems=(404,)),
)
async def read(call: AnyCall, agent_block_id: Id) -> Response:
    """Read what an agent blocked."""

    def show(store: Store) -> Reply:
        at = call.context.clock()
        return Reply(_shown(get_agent_block(store, call.account, agent_block_id, at=at)))

    return await call.do(show)


@router.post(
    "/agent-blocks/{agent_block_id}/extend",
    response_model=AgentBlockShown,
    name="extend_agent_block",
    **for_roles(*SUPERVISORS, problems=(404, 409)),
)
async def extend(call: Post, agent_block_id: Id, fields: ExtendFields) -> Response:
    """Let a block last until another moment, also beyond what agents may, or for good.

    A sooner moment is one, too; the number stays blocked for as long as another agent asked for,
    or as it was blocked before.
    """
    origin = call.origin
    until = fields.expires_at
    if fields.hours is not None:
        until = origin.at + timedelta(hours=fields.hours)

    def set_(store: Store) -> Reply:
        return Reply(_shown(extend_agent_block(store, call.account, agent_block_id, until, origin)))

    return await call.do(set_)


@router.post(
    "/agent-blocks/{agent_block_id}/undo",
    response_model=AgentBlockShown,
    name="undo_agent_block",
    **for_roles(*SUPERVISORS, problems=(404, 409)),
)
async def undo(call: AnyCall, agent_block_id: Id) -> Response:
    """Give the entry back what it was before the agent blocked it; sent again, nothing happens.

    Where another agent blocked the number too, what that one asked for holds.
    """

    def take(store: Store) -> Reply:
        return Reply(_shown(undo_agent_block(store, call.account, agent_block_id, call.origin)))

    return await call.do(take)


def _shown(found: AgentBlock) -> AgentBlockShown:
    call = found.screening_id
    undone_by = found.undone_by
    return AgentBlockShown(
        id=found.agent_block_id,
        number=found.pattern,
        group=GroupNameShown(id=found.group.block_group_id, name=found.group.name or None),
        screening_id=None if call is None else format_screening_id(call),
        reason=found.reason,
        added_by=_key(found.added_by),
        created_at=found.created_at,
        expires_at=found.expires_at,
        state=found.state,
        outcome=found.outcome,
        undone_at=found.undone_at,
        undone_by=None if undone_by is None else _key(undone_by),
    )


def _key(key: KeyName) -> KeyNameShown:
    return KeyNameShown(key_id=key.key_id, label=key.label)
