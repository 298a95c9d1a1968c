"""Callers who are not let in, or not to that."""

from ringfence.errors.base import RingfenceError


class NotAuthenticated(RingfenceError):
    """The user name or the key is missing or wrong; never says which."""

    code = "not_authenticated"
    sentence = "the user name or the key is not valid"


class UserNameMissing(NotAuthenticated):
    """The caller does not say who it is."""

    code = "user_name_missing"
    sentence = "a user name is needed"


class ApiKeyMissing(NotAuthenticated):
    """The account lets in by a key, and none was sent."""

    code = "api_key_missing"
    sentence = "account {user_name} lets in by an API key, and none was sent"


class ApiKeyInvalid(NotAuthenticated):
    """A key alone says who calls, and it is missing or none that is live; never says which."""

    code = "api_key_invalid"
    sentence = "the API key is missing, or none that is live"


class TokenMissing(NotAuthenticated):
    """The account lets in by a token, and none was sent."""

    code = "token_missing"
    sentence = "account {user_name} lets in by a token, and none was sent"


class TokenInvalid(NotAuthenticated):
    """The token is none that this account was ever given."""

    code = "token_invalid"
    sentence = "the token is none that account {user_name} was given"


class TokenExpired(NotAuthenticated):
    """The account was given this token, but it has ended: by time, by a newer one, with its key."""

    code = "token_expired"
    sentence = "the token of account {user_name} has ended"


class NotAllowed(RingfenceError):
    """The key is right but its role may not do this."""

    code = "not_allowed"
    sentence = "a key of the role {role} may not do that"
