"""Backups: a store, on whichever database, in one SQLite file of its own.

One mechanism makes them all, `copy_store`, also from SQLite to SQLite: SQLite's own ways (its
online backup, VACUUM INTO) would be a second one to get wrong, and the one less tested.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp

from ringfence.errors import BackupExists, BackupFailed
from ringfence.store.copying import OnProgress, TableCount, copy_store
from ringfence.store.database import Readable
from ringfence.store.sqlite.file import JOURNALS, open_backup, seal
from ringfence.store.sqlite.store import UNAVAILABLE, SqliteStore

__all__ = ["back_up", "open_backup"]

_ALONE_S = 0.0
"""How long to wait for other users of a file that has none."""


def back_up(source: Readable, path: Path, on_progress: OnProgress) -> list[TableCount]:
    """Write all that `source` holds to a new file at `path`; return how many rows, by table.

    The file is there once it is whole and on the disk, not before; only its owner may read it.
    Raises BackupExists, BackupFailed, Unavailable.
    """
    with _partial(path) as partial:
        target = SqliteStore(partial, upgrade=True, busy_timeout_s=_ALONE_S)
        with closing(target):
            counts = copy_store(source, target, on_progress)
        _seal(partial, path)
        _publish(partial, path)
    return counts


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """Make an empty file beside `path` that only its owner reads, and remove it in the end."""
    if os.path.lexists(path):
        raise BackupExists(path=path)
    try:
        handle, name = mkstemp(prefix=f"{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise BackupFailed(path=path, reason=str(error.strerror)) from error
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for end in ("", *JOURNALS):
            Path(f"{name}{end}").unlink(missing_ok=True)


def _seal(partial: Path, path: Path) -> None:
    try:
        seal(partial)
    except UNAVAILABLE as error:
        raise BackupFailed(path=path, reason=str(error)) from error
    except OSError as error:
        raise BackupFailed(path=path, reason=str(error.strerror)) from error


def _publish(partial: Path, path: Path) -> None:
    """Give a file its name, durably, unless another file has it."""
    try:
        _sync(partial)
        _name(partial, path)
        _sync(path.parent)
    except FileExistsError as error:
        raise BackupExists(path=path) from error
    except OSError as error:
        raise BackupFailed(path=path, reason=str(error.strerror)) from error


def _name(partial: Path, path: Path) -> None:
    try:
        # Unlike a rename, a link never replaces a file that came into being meanwhile.
        path.hardlink_to(partial)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no links.
        if os.path.lexists(path):
            raise FileExistsError from None
        partial.rename(path)


def _sync(path: Path) -> None:
    """Have what is in a file or a folder on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
