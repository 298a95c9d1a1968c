"""A store on PostgreSQL that is as if just made, for less than making it costs."""

import psycopg
from psycopg import errors

from ringfence.store import open_store
from tests.postgres.server import PostgresServer

EMPTY = "drop schema if exists public cascade; create schema public"

_FIRST_OF_OURS = 16_384
"""Objects with lower numbers are PostgreSQL's own."""

_LARGE = 1024 * 1024
"""Bytes of a table that is rather made anew: deleted rows stay in its file for a while."""

_STATE = f"""
select md5(string_agg(part, chr(10) order by part)) from (
  select (to_jsonb(c) - '{{relfrozenxid,relminmxid}}'::text[])::text
    from pg_class c where oid >= {_FIRST_OF_OURS}
  union all select a::text from pg_attribute a where attrelid >= {_FIRST_OF_OURS}
  union all select d::text from pg_depend d where objid >= {_FIRST_OF_OURS}
  union all select s::text from pg_statistic s where starelid >= {_FIRST_OF_OURS}
  union all select n::text from pg_namespace n where nspname = 'public'
  union all select m::text from schema_migration m
  union all select 'large' from pg_class
    where oid >= {_FIRST_OF_OURS} and pg_relation_size(oid) > {_LARGE}
) as parts (part)
"""
"""All that tells a schema from another: what there is, what it depends on, whose it is, and what
the planner was told of it."""

_TABLES = """
select quote_ident(tablename) from pg_tables
where schemaname = 'public' and tablename <> 'schema_migration'
"""

_SEQUENCES = "select quote_ident(sequencename) from pg_sequences where schemaname = 'public'"


class FreshStore:
    """The store of one database, which nobody uses while it is made fresh."""

    def __init__(self, server: PostgresServer, database: str) -> None:
        self._url = server.url(database)
        self._state = ""
        self._emptying = ""

    def make(self) -> None:
        """Leave a store of the newest schema with nothing in it.

        Its tables are emptied where they are still those that were made here; else it is made
        anew, so that a test may do to a schema whatever it wants.
        """
        with psycopg.connect(self._url, autocommit=True) as connection:
            if self._state and _state(connection) == self._state:
                connection.execute(self._emptying.encode())
            else:
                self._make_anew(connection)

    def _make_anew(self, connection: psycopg.Connection) -> None:
        connection.execute(EMPTY)
        open_store(self._url, create=True).close()
        # As a replica it takes the tables in any order: nothing watches over what refers to what.
        statements = ["set session_replication_role = replica"]
        statements += [f"delete from {name}" for (name,) in connection.execute(_TABLES)]
        statements += [
            f"alter sequence {name} restart" for (name,) in connection.execute(_SEQUENCES)
        ]
        self._emptying = "; ".join(statements)
        self._state = _state(connection)


def _state(connection: psycopg.Connection) -> str:
    try:
        row = connection.execute(_STATE.encode()).fetchone()
    except errors.UndefinedTable:
        return ""
    return str(row and row[0])
