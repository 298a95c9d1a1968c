"""Stores that cannot answer, or are not to be written to."""

from ringfence.errors.base import RingfenceError
from ringfence.errors.records import Conflict


class BackupExists(Conflict):
    """A backup never overwrites a file."""

    code = "backup_exists"
    sentence = "there is something at {path} already; a backup overwrites nothing"


class StoreNotEmpty(Conflict):
    """A store is copied into an empty one only, so that two are never mixed."""

    code = "store_not_empty"
    sentence = "the store to copy into holds accounts already; it has to be new or empty"


class Unavailable(RingfenceError):
    """The store cannot answer now; nothing was changed; trying again later is right."""

    code = "unavailable"
    sentence = "the store cannot answer now: {reason}"


class TooManyFiles(Unavailable):
    """As many files as there are places for are being worked on; soon there is a place again."""

    code = "too_many_files"
    sentence = "too many files are being worked on; try again in a while"


class StoreMissing(Unavailable):
    """There is no store at this address."""

    code = "store_missing"
    sentence = "there is no store at {url}; make one with: ringfence db upgrade --database {url}"


class StoreTooNew(Unavailable):
    """A newer Ringfence wrote this store."""

    code = "store_too_new"
    sentence = (
        "the store is at schema {found} and this Ringfence knows schemas up to {known}: "
        "run the newer Ringfence that upgraded it"
    )


class StoreTooOld(Unavailable):
    """An older Ringfence wrote this store, and nobody asked for an upgrade."""

    code = "store_too_old"
    sentence = (
        "the store is at schema {found} and this Ringfence needs {known}; "
        "run: ringfence db upgrade --database {url}"
    )


class CopyFailed(Unavailable):
    """A table did not arrive as it left; the target keeps nothing of the copy."""

    code = "copy_failed"
    sentence = "table {name} could not be copied, and nothing was kept: {reason}"


class BackupFailed(Unavailable):
    """A backup cannot be written or read."""

    code = "backup_failed"
    sentence = "backup {path}: {reason}"
