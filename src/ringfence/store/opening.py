"""From a database URL to an open store."""

from pathlib import Path

from ringfence.store.database import Store
from ringfence.store.postgres_opening import open_postgres
from ringfence.store.sqlite import open_sqlite
from ringfence.store.urls import refused_url

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


def open_store(
    url: str,
    *,
    create: bool = False,
    busy_timeout_s: float = 5.0,
    postgres_timeout_s: float = 2.0,
    postgres_connections: int = 10,
) -> Store:
    """Open the store at `url`.

    sqlite:///relative.db and sqlite:////absolute.db name a file, postgresql://user@host/name a
    database, also one of several hosts. `busy_timeout_s` is for the former; for the latter
    `postgres_timeout_s` bounds a request, retries included, and `postgres_connections` the pool.

    With `create`, a missing store is made and an older one upgraded. Without it, a missing store
    raises StoreMissing. A store that a newer Ringfence wrote raises StoreTooNew; a URL of another
    kind raises InvalidInput; a database that cannot be opened raises Unavailable.
    """
    if url.startswith(_POSTGRES):
        return open_postgres(
            url, create=create, connections=postgres_connections, timeout_s=postgres_timeout_s
        )
    path = _sqlite_path(url)
    return open_sqlite(path, url=url, create=create, busy_timeout_s=busy_timeout_s)


def _sqlite_path(url: str) -> Path:
    if not url.startswith(_SQLITE) or len(url) == len(_SQLITE):
        raise refused_url(url)
    return Path(url.removeprefix(_SQLITE))
