"""Clearing away what nobody sees any more, in steps that hold nobody up for long."""

from datetime import datetime

from ringfence.core.kept_answers import KEPT_FOR
from ringfence.store import Store, Transaction, housekeeping

MAX_ENTRIES = 5_000
"""How many entries of a deleted group go in one step."""

MAX_ANSWERS = 100
"""How many kept answers go in one step."""


def tidy(store: Store, *, at: datetime) -> bool:
    """Clear away one bounded part of what is left over; return whether there is more to do.

    The entries of deleted groups, then the groups, and answers that were kept for a day.
    """
    until = at - KEPT_FOR
    if not store.read(lambda tx: _has_work(tx, until)):
        return False

    def clear(tx: Transaction) -> bool:
        _clear_group(tx)
        housekeeping.delete_old_answers(tx, until, MAX_ANSWERS)
        return _has_work(tx, until)

    return store.write(clear)


def _has_work(tx: Transaction, until: datetime) -> bool:
    deleted = housekeeping.select_deleted_group(tx)
    return deleted is not None or housekeeping.has_old_answers(tx, until)


def _clear_group(tx: Transaction) -> None:
    deleted = housekeeping.select_deleted_group(tx)
    if deleted is None:
        return
    account_id, block_group_id = deleted
    tx.lock_account(account_id)
    cleared = housekeeping.delete_some_entries(tx, account_id, block_group_id, MAX_ENTRIES)
    if cleared < MAX_ENTRIES:
        housekeeping.delete_empty_group(tx, account_id, block_group_id)
