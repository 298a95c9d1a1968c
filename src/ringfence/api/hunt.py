"""/v1/hunt: which phone numbers ring for a skill, in which order."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Reply
from ringfence.api.endpoints import EVERYONE, PREFIX, for_roles
from ringfence.api.fields import Text
from ringfence.api.paging import Listed, Paging
from ringfence.api.phone_numbers import PhoneNumberShown, show_page
from ringfence.core.hunting import hunt
from ringfence.model.skills import MAX_NAME
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/hunt", tags=["phone numbers"])

_ORDER = "hunt"


@router.get(
    "",
    response_model=Listed[PhoneNumberShown],
    name="hunt",
    **for_roles(*EVERYONE, problems=(404,)),
)
async def list_(
    call: AnyCall,
    paging: Paging,
    skill: Annotated[Text, Query(max_length=MAX_NAME, description="The name of a skill.")],
) -> Response:
    """List the active phone numbers of a skill by priority, then by name: as they are to ring."""
    after = paging.position_in(_ORDER, str)

    def show(store: Store) -> Reply:
        start = None if after is None else str(after)
        found = hunt(store, call.account, skill, start, paging.limit)
        return show_page(found, _ORDER, paging)

    return await call.do(show)
