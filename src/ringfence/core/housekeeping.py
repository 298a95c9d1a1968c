"""Clearing away what nobody sees any more, in steps that hold nobody up for long."""

from datetime import datetime, timedelta

from ringfence.core.kept_answers import KEPT_FOR
from ringfence.model.imports import ImportState
from ringfence.store import Store, Transaction, housekeeping, imports
from ringfence.store.housekeeping import SpentImport

MAX_ENTRIES = 5_000
"""How many entries of a deleted group go in one step."""

MAX_ANSWERS = 100
"""How many kept answers go in one step."""

MAX_CHUNKS = 20
"""How many chunks of an import go in one step."""

READING_LEFT = timedelta(hours=1)
"""How long after its last sign of life nobody reads a file any more."""

PREVIEW_KEPT = timedelta(days=7)
"""How long an import that is not applied can be."""


def tidy(store: Store, *, at: datetime) -> bool:
    """Clear away one bounded part of what is left over; return whether there is more to do.

    The entries of deleted groups, then the groups; answers that were kept for a day; rows of
    imports that nobody will apply.
    """
    if not store.read(lambda tx: _has_work(tx, at)):
        return False

    def clear(tx: Transaction) -> bool:
        # Not both: whoever holds the lock of one account waits for that of no other.
        if not _clear_group(tx):
            _clear_import(tx, at)
        housekeeping.delete_old_answers(tx, at - KEPT_FOR, MAX_ANSWERS)
        return _has_work(tx, at)

    return store.write(clear)


def _has_work(tx: Transaction, at: datetime) -> bool:
    return (
        housekeeping.select_deleted_group(tx) is not None
        or housekeeping.has_old_answers(tx, at - KEPT_FOR)
        or _spent_import(tx, at) is not None
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


def _clear_import(tx: Transaction, at: datetime) -> None:
    found = _spent_import(tx, at)
    if found is None:
        return
    tx.lock_account(found.account_id)
    # Asked again behind the lock: somebody may have applied it meanwhile.
    spent = _spent_import(tx, at)
    if spent != found:
        return
    account_id, import_id, state = spent
    if state is ImportState.PREVIEWED:
        housekeeping.expire_preview(tx, account_id, import_id)
        return
    if state is ImportState.READING:
        # Who reads it after all, and finds out too late, would keep an import without its rows.
        imports.give_reading_up(tx, account_id, import_id)
    cleared = housekeeping.delete_some_chunks(tx, account_id, import_id, MAX_CHUNKS)
    if cleared == MAX_CHUNKS:
        return
    if state is ImportState.READING:
        housekeeping.delete_import(tx, account_id, import_id)
    else:
        housekeeping.close_import(tx, account_id, import_id)
