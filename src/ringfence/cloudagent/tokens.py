"""Tokens on the wire: /ca_apis/CAToken/generateToken (contract row C8)."""

from ringfence.cloudagent.auth import ROLES, read_key
from ringfence.cloudagent.context import Context
from ringfence.cloudagent.gateway import max_gateway_bytes, read_fields, read_user_name
from ringfence.cloudagent.replies import Reply
from ringfence.cloudagent.texts import TOKEN_TEXTS, text_of
from ringfence.cloudagent.wire import WireRequest
from ringfence.config import Settings
from ringfence.core.credentials import check_role
from ringfence.core.tokens import authenticate_key, find_account, generate_token
from ringfence.errors import LimitReached, RingfenceError, Unavailable


class GenerateToken:
    """The family of generateToken."""

    methods = ("POST",)

    def max_body_bytes(self, settings: Settings) -> int:
        """Return how large a body may be."""
        return max_gateway_bytes(settings)

    def credentials(self, request: WireRequest) -> tuple[str | None, ...]:
        """Return the user name and the key."""
        return read_user_name(read_fields(request)), read_key(request)

    def answer(self, context: Context, request: WireRequest) -> Reply:
        """Give a token to whoever has the key, whatever lets the account in elsewhere."""
        account = find_account(context.store, read_user_name(read_fields(request)))
        caller = authenticate_key(context.store, account, read_key(request))
        check_role(caller, ROLES)
        token = generate_token(context.store, account, caller.key_id, at=context.clock())
        return Reply({"token": token, "message": ""})

    def write_error(self, error: RingfenceError) -> Reply:
        """Return the contract's text for `error`; two of them have the shape of A and B."""
        text = text_of(error, TOKEN_TEXTS)
        plain = isinstance(error, LimitReached | Unavailable)
        return text.reply() if plain else text.gateway_reply()
