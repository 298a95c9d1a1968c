"""Clearing away what nobody sees any more, in steps that hold nobody up for long."""

from datetime import datetime, timedelta

from ringfence.core.kept_answers import KEPT_FOR
from ringfence.core.old_activity import clear_old_activity, has_old_activity
from ringfence.model.imports import ImportState
from ringfence.store import Store, Transaction, housekeeping, imports
from ringfence.store.housekeeping import SpentImport

MAX_ENTRIES = 5_000
"""How many entries of a deleted group go in one step."""

MAX_ANSWERS = 100
"""How many kept answers go in one step."""

MAX_CHUNKS = 20
"""How many chunks of an import go in one step."""

MAX_PARTS = 20
"""How many parts of a file of failed rows go in one step."""

READING_LEFT = timedelta(hours=1)
"""How long after its last sign of life nobody reads a file any more."""

PREVIEW_KEPT = timedelta(days=7)
"""How long an import that is not applied can be, and how long one tells which rows failed after it
was taken back."""


def tidy(store: Store, *, at: datetime) -> bool:
    """Clear away one bounded part of what is left over; return whether there is more to do.

    The entries of deleted groups, then the groups; answers that were kept for a day; what became
    of calls, as long ago as the account keeps it; rows of imports that nobody will apply. The
    failed rows of an import that was taken back, or given up, stay until PREVIEW_KEPT after its
    last step, for whoever wants to correct them.
    """
    if not store.read(lambda tx: _has_work(tx, at)):
        return False

    def clear(tx: Transaction) -> bool:
        # One of them: whoever holds the lock of one account waits for that of no other.
        if not _clear_group(tx) and not _clear_import(tx, at):
            _clear_failures(tx, at)
        housekeeping.delete_old_answers(tx, at - KEPT_FOR, MAX_ANSWERS)
        clear_old_activity(tx, at)
        return _has_work(tx, at)

    return store.write(clear)


def _has_work(tx: Transaction, at: datetime) -> bool:
    return (
        housekeeping.select_deleted_group(tx) is not None
        or housekeeping.has_old_answers(tx, at - KEPT_FOR)
        or _spent_import(tx, at) is not None
        or housekeeping.select_old_failures(tx, at - PREVIEW_KEPT) is not None
        or has_old_activity(tx, at)
    )


def _clear_group(tx: Transaction) -> bool:
    deleted = housekeeping.select_deleted_group(tx)
    if deleted is None:
        return False
    account_id, block_group_id = deleted
    tx.lock_account(account_id)
    cleared = housekeeping.delete_some_entries(tx, account_id, block_group_id, MAX_ENTRIES)
    if cleared < MAX_ENTRIES:
        housekeeping.delete_empty_group(tx, account_id, block_group_id)
    return True


def _spent_import(tx: Transaction, at: datetime) -> SpentImport | None:
    return housekeeping.select_spent_import(tx, at - READING_LEFT, at - PREVIEW_KEPT)


def _clear_import(tx: Transaction, at: datetime) -> bool:
    found = _spent_import(tx, at)
    if found is None:
        return False
    tx.lock_account(found.account_id)
    # Asked again behind the lock: somebody may have applied it meanwhile.
    if _spent_import(tx, at) == found:
        _clear_spent(tx, found)
    return True


def _clear_spent(tx: Transaction, spent: SpentImport) -> None:
    account_id, import_id, state = spent
    if state is ImportState.PREVIEWED:
        housekeeping.expire_preview(tx, account_id, import_id)
        return
    # Who reads it after all, and finds out too late, would keep an import without its rows; and
    # who was done with it meanwhile, for that takes no lock, has told of it.
    if state is ImportState.READING and not imports.give_reading_up(tx, account_id, import_id):
        return
    cleared = housekeeping.delete_some_chunks(tx, account_id, import_id, MAX_CHUNKS)
    if cleared == MAX_CHUNKS:
        return
    if state is not ImportState.READING:
        housekeeping.close_import(tx, account_id, import_id)
    elif housekeeping.delete_some_failures(tx, account_id, import_id, MAX_PARTS) < MAX_PARTS:
        housekeeping.delete_import(tx, account_id, import_id)


def _clear_failures(tx: Transaction, at: datetime) -> None:
    found = housekeeping.select_old_failures(tx, at - PREVIEW_KEPT)
    if found is None:
        return
    tx.lock_account(found[0])
    if housekeeping.delete_some_failures(tx, *found, MAX_PARTS) < MAX_PARTS:
        housekeeping.close_failures(tx, *found)
