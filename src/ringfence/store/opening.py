"""From a database URL to an open store."""

import re
from pathlib import Path

from ringfence.errors import InputCode, InvalidInput, Problem, StoreTooOld
from ringfence.store.database import Store
from ringfence.store.sqlite import open_sqlite

_SQLITE = "sqlite:///"
_SECRETS = (
    # From the colon after the user name to the last @, for either may hold any sign.
    re.compile(r"(://[^:]*:).*(?=@)", re.DOTALL),
    re.compile(r"(password\s*=\s*)('[^']*'|[^\s&]+)", re.IGNORECASE),
)


def open_store(
    url: str, *, create: bool = False, any_schema: bool = False, busy_timeout_s: float = 5.0
) -> Store:
    """Open the store at `url`: sqlite:///relative.db or sqlite:////absolute.db.

    With `create`, a missing store is made and an older one upgraded. Without it, a missing store
    raises StoreMissing and an older one StoreTooOld. A store that a newer Ringfence wrote raises
    StoreTooNew. With `any_schema` neither is raised, and the store is only to be looked at. A URL
    of another kind raises InvalidInput; a database that cannot be opened raises Unavailable.
    """
    path = _sqlite_path(url)
    try:
        return open_sqlite(
            path, url=url, create=create, any_schema=any_schema, busy_timeout_s=busy_timeout_s
        )
    except StoreTooOld as error:
        raise StoreTooOld(**{**error.facts, "url": describe_url(url)}) from None


def is_same_store(one: str, other: str) -> bool:
    """Whether two URLs lead to one store, as far as can be told without asking a server."""
    if one == other or not (one.startswith(_SQLITE) and other.startswith(_SQLITE)):
        return one == other
    return _sqlite_path(one).resolve() == _sqlite_path(other).resolve()


def _sqlite_path(url: str) -> Path:
    if not url.startswith(_SQLITE) or len(url) == len(_SQLITE):
        rule = (
            f"{describe_url(url)} is not a database URL that this version can open: "
            "use sqlite:///relative.db or sqlite:////absolute.db"
        )
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "database", rule))
    return Path(url.removeprefix(_SQLITE))


def describe_url(url: str) -> str:
    """Return `url` for a person to read: without its password, however badly it is written."""
    for secret in _SECRETS:
        url = secret.sub(r"\1…", url)
    return url
