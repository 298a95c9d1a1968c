"""In the database: what became of calls long ago, cleared away a bounded part at a time."""

from typing import NamedTuple

from ringfence.model.screening_ids import LOW_BITS
from ringfence.store.database import Row, Transaction

_MS_PER_DAY = 86_400_000
_MS_PER_MINUTE = 60_000


class OldActivity(NamedTuple):
    """An account of which more is kept than it wants: ids and minutes below these are too old."""

    account_id: int
    screening_id: int
    minute: int


def select_old_activity(tx: Transaction, at_ms: int, after: int) -> OldActivity | None:
    """Return the first account behind the id `after` that has rows too old at a moment, or None.

    That is one look into each table for each account: the oldest row of it says whether there are
    any.
    """
    oldest_id = (
        "(select screening_id from screening where screening.account_id = account.account_id "
        "order by screening_id limit 1)"
    )
    oldest_minute = (
        "(select minute from screening_count where screening_count.account_id = "
        "account.account_id order by minute limit 1)"
    )
    kept_from = f"(? - cast(activity_days as bigint) * {_MS_PER_DAY})"
    row = tx.one(
        f"select account_id, {kept_from} from account where account_id > ? and ("
        f"{oldest_id} < {kept_from} * {1 << LOW_BITS} "
        f"or {oldest_minute} < {kept_from} / {_MS_PER_MINUTE}) order by account_id limit 1",
        (at_ms, after, at_ms, at_ms),
    )
    return None if row is None else _read(row)


def delete_old_screenings(tx: Transaction, account_id: int, below: int, limit: int) -> int:
    """Delete up to `limit` screenings with ids below `below`, the oldest first; return how many."""
    last = tx.one(
        "select screening_id from screening where account_id = ? and screening_id < ? "
        "order by screening_id limit 1 offset ?",
        (account_id, below, limit - 1),
    )
    high = below if last is None else last[0] + 1
    return tx.run(
        "delete from screening where account_id = ? and screening_id < ?", (account_id, high)
    )


def delete_old_counts(tx: Transaction, account_id: int, below: int, limit: int) -> int:
    """Delete up to about `limit` counts of minutes below `below`, the oldest first.

    Whole minutes, and one at the least; returns how many.
    """
    last = tx.one(
        "select minute from screening_count where account_id = ? and minute < ? "
        "order by minute limit 1 offset ?",
        (account_id, below, limit - 1),
    )
    high = below if last is None else last[0] + 1
    return tx.run(
        "delete from screening_count where account_id = ? and minute < ?", (account_id, high)
    )


def _read(row: Row) -> OldActivity:
    account_id, kept_from = row
    return OldActivity(account_id, kept_from << LOW_BITS, kept_from // _MS_PER_MINUTE)
