"""/v1/account: the account that the key belongs to."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StrictBool, StrictInt
from starlette.responses import Response

from ringfence.api.calls import Edit, Reply, View
from ringfence.api.endpoints import ADMIN, EVERYONE, PREFIX, for_roles
from ringfence.api.fields import MAX_ID, AnswerFields, Body, Shown, ShownAnswer, Text, show_answer
from ringfence.core.accounts import get_account, set_account
from ringfence.model.accounts import (
    MAX_ACTIVITY_DAYS,
    MAX_AGENT_HOURS,
    Account,
    AccountChange,
    ApiAuthentication,
)
from ringfence.model.keep import KEEP
from ringfence.model.revisions import revision_of
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/account", tags=["account"])


class ActivityShown(Shown):
    """For how many days what became of calls is kept, and whether as hashes of the callers."""

    days: int
    hashed: bool


class ActivityFields(Body):
    """How what became of calls is kept; what is left out or null stays."""

    days: Annotated[StrictInt, Field(ge=1, le=MAX_ACTIVITY_DAYS)] | None = None
    hashed: StrictBool | None = None


class AgentBlocksShown(Shown):
    """Where agents' blocks go, null where agents block nobody, and how many hours they last."""

    group_id: int | None
    max_hours: int


class AgentBlocksPatch(Body):
    """What is left out stays; `group_id` null lets agents block nobody."""

    group_id: Annotated[StrictInt, Field(ge=1, le=MAX_ID)] | None = None
    max_hours: Annotated[StrictInt, Field(ge=1, le=MAX_AGENT_HOURS)] | None = None


class AccountShown(Shown):
    """An account: whose numbers and blocks these are, and how its numbers are read."""

    user_name: str
    region: str
    timezone: str
    phone_number_limit: int
    phone_numbers_used: int
    api_authentication: ApiAuthentication
    answer: ShownAnswer
    activity: ActivityShown
    agent_blocks: AgentBlocksShown


class AccountPatch(Body):
    """What to set; what is left out or null stays. The limit is set on the server."""

    region: Annotated[Text, Field(max_length=3, examples=["IN"])] | None = None
    timezone: Annotated[Text, Field(max_length=64, examples=["Asia/Kolkata"])] | None = None
    api_authentication: ApiAuthentication | None = None
    answer: AnswerFields | None = None
    activity: ActivityFields = Field(default_factory=ActivityFields)
    agent_blocks: AgentBlocksPatch = Field(default_factory=AgentBlocksPatch)


@router.get(
    "", response_model=AccountShown, name="read_account", **for_roles(*EVERYONE, problems=(304,))
)
async def read_account(call: View) -> Response:
    """Read the account."""
    return await call.do(lambda store: _reply(get_account(store, call.account.user_name)))


@router.patch(
    "", response_model=AccountShown, name="edit_account", **for_roles(*ADMIN, problems=(409, 412))
)
async def edit_account(call: Edit, patch: AccountPatch) -> Response:
    """Set what the body names.

    Another region gives every phone number another identity; where two would become one, nothing
    changes (`phone_number_exists`).
    """
    agents = patch.agent_blocks
    change = AccountChange(
        region=patch.region,
        timezone=patch.timezone,
        api_authentication=patch.api_authentication,
        answer=None if patch.answer is None else patch.answer.read(),
        activity_days=patch.activity.days,
        activity_hashed=patch.activity.hashed,
        agent_group_id=agents.group_id if "group_id" in agents.model_fields_set else KEEP,
        agent_hours=agents.max_hours,
    )

    def edit(store: Store) -> Reply:
        user_name = call.account.user_name
        return _reply(set_account(store, user_name, change, call.origin, call.expected))

    return await call.do(edit)


def _reply(account: Account) -> Reply:
    shown = AccountShown(
        user_name=account.user_name,
        region=account.region,
        timezone=account.timezone,
        phone_number_limit=account.phone_number_limit,
        phone_numbers_used=account.phone_numbers_used,
        api_authentication=account.api_authentication,
        answer=show_answer(account.answer),
        activity=ActivityShown(days=account.activity_days, hashed=account.activity_hashed),
        agent_blocks=AgentBlocksShown(
            group_id=account.agent_group_id, max_hours=account.agent_hours
        ),
    )
    return Reply(shown, revision=revision_of(account))
