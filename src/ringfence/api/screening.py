"""/v1/screen: may this call ring, why, and where.

On a store that is a file, what is asked plainly is answered before it gets here, by
`quick_screening.py`; the answers are the same.
"""

from time import perf_counter
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall
from ringfence.api.calls import Call as ApiCall
from ringfence.api.endpoints import EVERYONE, PREFIX, for_roles
from ringfence.api.fields import Body, Moment, Shown, ShownAnswer, Text
from ringfence.api.screening_answers import (
    SCREENING_HEADER,
    write_explanation,
    write_results,
    write_verdict,
)
from ringfence.core.screening import screen, screen_many, screened
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.http.answers import Answer
from ringfence.model.block_groups import Direction
from ringfence.model.calls import MAX_CALLS, Call, Disposition, Lost, Reason, Screening
from ringfence.model.patterns import Kind
from ringfence.model.screening_ids import format_screening_id
from ringfence.model.skills import MAX_NAME
from ringfence.model.spellings import MAX_SPELLING
from ringfence.store.times import to_ms

router = APIRouter(prefix=f"{PREFIX}/screen", tags=["screening"])

Party = Annotated[Text, Field(max_length=MAX_SPELLING, examples=["+919812345678"])]
SkillName = Annotated[Text, Field(max_length=MAX_NAME, examples=["Sales"])]
AskedDirection = Literal["inbound", "outbound"]


class GroupShown(Shown):
    """A group, as it is named beside an entry."""

    id: int
    name: str


class StoryShown(Shown):
    """An entry that covers the number: where it is, until when, who put it there, and why.

    `added_by` is the label of the key, or the beginning of the key where it has none; null is the
    command line.
    """

    group: GroupShown
    entry: str
    kind: Kind
    expires_at: Moment | None
    added_by: str | None
    added_at: Moment
    door: str
    note: str


class LoserShown(StoryShown):
    """An entry that did not decide; `lost` says why."""

    lost: Lost


class RingShown(Shown):
    """A phone number that rings."""

    id: int
    name: str
    number: str
    priority: int


class VerdictShown(Shown):
    """What to do with the call; `answer` is what a switch answers a blocked one."""

    disposition: Disposition
    reason: Reason
    answer: ShownAnswer | None


class DecisionShown(VerdictShown):
    """All that led to the decision.

    `number` is the one looked up, as it was read. `others` are the other entries that cover it, up
    to 100, `would_block` those of them whose groups only monitor. `hunt` is there where a skill was
    named: the first 20 of the phone numbers that ring, none for a blocked call.
    """

    number: str
    winner: StoryShown | None
    others: list[LoserShown]
    would_block: list[StoryShown]
    hunt: list[RingShown] | None = None


class ScreenFields(Body):
    """A call that asks to ring, as in the query of `GET`."""

    calling: Party | None = None
    called: Party | None = None
    direction: AskedDirection = "inbound"
    skill: SkillName | None = None
    at: Moment | None = None
    explain: bool = True


class BatchFields(Body):
    """Numbers of calls that are otherwise alike.

    `called` and `skill` are those of all calls; `called` is for inbound ones.
    """

    numbers: Annotated[list[Party], Field(min_length=1, max_length=MAX_CALLS)]
    direction: AskedDirection = "inbound"
    called: Party | None = None
    skill: SkillName | None = None
    at: Moment | None = None


class BatchResult(Shown):
    """What becomes of a number, as it was sent; of a blocked one, by which entry."""

    number: str
    disposition: Disposition
    reason: Reason
    group_id: int | None
    entry: str | None
    expires_at: Moment | None


class BatchResults(Shown):
    """What becomes of each number, in the order sent, and how often each happens."""

    results: list[BatchResult]
    counts: dict[Disposition, int]


_ANSWERED = {"response_model": DecisionShown | VerdictShown, **for_roles(*EVERYONE)}
_ANSWERED["responses"] |= {
    200: {
        "headers": {
            "Ringfence-Screening": {
                "description": "The call's id in the activity; not there with `at`.",
                "schema": {"type": "string"},
            }
        }
    }
}


@router.get("", name="screen", **_ANSWERED)
async def screen_call(  # noqa: PLR0913  what a call is made of
    call: AnyCall,
    *,
    calling: Annotated[
        Text | None,
        Query(max_length=MAX_SPELLING, description="Who calls, in any spelling; empty: withheld."),
    ] = None,
    called: Annotated[
        Text | None, Query(max_length=MAX_SPELLING, description="Whom they call, in any spelling.")
    ] = None,
    direction: Annotated[
        AskedDirection, Query(description="`calling` is looked up inbound, `called` outbound.")
    ] = "inbound",
    skill: Annotated[
        Text | None, Query(max_length=MAX_NAME, description="What the call is for, by name.")
    ] = None,
    at: Annotated[
        Moment | None,
        Query(description="Another moment than now, by the entries held now; it is not recorded."),
    ] = None,
    explain: Annotated[
        bool, Query(description="`0` leaves out all but `disposition`, `reason` and `answer`.")
    ] = True,
) -> Response:
    """Decide whether a call may ring. The header `Ringfence-Screening` names it in the activity."""
    fields = ScreenFields(
        calling=calling, called=called, direction=direction, skill=skill, at=at, explain=explain
    )
    return await _screen(call, fields, "query:")


@router.post("", name="screen_posted", **_ANSWERED)
async def screen_posted(call: AnyCall, fields: ScreenFields) -> Response:
    """Decide whether a call may ring, as `GET` does."""
    return await _screen(call, fields, "")


@router.post("/batch", name="screen_batch", response_model=BatchResults, **for_roles(*EVERYONE))
async def screen_batch(call: AnyCall, fields: BatchFields) -> Response:
    """Decide about up to 10,000 numbers. These are questions, not calls: none is recorded."""
    direction = Direction(fields.direction)
    asked = Call("", fields.called or "", direction, fields.skill)
    policies = call.context.policies

    def answer() -> Answer:
        at = fields.at or call.context.clock()
        store = call.context.store
        found = screen_many(store, call.account, policies, fields.numbers, asked, at=at)
        return Answer(200, write_results(fields.numbers, found))

    return await call.answer(answer)


async def _screen(call: ApiCall, fields: ScreenFields, place: str) -> Response:
    started = perf_counter()
    asked = _read_call(fields, place)
    context = call.context
    at = fields.at or context.clock()
    account = call.account
    policy, decision, told = await context.handover.run(
        lambda: screen(context.store, account, context.policies, asked, at=at)
    )
    headers = {}
    if fields.at is None:
        screening_id = context.screening_ids.next(to_ms(at))
        latency_us = int((perf_counter() - started) * 1e6)
        key_id = call.caller.key_id
        context.activity.record(screened(policy, screening_id, asked, decision, key_id, latency_us))
        headers[SCREENING_HEADER] = format_screening_id(screening_id)
    body = _write(told, explains=fields.explain)
    return Response(body, headers=headers, media_type="application/json")


def _read_call(fields: ScreenFields, place: str) -> Call:
    direction = Direction(fields.direction)
    party = "called" if direction is Direction.OUTBOUND else "calling"
    if getattr(fields, party) is None:
        rule = f"{party} is the number that is looked up, so it has to be there"
        raise InvalidInput(Problem(InputCode.FIELD_MISSING, f"{place}{party}", rule))
    return Call(fields.calling or "", fields.called or "", direction, fields.skill)


def _write(told: Screening, *, explains: bool) -> bytes:
    if explains:
        return write_explanation(told)
    return write_verdict(told.disposition, told.reason, told.answer)
