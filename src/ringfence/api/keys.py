"""/v1/keys: the API keys of the account."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from ringfence.api.calls import AnyCall, Post, Reply
from ringfence.api.endpoints import ADMIN, PREFIX, for_roles
from ringfence.api.fields import Body, Id, Moment, Shown, Text
from ringfence.api.paging import Listed, Paging
from ringfence.core.credentials import create_key, list_keys, revoke_key
from ringfence.model.accounts import MAX_KEY_LABEL, ApiKey, KeyDraft, Role
from ringfence.store import Store

router = APIRouter(prefix=f"{PREFIX}/keys", tags=["keys"])


class KeyShown(Shown):
    """A key, by its first characters; the key itself is not kept."""

    id: int
    prefix: str
    role: Role
    label: str
    created_at: Moment
    revoked_at: Moment | None


class NewKey(KeyShown):
    """A key just made. `key` is told this once."""

    key: str


class KeyFields(Body):
    """What a new key may do, and what people call it."""

    role: Role
    label: Annotated[Text, Field(max_length=MAX_KEY_LABEL)] = ""


@router.post("", status_code=201, response_model=NewKey, name="create_key", **for_roles(*ADMIN))
async def create(call: Post, fields: KeyFields) -> Response:
    """Make a key. The answer has it in plain text, and nothing else ever will."""
    draft = KeyDraft(fields.role, fields.label)

    def make(store: Store) -> Reply:
        made, key = create_key(store, call.account, call.origin, draft)
        return Reply(NewKey(key=key, **_facts(made)), 201, location=f"{PREFIX}/keys/{made.key_id}")

    return await call.do(make)


@router.get("", response_model=Listed[KeyShown], name="list_keys", **for_roles(*ADMIN))
async def list_(call: AnyCall, paging: Paging) -> Response:
    """List the keys, revoked ones too, oldest first."""
    after = paging.position(int)

    def show(store: Store) -> Reply:
        start = 0 if after is None else int(after[0])
        found = list_keys(store, call.account, start, paging.limit + 1)
        items = [KeyShown(**_facts(each)) for each in found[: paging.limit]]
        last = (items[-1].id,) if len(found) > paging.limit else None
        return Reply(Listed[KeyShown](items=items, next=paging.cursor(last)))

    return await call.do(show)


@router.delete(
    "/{key_id}", status_code=204, name="revoke_key", **for_roles(*ADMIN, problems=(404,))
)
async def revoke(call: AnyCall, key_id: Id) -> Response:
    """End a key for good, from the next request on; and be it the one that asks."""

    def end(store: Store) -> Reply:
        revoke_key(store, call.account, key_id, call.origin)
        return Reply()

    return await call.do(end)


def _facts(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "prefix": key.prefix,
        "role": key.role,
        "label": key.label,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
