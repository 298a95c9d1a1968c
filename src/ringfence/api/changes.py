"""/v1/changes: the audit trail."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Reply
from ringfence.api.endpoints import PREFIX, SUPERVISORS, for_roles
from ringfence.api.fields import Moment, Shown, write_moment
from ringfence.api.paging import Listed, Paging
from ringfence.core.changes import get_change, list_changes
from ringfence.model.changes import Action, Change, ChangeRecord
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/changes", tags=["changes"])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_ID = 2**53 - 1
Facts = dict[str, Any] | None
Held = Mapping[str, tuple[int | None, int]]


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


class HeldShown(Shown):
    """What a group holds of a number, or held; `expires_at` null is for good."""

    expires_at: Moment | None
    batch_id: int


class EntriesShown(Shown):
    """What became of the numbers of a group; what it holds of each after is the change's `after`.

    `changed` and `removed` have what it held before. Where an import is applied or taken back, the
    numbers may differ in what it holds after: then `held` has that, and is null elsewhere.
    """

    added: list[str]
    changed: dict[str, HeldShown]
    removed: dict[str, HeldShown]
    held: dict[str, HeldShown] | None


class ChangeInFull(ChangeShown):
    """A change, with what became of each number where it is about many."""

    entries: EntriesShown | None


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
        return Reply(ChangeInFull(entries=_entries(found.change), **_facts(found)))

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
        moment = _read(plain["expires_at"])
        plain["expires_at"] = None if moment is None else write_moment(moment)
    return plain


def _entries(change: Change) -> EntriesShown | None:
    recorded = change.entries
    if recorded is None:
        return None
    removed, changed = recorded.get("removed", {}), recorded["changed"]
    held = _held_after(change)
    added = recorded.get("added", sorted({*(held or {})} - {*changed}))
    return EntriesShown(
        added=added,
        changed=_held(changed),
        removed=_held(removed),
        held=None if held is None else _held(held),
    )


def _held_after(change: Change) -> Held | None:
    """Return what a group holds after a change, where that may differ from number to number."""
    entries, after = change.entries or {}, change.after or {}
    if change.action is Action.NUMBERS_IMPORTED:
        first = after["first_batch_id"]
        return {pattern: (expiry, first + place) for pattern, expiry, place in entries["rows"]}
    if change.action is Action.NUMBERS_TAKEN_BACK:
        restored: Held = entries["restored"]
        return restored
    return None


def _held(entries: Held) -> dict[str, HeldShown]:
    return {
        number: HeldShown(expires_at=_read(expires_ms), batch_id=batch_id)
        for number, (expires_ms, batch_id) in entries.items()
    }


def _read(stored: int | None) -> datetime | None:
    return None if stored is None else _EPOCH + timedelta(milliseconds=stored)
