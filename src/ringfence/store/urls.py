"""Database URLs as a person may see them."""

import re

from ringfence.errors import InputCode, InvalidInput, Problem

_SECRETS = (
    # From the colon after the user name to the last @, for either may hold any sign.
    re.compile(r"(://[^:]*:).*(?=@)", re.DOTALL),
    re.compile(r"(password\s*=\s*)('[^']*'|[^\s&]+)", re.IGNORECASE),
)


def describe_url(url: str) -> str:
    """Return `url` for a person to read: without its password, however badly it is written."""
    for secret in _SECRETS:
        url = secret.sub(r"\1…", url)
    return url


def refused_url(url: str) -> InvalidInput:
    """Return the error for a URL that names no store, which says what would."""
    rule = (
        f"{describe_url(url)} is not a database URL: use sqlite:///relative.db, "
        "sqlite:////absolute.db or postgresql://user@host/name"
    )
    return InvalidInput(Problem(InputCode.SETTING_INVALID, "database", rule))
