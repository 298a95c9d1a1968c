"""From a database URL to an open store."""

import re
from pathlib import Path

from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.store.database import Store
from ringfence.store.sqlite import open_sqlite

_SQLITE = "sqlite:///"
_SECRETS = (
    # From the colon after the user name to the last @, for either may hold any sign.
    re.compile(r"(://[^:]*:).*(?=@)", re.DOTALL),
    re.compile(r"(password\s*=\s*)('[^']*'|[^\s&]+)", re.IGNORECASE),
)


def open_store(url: str, *, create: bool = False, busy_timeout_s: float = 5.0) -> Store:
    """Open the store at `url`: sqlite:///relative.db or sqlite:////absolute.db.

    With `create`, a missing store is made and an older one upgraded. Without it, a missing store
    raises StoreMissing. A store that a newer Ringfence wrote raises StoreTooNew; a URL of another
    kind raises InvalidInput; a database that cannot be opened raises Unavailable.
    """
    path = _sqlite_path(url)
    return open_sqlite(path, url=url, create=create, busy_timeout_s=busy_timeout_s)


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
