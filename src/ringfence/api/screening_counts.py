"""/v1/screening-counts: how many calls there were, for charts."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Reply
from ringfence.api.endpoints import PREFIX, SUPERVISORS, for_roles
from ringfence.api.fields import Id, Moment, Shown
from ringfence.api.paging import Listed, Paging
from ringfence.api.screenings import GroupOfCallShown, show_group
from ringfence.core.screening_lists import list_call_counts
from ringfence.model.activity import CallCount, Counted, CountQuery, Step
from ringfence.model.pages import Window
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/screening-counts", tags=["activity"])


class CallCountShown(Shown):
    """How many calls began in the step `at`; `group` is null for those that passed.

    `would_block` are those that a monitoring group would have blocked, whatever became of them.
    """

    at: Moment
    group: GroupOfCallShown | None
    disposition: Counted
    calls: int


@router.get(
    "", response_model=Listed[CallCountShown], name="count_screenings", **for_roles(*SUPERVISORS)
)
async def list_(
    call: AnyCall,
    paging: Paging,
    since: Annotated[Moment | None, Query(description="From its step on.")] = None,
    until: Annotated[Moment | None, Query(description="Steps that begin before it.")] = None,
    group: Annotated[Id | None, Query(description="The id of a block group.")] = None,
    step: Annotated[Step, Query(description="Hours and days are those of UTC.")] = Step.MINUTE,
) -> Response:
    """Count calls by step, group and what became of them, the oldest first."""
    window = Window(paging.limit, paging.position(int, int, str))
    query = CountQuery(since, until, group, step)

    def show(store: Store) -> Reply:
        page = list_call_counts(store, call.account, query, window)
        items = [_shown(each) for each in page.items]
        return Reply(Listed[CallCountShown](items=items, next=paging.cursor(page.next)))

    return await call.do(show)


def _shown(count: CallCount) -> CallCountShown:
    return CallCountShown(
        at=count.at,
        group=show_group(count.group),
        disposition=count.counted,
        calls=count.calls,
    )
