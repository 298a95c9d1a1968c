"""How many calls each entry blocked, in the database."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ringfence.model.calls import UNKNOWN_CHANGE
from ringfence.store.changes import select_last_change_ids
from ringfence.store.database import Transaction


class HitKey(NamedTuple):
    """An entry, in the order in which every writer comes by: whoever takes entries out, too.

    So that no two wait for each other in a circle.
    """

    account_id: int
    block_group_id: int
    pattern: str


class Hits(NamedTuple):
    """How many calls, and when the last was, in milliseconds since 1970.

    `change_id` is the account's last change when the entry was seen last, or UNKNOWN_CHANGE.
    """

    calls: int
    last_at: int
    change_id: int = UNKNOWN_CHANGE


def select_there(tx: Transaction, keys: Sequence[HitKey]) -> list[HitKey]:
    """Return those of `keys` whose entries are there, in the same order."""
    # By a scalar subquery, for PostgreSQL cannot make a join of the whole table of it.
    rows = tx.all(
        f"select sent.key from {tx.sent_rows} where (select 1 from blocked_number "
        "where account_id = cast(sent.value ->> 0 as integer) and pattern = sent.value ->> 2 "
        "and block_group_id = cast(sent.value ->> 1 as integer)) = 1 order by sent.key",
        (json.dumps(keys),),
    )
    return [keys[place] for (place,) in rows]


def add_hits(tx: Transaction, hits: Mapping[HitKey, Hits]) -> None:
    """Add to how many calls entries blocked; one that was taken out meanwhile has none."""
    if not hits:
        return
    rows = [(*key, hits[key].calls, hits[key].last_at) for key in _still_there(tx, hits)]
    tx.run(
        "insert into entry_hit (account_id, block_group_id, pattern, hits, last_hit_at) select "
        "cast(sent.value ->> 0 as integer), cast(sent.value ->> 1 as integer), "
        "sent.value ->> 2, cast(sent.value ->> 3 as bigint), cast(sent.value ->> 4 as bigint) "
        f"from {tx.sent_rows} where true order by sent.key "
        "on conflict (account_id, pattern, block_group_id) do update set "
        "hits = entry_hit.hits + excluded.hits, last_hit_at = case "
        "when excluded.last_hit_at > entry_hit.last_hit_at then excluded.last_hit_at "
        "else entry_hit.last_hit_at end",
        (json.dumps(rows),),
    )


def _still_there(tx: Transaction, hits: Mapping[HitKey, Hits]) -> list[HitKey]:
    """Return those whose entries are there, in order.

    Where nothing of the account has changed since the entry was seen, it need not be looked up.
    """
    # Asked here, though the accounts were read before: on PostgreSQL others may commit meanwhile.
    last = select_last_change_ids(tx, {key.account_id for key in hits})
    doubtful = sorted(key for key in hits if hits[key].change_id != last.get(key.account_id))
    gone = set(doubtful).difference(select_there(tx, doubtful)) if doubtful else ()
    return sorted(hits.keys() - gone)


def delete_hits_up_to(
    tx: Transaction, account_id: int, block_group_id: int, last: str | None
) -> None:
    """Forget the hits of the entries of a group up to the pattern `last`, None for all.

    One by one, in the order of those who add to them.
    """
    up_to, values = ("", ()) if last is None else ("and pattern <= ?", (last,))
    rows = tx.all(
        "select account_id, pattern, block_group_id from entry_hit "
        f"where account_id = ? and block_group_id = ? {up_to} order by pattern",
        (account_id, block_group_id, *values),
    )
    tx.run_many(
        "delete from entry_hit where account_id = ? and pattern = ? and block_group_id = ?", rows
    )


def has_hits(tx: Transaction, account_id: int) -> bool:
    """Whether any entry of an account has blocked a call."""
    row = tx.one("select 1 from entry_hit where account_id = ? limit 1", (account_id,))
    return row is not None
