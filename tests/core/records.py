"""What the record of changes says, and what follows from it alone."""

from ringfence.model.accounts import Account
from ringfence.model.changes import Action, Change, ChangeRecord, Facts
from ringfence.store import Store, Transaction, changes

Held = dict[str, tuple[int | None, int]]
"""The entries of a group by pattern: the expiry in milliseconds, the batch."""


def recorded(store: Store, account: Account) -> list[ChangeRecord]:
    """Return every change of an account with its entries, the oldest first."""
    account_id = account.account_id

    def select(tx: Transaction) -> list[ChangeRecord]:
        told = changes.select_changes(tx, account_id, None, 1_000_000, newest_first=False)
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
        put, gone, replaced = _effect(change)
        assert replaced.keys() - gone <= put.keys()
        assert set(held) & (put.keys() | gone) == set(replaced)
        assert replaced == {pattern: list(held[pattern]) for pattern in replaced}
        for pattern in gone:
            del held[pattern]
        held |= put
    return groups


def _effect(change: Change) -> tuple[Held, set[str], Facts]:
    """Return what a change put into its group, what it took out, and what was there before it."""
    entries, after = change.entries or {}, change.after or {}
    if change.action is Action.NUMBERS_IMPORTED:
        first = after["first_batch_id"]
        rows = {pattern: (ends, first + place) for pattern, ends, place in entries["rows"]}
        assert len(rows) == len(entries["rows"])
        return rows, set(), entries["changed"]
    replaced = {**entries["changed"], **entries["removed"]}
    if change.action is Action.NUMBERS_TAKEN_BACK:
        assert entries["restored"].keys() == entries["changed"].keys()
        back = {pattern: (ends, batch) for pattern, (ends, batch) in entries["restored"].items()}
        return back, set(entries["removed"]), replaced
    put = {*entries["added"], *entries["changed"]}
    if not put:
        return {}, set(entries["removed"]), replaced
    return dict.fromkeys(put, (after["expires_at"], after["batch_id"])), set(), replaced


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
