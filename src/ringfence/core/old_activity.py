"""Clearing away what became of calls, once it was kept for as many days as the account wants."""

from datetime import datetime

from ringfence.store import Transaction, old_activity
from ringfence.store.times import to_ms

MAX_ROWS = 2_000
"""How many rows of each kind go in one step."""

MAX_ACCOUNTS = 100
"""Of how many accounts in one step, at most."""


def has_old_activity(tx: Transaction, at: datetime) -> bool:
    """Whether any account has more than it wants at the moment `at`."""
    return old_activity.select_old_activity(tx, to_ms(at), 0) is not None


def clear_old_activity(tx: Transaction, at: datetime) -> None:
    """Clear away a bounded part, of one account after the other; no account is locked for it."""
    screenings = counts = MAX_ROWS
    after = 0
    for _ in range(MAX_ACCOUNTS):
        old = old_activity.select_old_activity(tx, to_ms(at), after)
        if old is None or screenings <= 0 or counts <= 0:
            return
        after, below, minute = old
        screenings -= old_activity.delete_old_screenings(tx, after, below, screenings)
        counts -= old_activity.delete_old_counts(tx, after, minute, counts)
