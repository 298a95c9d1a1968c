"""The newer door, /ca_apis/: JSON in, and what lets a caller in is the account's setting."""

from collections.abc import Callable, Mapping

from ringfence.cloudagent.auth import ROLES, read_bearer, read_key
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.replies import Reply
from ringfence.cloudagent.texts import GATEWAY_TEXTS
from ringfence.cloudagent.wire import Fields, HugeNumber, WireRequest, read_json, read_query
from ringfence.config import Settings
from ringfence.core.credentials import check_role
from ringfence.core.tokens import authenticate_by_setting
from ringfence.errors import RingfenceError
from ringfence.model.accounts import Caller

Verb = Callable[[Context, Caller, Fields], object]

NO_TEXT = "\N{REPLACEMENT CHARACTER}"
"""What a value becomes that is no text: no rule of the wire accepts it."""


class Gateway:
    """A family of paths of the newer door: a verb for each method, and the texts of its errors."""

    def __init__(
        self, verbs: Mapping[str, Verb], write_error: Callable[[RingfenceError], Reply]
    ) -> None:
        self._verbs = verbs
        self._write_own_error = write_error
        self.methods = tuple(verbs)

    def max_body_bytes(self, settings: Settings) -> int:
        """Return how large a body may be: as a query, for it is read to learn who calls."""
        return max_gateway_bytes(settings)

    def credentials(self, request: WireRequest) -> tuple[str | None, ...]:
        """Return the user name, the key and the token."""
        return read_user_name(read_fields(request)), read_key(request), read_bearer(request)

    def answer(self, context: Context, request: WireRequest) -> Reply:
        """Do what the method asks and return what it is told."""
        fields = read_fields(request)
        caller = authenticate_by_setting(
            context.store,
            read_user_name(fields),
            read_key(request),
            read_bearer(request),
            at=context.clock(),
        )
        check_role(caller, ROLES)
        return Reply(self._verbs[request.method](context, caller, fields))

    def write_error(self, error: RingfenceError) -> Reply:
        """Return the gateway's text for `error`, or where it has none the family's."""
        text = GATEWAY_TEXTS.get(error.code)
        return self._write_own_error(error) if text is None else text.gateway_reply()


def max_gateway_bytes(settings: Settings) -> int:
    """Return how large a body may be at the newer door."""
    return min(settings.max_body_bytes, settings.max_head_bytes)


def read_fields(request: WireRequest) -> Fields:
    """Return the fields of the JSON body; of a GET, over those of the query."""
    above = read_query(request) if request.method == "GET" else {}
    return above | read_json(request)


def read_user_name(fields: Fields) -> str | None:
    """Return the user name, or None where it is missing, null or blank."""
    text = read_plain_text(fields.get("userName"))
    return text if text.strip() else None


def read_plain_text(value: object) -> str:
    """Return a text as it is, an integer as its digits, null as blank, all else as NO_TEXT."""
    if value is None:
        return ""
    text = str(value) if isinstance(value, str | int) else NO_TEXT
    is_number = isinstance(value, HugeNumber) and not text.lstrip("-").isdecimal()
    return NO_TEXT if is_number or isinstance(value, bool) else text
