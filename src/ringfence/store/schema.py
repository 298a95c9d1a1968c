"""Which schema a store has, and how it gets to the one this Ringfence needs.

A migration is a numbered file, `NNNN_pre_what.sql` or `NNNN_post_what.sql`: *pre* suits the code
that runs before it and the code after it, *post* only the latter. Each is applied once, in order,
with the row that says so; all that a store lacks in one transaction. `{words}` in a file are what
its database writes differently.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources

from ringfence.errors import StoreTooNew, StoreTooOld, Unavailable
from ringfence.store.database import Transaction
from ringfence.store.times import to_ms

_FILE = re.compile(r"(?P<version>[0-9]{4})_(?P<step>pre|post)_[a-z0-9_]+\.sql")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one database writes differently.

    `begin_exclusively` starts a transaction that keeps other upgrades out, `tables` lists the
    names of the tables there are, `words` fill the `{words}` of the migrations.
    """

    begin_exclusively: str
    tables: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema."""

    version: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """Return every migration, in the order in which they are applied."""
    files = (resources.files("ringfence.store") / "migrations").iterdir()
    found = [(_FILE.fullmatch(file.name), file) for file in files]
    steps = [Migration(int(m["version"]), f.name, f.read_text("utf-8")) for m, f in found if m]
    return sorted(steps, key=lambda step: step.version)


def newest_version() -> int:
    """Return the number of the schema that this Ringfence needs."""
    return migrations()[-1].version


def version_of(transaction: Transaction, dialect: Dialect) -> int:
    """Return the number of the last migration that the store has seen, 0 for none."""
    if ("schema_migration",) not in transaction.all(dialect.tables):
        return 0
    return _newest_applied(transaction)


def _newest_applied(transaction: Transaction) -> int:
    row = transaction.one("select max(version) from schema_migration")
    return 0 if row is None or row[0] is None else int(row[0])


def check_ours(transaction: Transaction, dialect: Dialect) -> None:
    """Raise Unavailable for a database that holds the tables of another program."""
    tables = transaction.all(dialect.tables)
    if tables and ("schema_migration",) not in tables:
        raise Unavailable(reason="this database belongs to another program")


def prepare(transaction: Transaction, dialect: Dialect, *, upgrade: bool) -> None:
    """Bring the store to the newest schema if `upgrade`, else make sure that it is there.

    Raises StoreTooNew for a store of a newer Ringfence, StoreTooOld for an older one that may
    not be upgraded. A store that is up to date is only read.
    """
    missing = _missing(transaction, dialect)
    if not missing:
        return
    if not upgrade:
        found = version_of(transaction, dialect)
        raise StoreTooOld(found=found, known=missing[-1].version, url="URL")
    _upgrade(transaction, dialect)


def check_suits(transaction: Transaction) -> None:
    """Raise StoreTooOld or StoreTooNew unless the store's schema is one for this version."""
    _check_not_too_new(transaction)
    found, known = _newest_applied(transaction), newest_version()
    if found < known:
        raise StoreTooOld(found=found, known=known, url="URL")


def check_same(transaction: Transaction) -> None:
    """Raise StoreTooOld or StoreTooNew unless the store has exactly the schema known here."""
    found, known = _newest_applied(transaction), newest_version()
    if found > known:
        raise StoreTooNew(found=found, known=known)
    if found < known:
        raise StoreTooOld(found=found, known=known, url="URL")


def _check_not_too_new(transaction: Transaction) -> None:
    """Raise StoreTooNew where a migration that is not known here asks for newer code.

    One whose step is *pre* suits this version too: so machines on one store can be upgraded one
    after the other, and those that still wait go on.
    """
    known = newest_version()
    rows = transaction.all("select version, name from schema_migration where version > ?", (known,))
    asking = [version for version, name in rows if not _is_pre(name)]
    if asking:
        raise StoreTooNew(found=max(asking), known=known)


def _is_pre(name: str) -> bool:
    found = _FILE.fullmatch(name)
    return found is not None and found["step"] == "pre"


def _upgrade(transaction: Transaction, dialect: Dialect) -> None:
    """Apply what is missing, holding the write lock: two processes may start at once."""
    transaction.run(dialect.begin_exclusively)
    try:
        for step in _missing(transaction, dialect):
            _apply(transaction, step, dialect)
    except BaseException:
        transaction.run("rollback")
        raise
    transaction.run("commit")


def _missing(transaction: Transaction, dialect: Dialect) -> list[Migration]:
    found = version_of(transaction, dialect)
    if found:
        _check_not_too_new(transaction)
    return [step for step in migrations() if step.version > found]


def _apply(transaction: Transaction, step: Migration, dialect: Dialect) -> None:
    transaction.run(step.sql.format_map(dialect.words))
    transaction.run(
        "insert into schema_migration (version, name, applied_at) values (?, ?, ?)",
        (step.version, step.name, to_ms(datetime.now(UTC))),
    )
