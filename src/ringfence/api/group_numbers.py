"""/v1/block-groups/{id}/numbers: the numbers, prefixes and `withheld` in a group."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Edit, Post, Reply, View
from ringfence.api.endpoints import AGENTS, PREFIX, SUPERVISORS, for_roles
from ringfence.api.entries import EntryShown, Number, Reason, show_entry
from ringfence.api.fields import Body, Id, Moment, Shown, Text
from ringfence.api.paging import Listed, Paging
from ringfence.core.blocked_lists import list_blocked_numbers
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    get_blocked_number,
    remove_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.number_reading import read_numbers
from ringfence.model.blocked_numbers import (
    MAX_NUMBERS,
    BlockedEntry,
    EntryChange,
    EntryQuery,
    EntryState,
    NumberResult,
    NumbersDraft,
    Outcome,
    ReadNumbers,
)
from ringfence.model.keep import KEEP
from ringfence.model.pages import Window
from ringfence.model.patterns import Kind
from ringfence.model.protection import Protection, Protector
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/block-groups/{{block_group_id}}/numbers", tags=["numbers"])

Numbers = Annotated[list[Text], Field(min_length=1, max_length=MAX_NUMBERS)]


class ProtectedBy(Shown):
    """What keeps a number from being blocked: a phone number or an allowed number, by its id."""

    kind: Protector
    id: int | None
    name: str | None


class NumberResultShown(Shown):
    """What became of a number, as it was sent; `pattern` is how it is stored.

    Of one that is `invalid`, `code` and `detail` say why; of one `protected`, `protected_by` what
    protects it.
    """

    number: str
    pattern: str | None
    result: Outcome
    code: str | None
    detail: str | None
    protected_by: ProtectedBy | None


class Results(Shown):
    """What became of each number, in the order sent, and how many met each fate."""

    results: list[NumberResultShown]
    counts: dict[Outcome, int]


class NumbersFields(Body):
    """Numbers to block: in any spelling, prefixes as `+91140*`, or `withheld`; for good, or until.

    The reason is that of all of them.
    """

    numbers: Numbers = Field(examples=[["98123 00001", "+91140*", "withheld"]])
    expires_at: Moment | None = None
    reason: Reason = ""


class NumbersToRemove(Body):
    """Numbers to take out of a group."""

    numbers: Numbers


class NumberPatch(Body):
    """What an entry is to be; what is left out stays. `expires_at` null is for good."""

    expires_at: Moment | None = None
    reason: Reason = ""

    def read(self) -> EntryChange:
        """Return it as core knows it."""
        given = self.model_fields_set
        return EntryChange(
            self.expires_at if "expires_at" in given else KEEP,
            self.reason if "reason" in given else KEEP,
        )


@router.post(
    "", response_model=Results, name="add_numbers", **for_roles(*SUPERVISORS, problems=(404,))
)
async def add(call: Post, block_group_id: Id, fields: NumbersFields) -> Response:
    """Block numbers, up to 10,000 at once.

    One that is there already is never made to end sooner; `PATCH` does that. A number that is
    invalid or protected is told, and the others go on.
    """

    def read_them() -> NumbersDraft:
        numbers = read_numbers(call.account, fields.numbers)
        return NumbersDraft(numbers, fields.expires_at, fields.reason)

    def put(store: Store, draft: NumbersDraft) -> Reply:
        found = add_blocked_numbers(store, call.account, block_group_id, draft, call.origin)
        return Reply(_results(found))

    return await call.do_prepared(read_them, put)


@router.get(
    "",
    response_model=Listed[EntryShown],
    name="list_numbers",
    **for_roles(*AGENTS, problems=(404,)),
)
async def list_(
    call: AnyCall,
    block_group_id: Id,
    paging: Paging,
    number: Annotated[
        Text | None, Query(max_length=50, description="Leading digits, in any spelling.")
    ] = None,
    kind: Annotated[Kind | None, Query()] = None,
    state: Annotated[EntryState, Query(description="Whether they block now.")] = EntryState.LIVE,
) -> Response:
    """List or search the numbers of a group, in the order of their digits."""
    window = Window(paging.limit, paging.position(str))
    query = EntryQuery(number, kind, state)

    def show(store: Store) -> Reply:
        at = call.context.clock()
        page = list_blocked_numbers(store, call.account, block_group_id, query, window, at=at)
        items = [show_entry(each) for each in page.items]
        return Reply(Listed[EntryShown](items=items, next=paging.cursor(page.next)))

    return await call.do(show)


@router.post(
    "/remove",
    response_model=Results,
    name="remove_numbers",
    **for_roles(*SUPERVISORS, problems=(404,)),
)
async def remove_many(call: Post, block_group_id: Id, fields: NumbersToRemove) -> Response:
    """Take numbers out of a group, up to 10,000 at once."""

    def read_them() -> ReadNumbers:
        return read_numbers(call.account, fields.numbers)

    def take(store: Store, numbers: ReadNumbers) -> Reply:
        found = remove_blocked_numbers(store, call.account, block_group_id, numbers, call.origin)
        return Reply(_results(found))

    return await call.do_prepared(read_them, take)


@router.get(
    "/{number:path}",
    response_model=EntryShown,
    name="read_number",
    **for_roles(*AGENTS, problems=(304, 404)),
)
async def read(call: View, block_group_id: Id, number: Number) -> Response:
    """Read an entry, expired or not, by its number in any spelling."""
    return await call.do(
        lambda store: _reply(get_blocked_number(store, call.account, block_group_id, number))
    )


@router.patch(
    "/{number:path}",
    response_model=EntryShown,
    name="edit_number",
    **for_roles(*SUPERVISORS, problems=(404, 409, 412)),
)
async def edit(call: Edit, block_group_id: Id, number: Number, patch: NumberPatch) -> Response:
    """Give an entry another expiry, sooner or later, or another reason.

    One that is protected by now cannot be blocked for longer (`number_protected`).
    """
    change = patch.read()

    def set_(store: Store) -> Reply:
        return _reply(
            edit_blocked_number(
                *(store, call.account, block_group_id, number, change),
                call.origin,
                call.expected,
            )
        )

    return await call.do(set_)


@router.delete(
    "/{number:path}",
    status_code=204,
    name="remove_number",
    **for_roles(*SUPERVISORS, problems=(404, 412)),
)
async def remove(call: Edit, block_group_id: Id, number: Number) -> Response:
    """Take one number out of a group, an expired one too."""

    def take(store: Store) -> Reply:
        remove_blocked_number(
            store, call.account, block_group_id, number, call.origin, call.expected
        )
        return Reply()

    return await call.do(take)


def _reply(entry: BlockedEntry) -> Reply:
    return Reply(show_entry(entry), revision=entry.revision)


def _results(found: Sequence[NumberResult]) -> Results:
    counts = Counter(each.outcome for each in found)
    # What is shown was made here, and ten thousand of them take long to be checked.
    return Results.model_construct(
        results=[_result(each) for each in found],
        counts={outcome: counts[outcome] for outcome in Outcome if counts[outcome]},
    )


def _result(found: NumberResult) -> NumberResultShown:
    problem = found.problem
    return NumberResultShown.model_construct(
        number=found.number,
        pattern=found.pattern,
        result=found.outcome,
        code=None if problem is None else problem.code.value,
        detail=None if problem is None else problem.message,
        protected_by=None if found.protected_by is None else _protector(found.protected_by),
    )


def _protector(protection: Protection) -> ProtectedBy:
    return ProtectedBy(kind=protection.kind, id=protection.protector_id, name=protection.name)
