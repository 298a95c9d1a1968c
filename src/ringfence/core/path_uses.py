"""Counting and listing which account still uses a path that has a successor."""

from collections.abc import Mapping
from datetime import datetime

from ringfence.model.path_uses import PathUse
from ringfence.store import Store, Transaction, path_uses

Uses = Mapping[tuple[int, str], tuple[int, datetime]]
"""By account id and path: how many requests, and when the last one was."""


def add_path_uses(store: Store, uses: Uses) -> None:
    """Add what was counted since the last time, of any number of accounts."""

    def add(tx: Transaction) -> None:
        # In one order for all writers, so that none waits in a circle.
        for (account_id, path), (requests, last_at) in sorted(uses.items()):
            path_uses.add_path_use(tx, account_id, path, requests, last_at)

    store.write(add)


def list_path_uses(store: Store) -> list[PathUse]:
    """Return the uses of all accounts, by user name and path."""
    return store.read(path_uses.select_path_uses)
