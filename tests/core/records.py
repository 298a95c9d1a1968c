"""What the record of changes says, and what follows from it alone."""

from ringfence.model.accounts import Account
from ringfence.model.changes import ChangeRecord
from ringfence.store import Store, Transaction, changes

Held = dict[str, tuple[int | None, int]]
"""The entries of a group by pattern: the expiry in milliseconds, the batch."""


def recorded(store: Store, account: Account) -> list[ChangeRecord]:
    """Return every change of an account with its entries, the oldest first."""
    account_id = account.account_id

    def select(tx: Transaction) -> list[ChangeRecord]:
        told = changes.select_changes(tx, account_id, None, 10_000, newest_first=False)
        found = (changes.select_change(tx, account_id, each.change_id) for each in told)
        return [each for each in found if each is not None]

    return store.read(select)


def followed(store: Store, account: Account) -> dict[str, Held]:
    """Return the entries of each group, as whoever only reads the record would have them.

    Checks on the way that each change says of each entry what there was before it.
    """
    groups: dict[str, Held] = {}
    for record in recorded(store, account):
        change = record.change
        if change.entries is None:
            continue
        held = groups.setdefault(change.subject, {})
        assert not set(change.entries["added"]) & set(held)
        replaced = {**change.entries["changed"], **change.entries["removed"]}
        assert replaced == {pattern: list(held[pattern]) for pattern in replaced}
        for pattern in change.entries["removed"]:
            del held[pattern]
        for pattern in (*change.entries["added"], *change.entries["changed"]):
            assert change.after is not None
            held[pattern] = (change.after["expires_at"], change.after["batch_id"])
    return groups


def stored(store: Store, account: Account) -> dict[str, Held]:
    """Return the entries of each group, as the database has them."""
    rows = store.read(
        lambda tx: tx.all(
            "select block_group_id, pattern, expires_at, batch_id from blocked_number "
            "where account_id = ?",
            (account.account_id,),
        )
    )
    groups: dict[str, Held] = {}
    for group_id, pattern, expires_at, batch_id in rows:
        groups.setdefault(str(group_id), {})[pattern] = (expires_at, batch_id)
    return groups
