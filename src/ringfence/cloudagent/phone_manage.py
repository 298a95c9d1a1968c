"""Phone numbers on the wire: PhoneManageV2.php (contract rows A1 to A3), its verbs and texts."""

from collections.abc import Callable, Mapping

from ringfence.cloudagent.auth import PHONE_ROLES
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.older_paths import OlderPath
from ringfence.cloudagent.replies import Reply
from ringfence.cloudagent.texts import (
    PHONE_SAVED,
    PHONE_SAVED_WITHOUT_SKILLS,
    PHONE_TEXTS,
    text_of,
)
from ringfence.cloudagent.wire import (
    Fields,
    UnreadableError,
    WireRequest,
    read_form,
    read_query,
)
from ringfence.config import Settings
from ringfence.core.credentials import authenticate, check_role
from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
)
from ringfence.errors import InputCode, InvalidInput, Problem, RingfenceError
from ringfence.model.accounts import Caller
from ringfence.model.phone_numbers import (
    PhoneNumberChange,
    PhoneNumberDraft,
    PhoneNumberRef,
    PhoneNumberSaved,
)

Verb = Callable[[Context, Caller, Fields], str]

# A blank skill is one that no account has, so naming it draws the warning.
_NO_SUCH_SKILL = ("",)


PHONE_MANAGE = OlderPath(
    "/CAServices/PhoneManageV2.php",
    {"GET": "/ca_apis/PhoneManageV2", "POST": "/ca_apis/PhoneManageV2"},
)


class PhoneManage:
    """The family of PhoneManageV2.php."""

    methods = ("GET", "POST")

    def max_body_bytes(self, settings: Settings) -> int:
        """Return how large a form may be: as large as a query, for anybody's has to be read."""
        return min(settings.max_body_bytes, settings.max_head_bytes)

    def credentials(self, request: WireRequest) -> tuple[str | None, str | None]:
        """Return the user name and the key among the parameters."""
        fields = _read_fields(request)
        return fields.get("userName"), fields.get("apiKey")

    def answer(self, context: Context, request: WireRequest) -> Reply:
        """Do what `action` asks and return what it is told."""
        fields = _read_fields(request)
        caller = authenticate(context.store, fields.get("userName"), fields.get("apiKey"))
        context.uses.count(caller, PHONE_MANAGE, context.clock())
        return Reply(change_phone_number(context, caller, fields))

    def write_error(self, error: RingfenceError) -> Reply:
        """Return the contract's text for `error`."""
        return write_phone_error(error)


def change_phone_number(context: Context, caller: Caller, fields: Fields) -> object:
    """Do what `action` asks, in any letter case; `fields` are texts."""
    check_role(caller, PHONE_ROLES)
    verb = _VERBS.get(fields.get("action", "").lower())
    if verb is None:
        raise no_such_action()
    return {"status": "success", "message": verb(context, caller, fields)}


def no_such_action() -> InvalidInput:
    """Return the error of an `action` that the path does not know."""
    return InvalidInput(Problem(InputCode.ACTION_UNKNOWN, "action", "no such action"))


def write_phone_error(error: RingfenceError) -> Reply:
    """Return the contract's text for `error`."""
    return text_of(error, PHONE_TEXTS).reply()


def _read_fields(request: WireRequest) -> Fields:
    """Return the query's fields, and on POST those of a form over them, as $_REQUEST has them."""
    fields = read_query(request)
    if request.method == "POST":
        fields |= _form_fields(request)
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _form_fields(request: WireRequest) -> Fields:
    try:
        return read_form(request)
    except UnreadableError:
        return {}


def _create(context: Context, caller: Caller, fields: Fields) -> str:
    draft = PhoneNumberDraft(
        fields.get("phoneName"), fields.get("phoneNumber"), _read_create_skills(fields)
    )
    saved = create_phone_number(context.store, caller.account, draft, context.origin(caller))
    return _write_saved(saved)


def _edit(context: Context, caller: Caller, fields: Fields) -> str:
    change = PhoneNumberChange(
        name=fields.get("PhoneNameNew", fields.get("phoneNameNew")),
        number=fields.get("phoneNumberNew"),
        assign_skills=_read_skills(fields.get("assignSkill")),
        unassign_skills=_read_skills(fields.get("unAssignSkill")),
    )
    saved = edit_phone_number(
        context.store, caller.account, read_ref(fields), change, context.origin(caller)
    )
    return _write_saved(saved)


def _delete(context: Context, caller: Caller, fields: Fields) -> str:
    delete_phone_number(context.store, caller.account, read_ref(fields), context.origin(caller))
    return PHONE_SAVED


_VERBS: Mapping[str, Verb] = {"create": _create, "edit": _edit, "delete": _delete}


def read_ref(fields: Fields) -> PhoneNumberRef:
    """Return the name and the number by which the caller names one record."""
    return PhoneNumberRef(fields.get("phoneName"), fields.get("phoneNumber"))


def _read_create_skills(fields: Fields) -> tuple[str, ...] | None:
    """Return the skills named; a misspelt key (`skills`, `Skill`, `SKILL`) names none that is."""
    if "skill" in fields:
        return _read_skills(fields["skill"])
    misspelt = any(name.lower() in {"skill", "skills"} for name in fields)
    return _NO_SUCH_SKILL if misspelt else None


def _read_skills(value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value.split(","))


def _write_saved(saved: PhoneNumberSaved) -> str:
    return PHONE_SAVED_WITHOUT_SKILLS if saved.skills_refused else PHONE_SAVED
