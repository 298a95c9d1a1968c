"""Reading the record of changes: who changed what, through which door, when."""

from ringfence.errors import ChangeNotFound
from ringfence.model.accounts import Account
from ringfence.model.changes import ChangeRecord
from ringfence.store import Store, changes


def list_changes(
    store: Store, account: Account, after: int | None, limit: int, *, newest_first: bool = False
) -> list[ChangeRecord]:
    """Return up to `limit` changes that come after `after`, in the order they were committed in.

    The entries of changes of many numbers are left out; `get_change` has them.
    """
    return store.read(
        lambda tx: changes.select_changes(
            tx, account.account_id, after, limit, newest_first=newest_first
        )
    )


def get_change(store: Store, account: Account, change_id: int) -> ChangeRecord:
    """Return one change, with its entries. Raises ChangeNotFound."""
    found = store.read(lambda tx: changes.select_change(tx, account.account_id, change_id))
    if found is None:
        raise ChangeNotFound
    return found
