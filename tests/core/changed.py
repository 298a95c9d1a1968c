"""The record of changes, as tests read it."""

from ringfence.model.accounts import Account
from ringfence.model.changes import ChangeRecord
from ringfence.store import Store, changes


def recorded(store: Store, account: Account) -> list[ChangeRecord]:
    """Return every change of an account, the oldest first."""
    return store.read(
        lambda tx: changes.select_changes(tx, account.account_id, None, 100_000, newest_first=False)
    )
