"""From a database URL to an open store."""

from pathlib import Path

from ringfence.errors import StoreTooOld
from ringfence.store.database import OpenStore
from ringfence.store.postgres.opening import open_postgres
from ringfence.store.sqlite.store import open_sqlite
from ringfence.store.urls import describe_url, refused_url

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


def open_store(
    url: str,
    *,
    create: bool = False,
    any_schema: bool = False,
    busy_timeout_s: float = 5.0,
    postgres_timeout_s: float = 2.0,
    postgres_connections: int = 10,
) -> OpenStore:
    """Open the store at `url`.

    sqlite:///relative.db and sqlite:////absolute.db name a file, postgresql://user@host/name a
    database, also one of several hosts. `busy_timeout_s` is for the former; for the latter
    `postgres_timeout_s` bounds a request, retries included, and `postgres_connections` the pool.

    With `create`, a missing store is made and an older one upgraded. Without it, a missing store
    raises StoreMissing and an older one StoreTooOld. A store that a newer Ringfence wrote raises
    StoreTooNew. With `any_schema` neither is raised, and the store is only to be looked at. A URL
    of another kind raises InvalidInput; a database that cannot be opened raises Unavailable.
    """
    try:
        if url.startswith(_POSTGRES):
            return open_postgres(
                url,
                create=create,
                any_schema=any_schema,
                connections=postgres_connections,
                timeout_s=postgres_timeout_s,
            )
        return open_sqlite(
            _sqlite_path(url),
            url=url,
            create=create,
            any_schema=any_schema,
            busy_timeout_s=busy_timeout_s,
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
        raise refused_url(url)
    return Path(url.removeprefix(_SQLITE))
