"""Database URLs as a person may see them."""

import re

from ringfence.errors import InputCode, InvalidInput, Problem

_AUTHORITY = re.compile(r"[a-z]+://([^/?#]*)", re.IGNORECASE)
_SECRETS = (
    # From the colon after the user name to the last @, for either may hold any sign.
    re.compile(r"(^[a-z]+:(?://)?[^:]*:|://[^:]*:).*(?=@)", re.DOTALL | re.IGNORECASE),
    # Where the host was forgotten: what follows the colon is no port.
    re.compile(r"(^postgres[a-z]*://[^:@/\[\]]*:)(?![0-9]*(?:[,/?#]|$))[^@/?#]+", re.IGNORECASE),
    re.compile(r"(password\s*=\s*)('[^']*'|[^\s&]+)", re.IGNORECASE),
)


def describe_url(url: str) -> str:
    """Return `url` for a person to read: without its password, however badly it is written."""
    for secret in _SECRETS:
        url = secret.sub(r"\1…", url)
    return url


def has_stray_at(url: str) -> bool:
    """Whether a password holds an @ as it is: what follows it would be taken for the host."""
    found = _AUTHORITY.match(url)
    return found is not None and found[1].count("@") > 1


def refused_url(url: str) -> InvalidInput:
    """Return the error for a URL that names no store, which says what would."""
    rule = (
        f"{describe_url(url)} is not a database URL: use sqlite:///relative.db, "
        "sqlite:////absolute.db or postgresql://user@host/name"
    )
    if has_stray_at(url):
        rule += "; an @ in a password is written as %40"
    return InvalidInput(Problem(InputCode.SETTING_INVALID, "database", rule))
