"""The record of changes in the database, in the order of the commits of each account.

That order needs whoever records a change to hold the account's lock (`Transaction.lock_account`):
each takes the next number of its account.
"""

import json
from collections.abc import Iterable

from ringfence.model.changes import Action, Change, ChangeRecord, Facts, Origin
from ringfence.store.database import Row, Transaction
from ringfence.store.times import from_ms, to_ms

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_COLUMNS = "change_id, door, key_id, at, action, subject, before, after"


def insert_change(
    tx: Transaction,
    account_id: int,
    change: Change,
    origin: Origin,
    *,
    counted: bool = False,
    packed: str | None = None,
) -> None:
    """Record what a transaction changes, in that transaction.

    `counted` is for a change whose number the account has taken already, beside other counts;
    `packed` has its entries as JSON, where they were text already.
    """
    if not counted:
        tx.run(
            "update account set last_change_id = last_change_id + 1 where account_id = ?",
            (account_id,),
        )
    tx.run(
        "insert into change "
        "(account_id, change_id, at, door, key_id, action, subject, before, after, entries) "
        "select account_id, last_change_id, ?, ?, ?, ?, ?, ?, ?, ? "
        "from account where account_id = ?",
        (
            *(to_ms(origin.at), origin.door, origin.key_id, change.action.value, change.subject),
            *(_write(change.before), _write(change.after), packed or _write(change.entries)),
            account_id,
        ),
    )


def select_last_change_id(tx: Transaction, account_id: int) -> int:
    """Return the id of the account's last change: under its lock, of the one just recorded."""
    row = tx.one("select last_change_id from account where account_id = ?", (account_id,))
    assert row is not None, f"account {account_id} is gone"
    return int(row[0])


def select_last_change_ids(tx: Transaction, account_ids: Iterable[int]) -> dict[int, int]:
    """Return the ids of the last changes of accounts, by the ids of those."""
    rows = tx.all(
        "select account_id, last_change_id from account where account_id in "
        f"(select cast({tx.sent_text} as integer) from {tx.sent_rows})",
        (json.dumps(sorted(account_ids)),),
    )
    return {row[0]: int(row[1]) for row in rows}


def select_changes(
    tx: Transaction, account_id: int, after: int | None, limit: int, *, newest_first: bool
) -> list[ChangeRecord]:
    """Return up to `limit` changes that come after the one of the id `after`, without entries."""
    sign, order = ("<", "desc") if newest_first else (">", "asc")
    beyond, values = ("", ()) if after is None else (f"and change_id {sign} ?", (after,))
    rows = tx.all(
        f"select {_COLUMNS}, null from change where account_id = ? {beyond} "
        f"order by change_id {order} limit ?",
        (account_id, *values, limit),
    )
    return [_read_record(row) for row in rows]


def select_change(tx: Transaction, account_id: int, change_id: int) -> ChangeRecord | None:
    """Return one change with its entries, or None."""
    row = tx.one(
        f"select {_COLUMNS}, entries from change where account_id = ? and change_id = ?",
        (account_id, change_id),
    )
    return None if row is None else _read_record(row)


def _write(facts: Facts | None) -> str | None:
    return None if facts is None else _encode(facts)


def _read(text: str | None) -> Facts | None:
    facts: Facts | None = None if text is None else json.loads(text)
    return facts


def _read_record(row: Row) -> ChangeRecord:
    change_id, door, key_id, at, action, subject, *facts = row
    before, after, entries = (_read(text) for text in facts)
    change = Change(Action(action), subject, before, after, entries)
    return ChangeRecord(change_id, Origin(door, key_id, from_ms(at)), change)
