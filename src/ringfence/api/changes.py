"""/v1/changes: the audit trail."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Reply
from ringfence.api.change_entries import AnyEntries, read_moment, show_entries
from ringfence.api.endpoints import PREFIX, SUPERVISORS, for_roles
from ringfence.api.fields import Moment, Shown
from ringfence.api.paging import Listed, Paging
from ringfence.core.changes import get_change, list_changes
from ringfence.model.changes import Action, ChangeRecord
from ringfence.model.moments import write_moment
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/changes", tags=["changes"])

_MAX_ID = 2**53 - 1
Facts = dict[str, Any] | None


class ChangeShown(Shown):
    """A change: who, through which door, when, what, before and after.

    `key_id` is null for the command line. `subject` is the id of what changed.
    """

    id: int
    at: Moment
    door: str
    key_id: int | None
    action: Action
    subject: str
    before: Facts = Field(description="What there was; null if nothing.")
    after: Facts = Field(description="What there is; null if nothing.")


class ChangeInFull(ChangeShown):
    """A change, with what became of each number where it is about many."""

    entries: AnyEntries | None


@router.get("", response_model=Listed[ChangeShown], name="list_changes", **for_roles(*SUPERVISORS))
async def list_(
    call: AnyCall,
    paging: Paging,
    order: Annotated[
        Literal["oldest", "newest"], Query(description="Which change comes first.")
    ] = "oldest",
) -> Response:
    """List the changes of the account, in the order in which they were made, or the reverse."""
    after = paging.position_in(order, int)

    def show(store: Store) -> Reply:
        start = None if after is None else int(after)
        newest_first = order == "newest"
        found = list_changes(
            store, call.account, start, paging.limit + 1, newest_first=newest_first
        )
        items = [ChangeShown(**_facts(each)) for each in found[: paging.limit]]
        last = (order, items[-1].id) if len(found) > paging.limit else None
        return Reply(Listed[ChangeShown](items=items, next=paging.cursor(last)))

    return await call.do(show)


@router.get(
    "/{change_id}",
    response_model=ChangeInFull,
    name="read_change",
    **for_roles(*SUPERVISORS, problems=(404,)),
)
async def read(call: AnyCall, change_id: Annotated[int, Path(ge=1, le=_MAX_ID)]) -> Response:
    """Read one change in full."""

    def show(store: Store) -> Reply:
        found = get_change(store, call.account, change_id)
        return Reply(ChangeInFull(entries=show_entries(found.change), **_facts(found)))

    return await call.do(show)


def _facts(record: ChangeRecord) -> dict[str, Any]:
    origin, change = record.origin, record.change
    return {
        "id": record.change_id,
        "at": origin.at,
        "door": origin.door,
        "key_id": origin.key_id,
        "action": change.action,
        "subject": change.subject,
        "before": _plain(change.before),
        "after": _plain(change.after),
    }


def _plain(facts: Any) -> dict[str, Any] | None:  # noqa: ANN401  what was recorded
    if facts is None:
        return None
    plain = dict(facts)
    if "expires_at" in plain:
        moment = read_moment(plain["expires_at"])
        plain["expires_at"] = None if moment is None else write_moment(moment)
    return plain
