"""A SQLite file at rest: what a backup is written into and restored from.

SQLite notices where a file's structure is broken, not where a digit of a number has become
another. So a backup is sealed by a checksum of all its bytes, in four that SQLite leaves to the
application (application_id, https://sqlite.org/fileformat.html). A file that is opened as a store
is no longer sealed: `SqliteStore` puts a zero there.
"""

from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import apsw

from ringfence.errors import BackupFailed
from ringfence.store import schema
from ringfence.store.database import T
from ringfence.store.sqlite.connection import DIALECT, SqliteTransaction

JOURNALS = ("-journal", "-wal", "-shm")
"""What SQLite may put beside a file, by the ends of the names."""

_SEAL = slice(68, 72)
_CHUNK = 1024 * 1024
_IMMUTABLE = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def seal(path: Path) -> None:
    """Make a closed store one file that needs no other beside it, and put its checksum into it.

    A store in WAL mode could not be opened where its folder is read-only. Raises apsw.Error.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        mode = connection.execute("pragma journal_mode = delete").fetchone()
        assert mode == ("delete",), f"another process has {path} open"
    finally:
        connection.close()
    with path.open("r+b") as file:
        checksum = _checksum(path)
        file.seek(_SEAL.start)
        file.write(checksum.to_bytes(4))


def _checksum(path: Path) -> int:
    """Return a checksum of a file but for the four bytes it stands in; never 0, for no seal."""
    with path.open("rb") as file:
        start = bytearray(file.read(_CHUNK))
        start[_SEAL] = bytes(4)
        checksum = crc32(start)
        while chunk := file.read(_CHUNK):
            checksum = crc32(chunk, checksum)
    return checksum or 1


class BackupFile:
    """A backup, opened so that neither it nor its folder is ever written to.

    SQLite takes no lock and looks for no journal: the file must not change meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        uri = f"{path.absolute().as_uri()}?immutable=1"
        self._connection = apsw.Connection(uri, flags=_IMMUTABLE)

    def read(self, work: Callable[[SqliteTransaction], T]) -> T:
        """Return what `work` makes of the backup. Raises BackupFailed where it is damaged."""
        try:
            return work(SqliteTransaction(self._connection))
        except apsw.Error as error:
            raise BackupFailed(path=self._path, reason=str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def open_backup(path: Path) -> BackupFile:
    """Open a backup of this Ringfence's schema for reading, once it was found undamaged.

    Raises BackupFailed for what is missing, damaged, no backup, or of another schema.
    """
    _check_at_rest(path)
    try:
        backup = BackupFile(path)
    except apsw.Error as error:
        raise BackupFailed(path=path, reason=str(error)) from error
    try:
        backup.read(lambda tx: _check(path, tx))
    except BaseException:
        backup.close()
        raise
    return backup


def _check_at_rest(path: Path) -> None:
    if not path.is_file():
        raise BackupFailed(path=path, reason="there is no such file")
    # Opened as it is, a store in use would show what it was before its latest changes.
    if any(_has_content(Path(f"{path}{end}")) for end in ("-journal", "-wal")):
        reason = "it is a store in use, not a backup; copy it with: ringfence db copy"
        raise BackupFailed(path=path, reason=reason)


def _has_content(journal: Path) -> bool:
    return journal.exists() and journal.stat().st_size > 0


def _check(path: Path, tx: SqliteTransaction) -> None:
    found, known = schema.version_of(tx, DIALECT), schema.newest_version()
    if found == 0:
        raise BackupFailed(path=path, reason="it is no backup of a Ringfence store")
    if found != known:
        raise BackupFailed(path=path, reason=_way_to(known, found, path))
    _check_seal(path, tx)
    for pragma, sound in (("integrity_check(1)", ("ok",)), ("foreign_key_check", None)):
        if (row := tx.one(f"pragma {pragma}")) != sound:
            damage = " ".join(str(row[0] if row else row).split())
            raise BackupFailed(path=path, reason=f"it is damaged: {damage}")


def _check_seal(path: Path, tx: SqliteTransaction) -> None:
    seal = (tx.one("pragma application_id") or (0,))[0] % 2**32
    if seal not in {0, _checksum(path)}:
        raise BackupFailed(path=path, reason="it is damaged, or was changed: its checksum is wrong")


def _way_to(known: int, found: int, path: Path) -> str:
    if found > known:
        return (
            f"it is at schema {found} and this Ringfence knows schemas up to {known}: "
            "restore it with the newer Ringfence that made it"
        )
    return (
        f"it is at schema {found} and this Ringfence needs {known}; upgrade a copy and restore "
        f"that: cp {path} COPY, ringfence db upgrade --database sqlite:///COPY"
    )
