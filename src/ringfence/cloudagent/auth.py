"""Who calls, as the wire says it."""

import base64
import binascii

from ringfence.cloudagent.wire import WireRequest
from ringfence.model.accounts import Role

PHONE_ROLES = (Role.ADMIN,)
"""Whose keys may change phone numbers, as at /v1."""

ROLES = (Role.ADMIN, Role.SUPERVISOR)
"""Whose keys the wire lets in at all: nobody else may block, or end the account's token."""


def read_key(request: WireRequest) -> str | None:
    """Return the key of the header `apiKey`, or None where there is none."""
    return request.headers.get(b"apikey", b"").decode("latin-1").strip() or None


def read_bearer(request: WireRequest) -> str | None:
    """Return the token of the header `Authorization` (RFC 6750), or None where there is none."""
    scheme, _, token = request.headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def read_basic(request: WireRequest) -> tuple[str | None, str | None]:
    """Return user name and key of HTTP Basic (RFC 7617), or two None where there are none."""
    header = request.headers.get(b"authorization", b"").decode("latin-1")
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        decoded = base64.b64decode(credential.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None, None
    user_name, colon, key = decoded.partition(":")
    return (user_name, key) if colon else (None, None)
