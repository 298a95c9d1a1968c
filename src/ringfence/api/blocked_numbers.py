"""/v1/blocked-numbers: whatever blocks one number, across groups."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Reply
from ringfence.api.endpoints import AGENTS, PREFIX, for_roles
from ringfence.api.entries import EntryShown, show_entry
from ringfence.api.fields import Shown, Text
from ringfence.api.paging import Listed, Paging
from ringfence.core.blocked_lists import find_blocks
from ringfence.model.block_groups import Mode
from ringfence.model.blocked_numbers import FoundBlock
from ringfence.model.pages import Window
from ringfence.model.spellings import MAX_SPELLING
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/blocked-numbers", tags=["numbers"])


class GroupNamed(Shown):
    """The group of an entry."""

    id: int
    name: str
    mode: Mode


class BlockShown(EntryShown):
    """A live entry, with its group."""

    group: GroupNamed


@router.get("", response_model=Listed[BlockShown], name="find_blocks", **for_roles(*AGENTS))
async def list_(
    call: AnyCall,
    paging: Paging,
    number: Annotated[
        Text,
        Query(
            min_length=1,
            max_length=MAX_SPELLING,
            description="A number in any spelling, or `withheld`.",
            examples=["+919812300001"],
        ),
    ],
) -> Response:
    """List every live entry of a number: its own and its prefixes', in groups of any mode."""
    window = Window(paging.limit, paging.position(str, int))

    def show(store: Store) -> Reply:
        page = find_blocks(store, call.account, number, window, at=call.context.clock())
        items = [_shown(each) for each in page.items]
        return Reply(Listed[BlockShown](items=items, next=paging.cursor(page.next)))

    return await call.do(show)


def _shown(found: FoundBlock) -> BlockShown:
    entry = show_entry(found.entry)
    group = GroupNamed(id=entry.group_id, name=found.group_name, mode=found.group_mode)
    return BlockShown(**dict(entry), group=group)
