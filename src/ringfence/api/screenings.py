"""/v1/screenings: what became of calls."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Reply
from ringfence.api.endpoints import PREFIX, SUPERVISORS, for_roles
from ringfence.api.fields import MAX_ID, Id, Moment, Shown, Text
from ringfence.api.paging import Listed, Paging
from ringfence.core.screening_lists import get_screening, list_screenings
from ringfence.errors import ScreeningNotFound
from ringfence.model.activity import GroupOfCall, KeptScreening, ScreeningQuery
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Disposition, Reason
from ringfence.model.pages import Window
from ringfence.model.screening_ids import format_screening_id, moment_of, parse_screening_id
from ringfence.model.skills import MAX_NAME
from ringfence.model.spellings import MAX_SPELLING
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/screenings", tags=["activity"])

_Number = Annotated[Text, Query(min_length=1, max_length=MAX_SPELLING)]
_ANY_SPELLING = "In any spelling, or as it is told."


class GroupOfCallShown(Shown):
    """A group; the name is null once it is deleted."""

    id: int
    name: str | None


class EnforcerShown(Shown):
    """The key that asked about the call."""

    key_id: int
    label: str


class ScreeningShown(Shown):
    """What became of a call, and why. `group` and `entry` blocked it, or would have."""

    id: str
    at: Moment
    calling: str
    called: str
    direction: Direction
    skill: str | None
    disposition: Disposition
    reason: Reason
    group: GroupOfCallShown | None
    entry: str | None
    enforcer: EnforcerShown | None
    latency_us: int


async def _read_query(  # noqa: PLR0913  each is a parameter of the query
    calling: Annotated[_Number | None, Query(description=_ANY_SPELLING)] = None,
    called: Annotated[_Number | None, Query(description=_ANY_SPELLING)] = None,
    direction: Annotated[Literal["inbound", "outbound"] | None, Query()] = None,
    disposition: Annotated[Disposition | None, Query()] = None,
    reason: Annotated[Reason | None, Query()] = None,
    group: Annotated[Id | None, Query(description="The id of a block group.")] = None,
    entry: Annotated[
        _Number | None, Query(description="The entry of the group: a number, prefix or `withheld`.")
    ] = None,
    skill: Annotated[Text | None, Query(max_length=MAX_NAME, description="As it was sent.")] = None,
    enforcer: Annotated[Id | None, Query(description="The id of a key.")] = None,
    min_latency_us: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    since: Annotated[Moment | None, Query(description="From this moment on.")] = None,
    until: Annotated[Moment | None, Query(description="Before this moment.")] = None,
) -> ScreeningQuery:
    return ScreeningQuery(
        calling=calling,
        called=called,
        direction=None if direction is None else Direction(direction),
        disposition=disposition,
        reason=reason,
        block_group_id=group,
        entry=entry,
        skill=skill,
        key_id=enforcer,
        min_latency_us=min_latency_us,
        since=since,
        until=until,
    )


@router.get(
    "", response_model=Listed[ScreeningShown], name="list_screenings", **for_roles(*SUPERVISORS)
)
async def list_(
    call: AnyCall, paging: Paging, query: Annotated[ScreeningQuery, Depends(_read_query)]
) -> Response:
    """List or search what became of calls, the newest first.

    What happened in the last second may not be there yet.
    """
    window = Window(paging.limit, paging.position(int))

    def show(store: Store) -> Reply:
        page = list_screenings(store, call.account, query, window)
        items = [_shown(each) for each in page.items]
        return Reply(Listed[ScreeningShown](items=items, next=paging.cursor(page.next)))

    return await call.do(show)


@router.get(
    "/{screening_id}",
    response_model=ScreeningShown,
    name="read_screening",
    **for_roles(*SUPERVISORS, problems=(404,)),
)
async def read(call: AnyCall, screening_id: Text) -> Response:
    """Read what became of one call."""
    wanted = parse_screening_id(screening_id)
    if wanted is None:
        raise ScreeningNotFound
    return await call.do(lambda store: Reply(_shown(get_screening(store, call.account, wanted))))


def show_group(group: GroupOfCall | None) -> GroupOfCallShown | None:
    """Write the group of a call."""
    return None if group is None else GroupOfCallShown(id=group.block_group_id, name=group.name)


def _shown(kept: KeptScreening) -> ScreeningShown:
    enforcer = kept.enforcer
    return ScreeningShown(
        id=format_screening_id(kept.screening_id),
        at=moment_of(kept.screening_id),
        calling=kept.calling,
        called=kept.called,
        direction=kept.direction,
        skill=kept.skill,
        disposition=kept.disposition,
        reason=kept.reason,
        group=show_group(kept.group),
        entry=kept.entry,
        enforcer=None
        if enforcer is None
        else EnforcerShown(key_id=enforcer.key_id, label=enforcer.label),
        latency_us=kept.latency_us,
    )
