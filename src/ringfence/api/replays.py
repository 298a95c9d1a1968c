"""/v1/block-groups/{id}/replay: which calls that passed a group would have blocked."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Reply
from ringfence.api.endpoints import PREFIX, SUPERVISORS, for_roles
from ringfence.api.fields import Body, Id, Moment, Shown, Text
from ringfence.core.replay import replay
from ringfence.model.patterns import Kind, kind_of
from ringfence.model.replays import ReplayReport, read_since
from ringfence.model.screening_ids import format_screening_id, moment_of

router = APIRouter(prefix=f"{PREFIX}/block-groups/{{block_group_id}}", tags=["block groups"])


class ReplayFields(Body):
    """From when on calls are looked at: a moment, or a duration such as `7d`, `24h` or `30m`."""

    since: Annotated[Text, Field(min_length=1, max_length=50, examples=["7d"])]


class ReplayedGroup(Shown):
    """The group, whatever its mode is."""

    id: int
    name: str


class ReplayEntryShown(Shown):
    """An entry of the group, and how many calls it would have blocked."""

    number: str
    kind: Kind
    calls: int


class ReplayCallShown(Shown):
    """A call that would have been blocked, by which entry; `number` as it is kept."""

    screening_id: str
    at: Moment
    number: str
    entry: str


class ReplayShown(Shown):
    """What the group would have done. `entries` are the 20 busiest, `newest` the last 100 calls.

    `kept_since` is where calls that are kept begin, null where all since `since` are. Of
    `hashed_calls` only a hash of the number is kept; where there are any, `exact_only` says that
    prefixes were not looked for in them.
    """

    group: ReplayedGroup
    since: Moment
    until: Moment
    kept_since: Moment | None
    calls: int = Field(description="That passed, whatever came of them here.")
    hashed_calls: int
    exact_only: bool
    would_block: int
    numbers: int = Field(description="How many different ones would have been blocked.")
    entries: list[ReplayEntryShown]
    newest: list[ReplayCallShown]


@router.post(
    "/replay",
    response_model=ReplayShown,
    name="replay_block_group",
    **for_roles(*SUPERVISORS, problems=(404,)),
)
async def replay_group(call: AnyCall, block_group_id: Id, fields: ReplayFields) -> Response:
    """Tell which calls that passed the group would have blocked, by the entries it holds now.

    As if it enforced, by its direction and its scope. What is allowed, protected, the account's own
    or an emergency number, then or now, would have rung all the same. Nothing is changed.
    """
    at = call.context.clock()
    since = read_since(fields.since, call.account.timezone, at)
    return await call.do(
        lambda store: _reply(replay(store, call.account, block_group_id, since, at))
    )


def _reply(report: ReplayReport) -> Reply:
    return Reply(
        ReplayShown(
            group=ReplayedGroup(id=report.group.block_group_id, name=report.group.name),
            since=report.since,
            until=report.until,
            kept_since=report.kept_since,
            calls=report.calls,
            hashed_calls=report.hashed_calls,
            exact_only=report.exact_only,
            would_block=report.would_block,
            numbers=report.numbers,
            entries=[
                ReplayEntryShown(number=each.pattern, kind=kind_of(each.pattern), calls=each.calls)
                for each in report.entries
            ],
            newest=[
                ReplayCallShown(
                    screening_id=format_screening_id(each.screening_id),
                    at=moment_of(each.screening_id),
                    number=each.number,
                    entry=each.pattern,
                )
                for each in report.newest
            ],
        )
    )
