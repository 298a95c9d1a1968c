"""Tokens: giving one out for a key, and telling who calls with one.

A token is a JWT (RFC 7519) that says whose it is and until when. It is signed with a secret that
the store keeps, and counts while it is the newest of its account and its key is not revoked.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

import jwt

from ringfence.core.credentials import authenticate
from ringfence.errors import (
    AccountNotFound,
    ApiKeyMissing,
    NotAuthenticated,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    UserNameMissing,
)
from ringfence.model.accounts import Account, ApiAuthentication, Caller, Role, is_user_name
from ringfence.store import Store, Transaction, accounts, tokens

LIFE = timedelta(minutes=60)
LIMIT = 10
"""How many tokens an account is given within LIMIT_WITHIN."""

LIMIT_WITHIN = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of two processes may be apart; a token from beyond counts for nothing."""


_ISSUER = "ringfence"
_ALGORITHM = "HS256"
_RANDOM_BYTES = 32
# The time is told by the caller, as everywhere in core, so the library does not look at a clock.
_RULES: Any = {
    "require": ["iss", "sub", "iat", "exp", "jti"],
    **dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud"), False),
}


def authenticate_by_setting(
    store: Store, user_name: str | None, key: str | None, token: str | None, *, at: datetime
) -> Caller:
    """Return who calls, by what the account's `api_authentication` asks for; the rest is ignored.

    Raises UserNameMissing, then NotAuthenticated for an unknown user name, then ApiKeyMissing or
    NotAuthenticated, or what `authenticate_token` raises.
    """
    account = find_account(store, user_name)
    if account.api_authentication is ApiAuthentication.TOKEN:
        return authenticate_token(store, account, token, at=at)
    return authenticate_key(store, account, key)


def authenticate_key(store: Store, account: Account, key: str | None) -> Caller:
    """Return who calls with this key. Raises ApiKeyMissing, NotAuthenticated."""
    if not key:
        raise ApiKeyMissing(user_name=account.user_name)
    return authenticate(store, account.user_name, key)


def find_account(store: Store, user_name: str | None) -> Account:
    """Return the account of whoever calls, not proven yet.

    Raises UserNameMissing, and NotAuthenticated for a user name that is nobody's.
    """
    if not user_name:
        raise UserNameMissing
    if not is_user_name(user_name):
        raise NotAuthenticated(user_name=user_name)
    try:
        return store.read(lambda tx: accounts.select_account(tx, user_name))
    except AccountNotFound as error:
        raise NotAuthenticated(user_name=user_name) from error


def generate_token(store: Store, account: Account, key_id: int, *, at: datetime) -> str:
    """Make a token for whoever proved the key `key_id`; it ends the ones before.

    Raises TokenLimitReached, which ends none.
    """
    jti = secrets.token_urlsafe(_RANDOM_BYTES)
    candidate = secrets.token_hex(_RANDOM_BYTES)
    within = tokens.Period(at - LIMIT_WITHIN, at + CLOCK_SKEW)

    def generate(tx: Transaction) -> str:
        tokens.check_token_limit(tx, account.account_id, LIMIT, within)
        tokens.insert_token(tx, account.account_id, jti, key_id, within, at)
        return tokens.select_signing_secret(tx, candidate, at)

    return _write_token(store.write(generate), account.user_name, jti, at)


def authenticate_token(
    store: Store, account: Account, token: str | None, *, at: datetime
) -> Caller:
    """Return who calls with this token. Raises TokenMissing, TokenInvalid, TokenExpired."""
    facts = {"user_name": account.user_name}
    if not token:
        raise TokenMissing(**facts)
    within = tokens.Period(at - LIFE, at + CLOCK_SKEW)
    live = store.read(lambda tx: tokens.select_live_token(tx, account.account_id, within))
    claims = None if live is None else _read_token(live.secret, token)
    if live is None or claims is None or claims["sub"] != account.user_name:
        raise TokenInvalid(**facts)
    is_live = hmac.compare_digest(claims["jti"].encode(), (live.jti or "").encode())
    if live.key_id is None or not is_live or at.timestamp() >= claims["exp"]:
        raise TokenExpired(**facts)
    return Caller(account, live.key_id, Role(live.role or ""))


def _write_token(secret: str, user_name: str, jti: str, at: datetime) -> str:
    issued_s = int(at.timestamp())
    life_s = int(LIFE.total_seconds())
    claims = {"iss": _ISSUER, "sub": user_name, "iat": issued_s, "exp": issued_s + life_s}
    return jwt.encode({**claims, "jti": jti}, bytes.fromhex(secret), algorithm=_ALGORITHM)


def _read_token(secret: str, token: str) -> dict[str, Any] | None:
    """Return what a token says, or None for one that was not signed with `secret`.

    The header is read before the signature is checked, so it may be anything: nested without end,
    or numbers without end.
    """
    try:
        return jwt.decode(
            token, bytes.fromhex(secret), algorithms=[_ALGORITHM], issuer=_ISSUER, options=_RULES
        )
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
