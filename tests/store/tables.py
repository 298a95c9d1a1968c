"""Which tables there are, and which columns they have, as each database tells it."""

from ringfence.store import Transaction
from ringfence.store.sqlite.connection import SqliteTransaction


def tables(tx: Transaction) -> list[str]:
    """Return the names of the tables, in order."""
    if isinstance(tx, SqliteTransaction):
        found = tx.all("select name from sqlite_master where type = 'table'")
    else:
        found = tx.all("select tablename from pg_tables where schemaname = current_schema()")
    return sorted(row[0] for row in found)


def columns(tx: Transaction, table: str) -> list[str]:
    """Return the names of the columns of a table."""
    if isinstance(tx, SqliteTransaction):
        found = tx.all("select name from pragma_table_info(?)", (table,))
    else:
        found = tx.all(
            "select column_name from information_schema.columns "
            "where table_schema = current_schema() and table_name = ?",
            (table,),
        )
    return [row[0] for row in found]
