"""The file's mark: a number that changes with whatever changes decisions.

It is SQLite's `user_version` (https://sqlite.org/pragma.html#pragma_user_version), in the file's
first page; the schema has its version in a table of its own.
"""

import apsw

_HIGHEST = 0x7FFFFFFF


def read_mark(connection: apsw.Connection) -> int:
    """Return the mark of the state that the connection reads, or of the last one."""
    mark: int = connection.execute("pragma user_version").get
    return mark


def change_mark(connection: apsw.Connection) -> None:
    """Change the mark, in the transaction that changes what it stands for."""
    mark = (read_mark(connection) + 1) & _HIGHEST
    # No two are alike, so that none is worth a place among the statements to be used again.
    connection.execute(f"pragma user_version = {mark:d}", can_cache=False)


def read_version(connection: apsw.Connection) -> int:
    """Return a number that changes with every commit of another connection to the file."""
    version: int = connection.execute("pragma data_version").get
    return version
