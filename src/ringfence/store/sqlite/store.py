"""The embedded store: SQLite in WAL mode through apsw, its own current SQLite inside.

The standard library's module is not used, here or in the same process: Debian's SQLite still has
the WAL-reset bug (https://sqlite.org/wal.html#walresetbug), and two SQLite libraries on one file
in one process break its locks (https://sqlite.org/howtocorrupt.html, section 2.2.1).
"""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import apsw

from ringfence.errors import StoreMissing, Unavailable
from ringfence.store import schema
from ringfence.store.database import Job, StoreFacts, T
from ringfence.store.sqlite.aside import AsideThreads
from ringfence.store.sqlite.connection import DIALECT, SqliteTransaction
from ringfence.store.sqlite.group_commit import GroupCommit
from ringfence.store.sqlite.nearby import SqliteNearby

UNAVAILABLE = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.ConnectionClosedError,
    apsw.CorruptError,
    apsw.FullError,
    apsw.IOError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.NotADBError,
    apsw.PermissionsError,
    apsw.ProtocolError,
    apsw.ReadOnlyError,
)
_SETTINGS = (
    "pragma synchronous = full",
    # Where fsync alone does not reach the drive (macOS), this does.
    "pragma fullfsync = on",
    "pragma checkpoint_fullfsync = on",
    "pragma foreign_keys = on",
    "pragma temp_store = memory",
    "pragma journal_size_limit = 67108864",
)
_READER_SETTINGS = (*_SETTINGS, "pragma cache_size = -4096", "pragma query_only = on")
# New numbers fall everywhere in the indexes, so the writer wants them in memory: 128 MB hold a
# million.
_WRITER_SETTINGS = (*_SETTINGS, "pragma cache_size = -131072")
_BUSY_PAUSE_S = 0.01


class SqliteStore:
    """One SQLite file: a writer thread of its own, and a read connection for every thread.

    With `any_schema` it may be an older or a newer store, which is only to be looked at.
    """

    def __init__(
        self, path: Path, *, upgrade: bool, any_schema: bool = False, busy_timeout_s: float
    ) -> None:
        # Absolute, for SQLite takes some bare names (:memory:) for no file at all.
        self._path = path.absolute()
        self._wal = Path(f"{self._path}-wal")
        self._busy_timeout_s = busy_timeout_s
        self._readers = threading.local()
        self._opened: list[apsw.Connection] = []
        self._opening = threading.Lock()
        self._closed = False
        self._writing = SqliteTransaction(self._connect(_WRITER_SETTINGS))
        try:
            schema.check_ours(self._writing, DIALECT)
            if not any_schema:
                _use_wal(self._writing.connection, busy_timeout_s)
                _unseal(self._writing.connection)
                schema.prepare(self._writing, DIALECT, upgrade=upgrade)
        except BaseException:
            self._disconnect()
            raise
        self._aside = AsideThreads()
        self._writer = GroupCommit(self._writing.connection, self._end_reading)

    @property
    def url(self) -> str:
        """Where another process finds the same store."""
        return f"sqlite:///{self._path}"

    @property
    def file(self) -> Path:
        """The file that is the store; a log may be beside it."""
        return self._path

    def read(self, work: Callable[[SqliteTransaction], T]) -> T:
        """Return what `work` makes of one consistent state."""
        try:
            transaction = self._reader()
            if not transaction.connection.in_transaction:
                transaction.connection.execute("begin")
            try:
                return work(transaction)
            finally:
                # The jobs of one batch read one state: to begin is a third of what a key costs.
                if not self._writer.is_current():
                    self._end_reading()
        except UNAVAILABLE as error:
            raise Unavailable(reason=str(error)) from error

    def read_at_length(self, work: Callable[[SqliteTransaction], T]) -> T:
        """Return what `read` does: no read has an end to keep to here."""
        return self.read(work)

    def write(self, work: Callable[[SqliteTransaction], T], *, decides: bool = True) -> T:
        """Return what `work` returned, once its changes are on the disk."""
        try:
            with self._aside.waiting():
                return self._writer.write(partial(work, self._writing), decides=decides)
        except UNAVAILABLE as error:
            raise Unavailable(reason=str(error)) from error

    def nearby(self, mmap_bytes: int = 0) -> SqliteNearby:
        """Return a reader for the event loop, with connections of its own.

        It maps that much of the file: of a large store it would ask the system for nearly every
        page. No other connection does (docs/decisions/0011-a-held-state.md).
        """
        mapped = f"pragma mmap_size = {mmap_bytes:d}"
        try:
            reader = self._connect((*_READER_SETTINGS, mapped))
            beside = self._connect(_READER_SETTINGS)
        except UNAVAILABLE as error:
            raise Unavailable(reason=str(error)) from error
        return SqliteNearby(reader, beside, self._writer, UNAVAILABLE)

    def perform(self, jobs: Sequence[Job]) -> None:
        """Run `jobs` in the writer thread; see the contract of Store."""
        self._writer.perform(jobs)

    def perform_aside(self, jobs: Sequence[Job]) -> None:
        """Run each of `jobs` in a thread beside the writer's."""
        self._aside.perform(jobs)

    def give_way(self, timeout_s: float) -> None:
        """Wait while the writer thread runs jobs, at most so long."""
        self._writer.give_way(timeout_s)

    def describe(self) -> StoreFacts:
        """Return what the store is, whichever schema it has."""
        version, names = self.read(
            lambda tx: (schema.version_of(tx, DIALECT), tx.all(DIALECT.tables))
        )
        size = sum(path.stat().st_size for path in (self._path, self._wal) if path.exists())
        tables = [name for (name,) in names]
        return StoreFacts("SQLite", apsw.sqlite_lib_version(), version, tables, size)

    def stats(self) -> Mapping[str, int]:
        """Return how busy the writer thread is; see GroupCommit."""
        return self._writer.stats()

    def close(self) -> None:
        """Commit what was accepted, then close every connection."""
        self._aside.close()
        self._writer.close()
        self._disconnect()

    def _end_reading(self) -> None:
        transaction: SqliteTransaction | None = getattr(self._readers, "transaction", None)
        if transaction is not None and transaction.connection.in_transaction:
            transaction.connection.execute("rollback")

    def _reader(self) -> SqliteTransaction:
        transaction: SqliteTransaction | None = getattr(self._readers, "transaction", None)
        if transaction is None:
            transaction = SqliteTransaction(self._connect(_READER_SETTINGS))
            self._readers.transaction = transaction
        return transaction

    def _connect(self, settings: Sequence[str]) -> apsw.Connection:
        with self._opening:
            if self._closed:
                raise Unavailable(reason="it is closed")
            connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
            self._opened.append(connection)
        connection.set_busy_timeout(int(self._busy_timeout_s * 1000))
        for setting in settings:
            connection.execute(setting)
        return connection

    def _disconnect(self) -> None:
        with self._opening:
            self._closed = True
            for connection in self._opened:
                connection.close()
            self._opened.clear()


def open_sqlite(
    path: Path, *, url: str, create: bool, any_schema: bool, busy_timeout_s: float
) -> SqliteStore:
    """Open the file at `path`; see `open_store` for the options and what is raised."""
    if not path.is_file():
        if not create:
            raise StoreMissing(url=url)
        _create_file(path)
    try:
        return SqliteStore(
            path, upgrade=create, any_schema=any_schema, busy_timeout_s=busy_timeout_s
        )
    except UNAVAILABLE as error:
        raise Unavailable(reason=f"{path}: {error}") from error


def _create_file(path: Path) -> None:
    """Make an empty file that only its owner reads; SQLite gives its journal the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        _give_to_owner_of(path.parent, path)
    except OSError as error:
        raise Unavailable(reason=f"{path} cannot be made: {error.strerror}") from error


def _give_to_owner_of(folder: Path, path: Path) -> None:
    """Let whoever owns the folder use the store: a service does not run as the root who made it.

    What SQLite puts beside the file it gives to the file's owner by itself.
    """
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _use_wal(connection: apsw.Connection, timeout_s: float) -> None:
    """Switch the file to WAL, which it stays in.

    SQLite does not wait for another process that is making the same store: it says busy at once.
    """
    deadline = monotonic() + timeout_s
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
        except apsw.BusyError:
            if monotonic() > deadline:
                raise
            sleep(_BUSY_PAUSE_S)
        else:
            return


def _unseal(connection: apsw.Connection) -> None:
    """Let a backup that is opened as a store be one: its checksum ends (file.py)."""
    if connection.execute("pragma application_id").fetchone() != (0,):
        connection.execute("pragma application_id = 0")
