"""The record of changes in the database, in the order of the commits of each account.

That order needs whoever records a change to hold the account's lock (`Transaction.lock_account`):
a number that is given out before another is then also committed before it.
"""

import json

from ringfence.model.changes import Action, Change, ChangeRecord, Facts, Origin
from ringfence.store.database import Row, Transaction
from ringfence.store.times import from_ms, to_ms

_BEYOND_ALL = 2**63 - 1
_COLUMNS = "sequence, door, key_id, at, action, subject, before, after"


def insert_change(tx: Transaction, account_id: int, change: Change, origin: Origin) -> None:
    """Record what a transaction changes, in that transaction."""
    tx.run(
        "insert into change "
        "(account_id, at, door, key_id, action, subject, before, after, entries) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(account_id, to_ms(origin.at), origin.door, origin.key_id),
            *(change.action.value, change.subject),
            *(_write(facts) for facts in (change.before, change.after, change.entries)),
        ),
    )


def select_changes(
    tx: Transaction, account_id: int, after: int | None, limit: int, *, newest_first: bool
) -> list[ChangeRecord]:
    """Return up to `limit` changes that come after the sequence number `after`, without entries."""
    order = "desc" if newest_first else "asc"
    low = 0 if after is None or newest_first else after
    high = after if after is not None and newest_first else _BEYOND_ALL
    # As pairs: otherwise PostgreSQL may look for a few of this account among those of all.
    rows = tx.all(
        f"select {_COLUMNS}, null from change "
        "where (account_id, sequence) > (?, ?) and (account_id, sequence) < (?, ?) "
        f"order by account_id {order}, sequence {order} limit ?",
        (account_id, low, account_id, high, limit),
    )
    return [_read_record(row) for row in rows]


def select_change(tx: Transaction, account_id: int, sequence: int) -> ChangeRecord | None:
    """Return one change with its entries, or None."""
    row = tx.one(
        f"select {_COLUMNS}, entries from change where account_id = ? and sequence = ?",
        (account_id, sequence),
    )
    return None if row is None else _read_record(row)


def _write(facts: Facts | None) -> str | None:
    return None if facts is None else json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def _read(text: str | None) -> Facts | None:
    facts: Facts | None = None if text is None else json.loads(text)
    return facts


def _read_record(row: Row) -> ChangeRecord:
    sequence, door, key_id, at, action, subject, *facts = row
    before, after, entries = (_read(text) for text in facts)
    change = Change(Action(action), subject, before, after, entries)
    return ChangeRecord(sequence, Origin(door, key_id, from_ms(at)), change)
