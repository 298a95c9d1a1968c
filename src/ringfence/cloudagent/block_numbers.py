"""Block number groups on the wire: blockNumberGroupV2.php (contract rows B1 to B3), its verbs."""

from collections.abc import Callable, Mapping
from typing import Any

from ringfence.cloudagent.auth import ROLES, read_basic
from ringfence.cloudagent.block_fields import (
    NumbersField,
    not_texts,
    read_expiry,
    read_group_id,
    read_numbers,
    read_text,
    require,
)
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.older_paths import OlderPath
from ringfence.cloudagent.replies import Reply
from ringfence.cloudagent.texts import BLOCK_FIELD_TEXTS, BLOCK_TEXTS, text_of
from ringfence.cloudagent.wire import Fields, UnreadableError, WireRequest, read_body_fields
from ringfence.config import Settings
from ringfence.core.block_groups import add_numbers, create_block_group, remove_numbers
from ringfence.core.credentials import authenticate, check_role
from ringfence.errors import (
    BlockGroupExists,
    InputCode,
    InvalidInput,
    Problem,
    RingfenceError,
)
from ringfence.model.accounts import Caller
from ringfence.model.block_groups import GroupDraft, NumbersAddition
from ringfence.model.numbers import E164

Verb = Callable[[Context, Caller, Fields], object]


BLOCK_NUMBERS = OlderPath(
    "/CAServicesV3/blockNumberGroupV2.php",
    {
        "POST": "/ca_apis/createBlockNumber",
        "PUT": "/ca_apis/updateBlockNumbers",
        "DELETE": "/ca_apis/deleteBlockNumber",
    },
)


class BlockNumbers:
    """The family of blockNumberGroupV2.php."""

    methods = ("POST", "PUT", "DELETE")

    def max_body_bytes(self, settings: Settings) -> int:
        """Return how large a body may be; it is read only for who has the right key."""
        return settings.max_body_bytes

    def credentials(self, request: WireRequest) -> tuple[str | None, str | None]:
        """Return the user name and the key of HTTP Basic."""
        return read_basic(request)

    def answer(self, context: Context, request: WireRequest) -> Reply:
        """Do what the method asks and return what it is told."""
        caller = authenticate(context.store, *read_basic(request))
        check_role(caller, ROLES)
        context.uses.count(caller, BLOCK_NUMBERS, context.clock())
        return Reply(_VERBS[request.method](context, caller, _read_fields(request)))

    def write_error(self, error: RingfenceError) -> Reply:
        """Return the contract's text for `error`."""
        return write_block_error(error)


def write_block_error(error: RingfenceError) -> Reply:
    """Return the contract's text for `error`, with every bad field."""
    text = text_of(error, BLOCK_TEXTS)
    if text.message == "invalid data":
        return text.reply(errors=_write_problems(error))
    return text.reply()


def _read_fields(request: WireRequest) -> Fields:
    try:
        return read_body_fields(request)
    except UnreadableError:
        return {}


def create(context: Context, caller: Caller, fields: Fields) -> object:
    """Make a group with its first numbers."""
    require(fields, "name", "description", "blockNumbers")
    name, description = read_text(fields["name"]), read_text(fields["description"])
    numbers = read_numbers(fields)
    expires_at, problems = read_expiry(fields, caller.account.timezone)
    problems += not_texts(fields)
    draft = GroupDraft(name, description, numbers.texts, expires_at)
    made = create_block_group(
        context.store, caller.account, draft, context.origin(caller), problems
    )
    return {
        "status": "success",
        "message": "created",
        "input": {"name": name, "description": description, "blockNumbers": numbers.echo},
        "output": {
            "affectedRows": 1,
            "lastInsertId": made.block_group_id,
            **_write_outcome("succes", numbers, made.numbers),
        },
    }


def _update(context: Context, caller: Caller, fields: Fields) -> object:
    require(fields, "id", "blockNumbers")
    return update(context, caller, fields, read_group_id(fields))


def update(context: Context, caller: Caller, fields: Fields, group_id: int) -> object:
    """Put numbers into a group, and give it the name and the description that were sent."""
    numbers = read_numbers(fields)
    expires_at, problems = read_expiry(fields, caller.account.timezone)
    name, description = (
        read_text(fields[key]) if key in fields else None for key in ("name", "description")
    )
    problems += not_texts(fields)
    addition = NumbersAddition(numbers.texts, expires_at, name, description)
    added = add_numbers(
        context.store, caller.account, group_id, addition, context.origin(caller), problems
    )
    outcome = _write_outcome("succes", numbers, added.numbers)
    output = {**outcome, "new": added.new, "inserted": added.inserted}
    return _write_changed("updated", group_id, numbers, output)


def _delete(context: Context, caller: Caller, fields: Fields) -> object:
    require(fields, "id", "blockNumbers")
    return delete(context, caller, fields, read_group_id(fields))


def delete(context: Context, caller: Caller, fields: Fields, group_id: int | None) -> object:
    """Take numbers out of a group; out of every group where `group_id` is None."""
    numbers = read_numbers(fields)
    removed = remove_numbers(
        context.store, caller.account, group_id, numbers.texts, context.origin(caller)
    )
    outcome = _write_outcome("success", numbers, removed.numbers)
    return _write_changed("deleted", group_id, numbers, {**outcome, "deleted": removed.removed})


_VERBS: Mapping[str, Verb] = {"POST": create, "PUT": _update, "DELETE": _delete}


def _write_changed(
    message: str, group_id: int | None, numbers: NumbersField, output: object
) -> object:
    named = {} if group_id is None else {"id": group_id}
    return {
        "status": "success",
        "message": message,
        "input": {**named, "blockNumbers": numbers.echo},
        "output": output,
    }


def _write_outcome(
    stored: str, numbers: NumbersField, outcome: tuple[E164 | None, ...]
) -> dict[str, list[Any]]:
    """Split the numbers sent into those that took effect, in E.164, and the rest, as sent.

    `stored` is the name of the former: `succes` on create and update, `success` on delete.
    """
    refused = [sent for sent, kept in zip(numbers.sent, outcome, strict=True) if kept is None]
    return {stored: [kept for kept in outcome if kept is not None], "error": refused}


def _write_problems(error: RingfenceError) -> dict[str, str]:
    told: dict[str, str] = {}
    values = {problem.code: problem.value for problem in _problems(error)}
    for code, (key, text) in BLOCK_FIELD_TEXTS.items():
        if code in values:
            told.setdefault(key, text.replace("{value}", str(values[InputCode(code)])))
    return told


def _problems(error: RingfenceError) -> tuple[Problem, ...]:
    if isinstance(error, InvalidInput):
        return error.problems
    if isinstance(error, BlockGroupExists):
        return (Problem(InputCode.GROUP_NAME_TAKEN, "name", str(error), error.facts["name"]),)
    return ()
