"""Keeping what became of calls: rows to look through, counts, and hits of entries.

It is no change, and no account is locked for it: calls never wait for whoever writes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ringfence.model.activity import (
    Counted,
    Keeping,
    hash_of,
    hash_pattern,
    kept_number,
    kept_text,
)
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Disposition, Screened
from ringfence.model.screening_ids import LOW_BITS
from ringfence.store import Store, Transaction, activity, entry_hits
from ringfence.store.activity import CountKey
from ringfence.store.database import Value
from ringfence.store.entry_hits import HitKey, Hits

_MS_PER_MINUTE = 60_000
_PASS, _BLOCK, _WOULD_BLOCK = (each.value for each in Counted)
_MAX_LATENCY_US = 2**31 - 1
_NO_HITS = Hits(0, 0)


def store_screenings(store: Store, rows: Sequence[Screened]) -> None:
    """Store what became of calls, of any accounts, in one transaction.

    What was stored before is left as it is, and counted once: a batch of which nobody knows
    whether it was stored may be sent again, with more behind it.
    """
    if rows:
        store.write(lambda tx: _store(tx, rows), decides=False)


def _store(tx: Transaction, rows: Sequence[Screened]) -> None:
    keepings = activity.select_keepings(tx, {row.account_id for row in rows})
    new = [row for row in _new(tx, rows) if row.account_id in keepings]
    activity.insert_screenings(tx, [_row(each, keepings[each.account_id]) for each in new])
    activity.add_counts(tx, _counts(new))
    entry_hits.add_hits(tx, _hits(new))


def _new(tx: Transaction, rows: Sequence[Screened]) -> Sequence[Screened]:
    """Return the rows that are not stored yet: all, unless the first was sent before."""
    if not activity.has_screening(tx, rows[0].account_id, rows[0].screening_id):
        return rows
    return [row for row in rows if not activity.has_screening(tx, row.account_id, row.screening_id)]


def _row(screened: Screened, keeping: Keeping) -> tuple[Value, ...]:
    """Return the row to store; where an account keeps hashes, the other party's number is one."""
    call, number = screened.call, screened.number
    outbound = call.direction is Direction.OUTBOUND
    own = kept_number(call.calling if outbound else call.called, keeping.region)
    party, pattern = kept_text(number), screened.pattern
    if keeping.is_hashed and keeping.key is not None:
        pattern = pattern and hash_pattern(pattern, number, keeping.key)
        party = hash_of(party, keeping.key)
    calling, called = (own, party) if outbound else (party, own)
    return (
        *(screened.account_id, screened.screening_id, calling, called, call.direction),
        None if call.skill is None else kept_text(call.skill),
        *(screened.disposition, screened.reason, screened.block_group_id, pattern),
        *(screened.key_id, min(screened.latency_us, _MAX_LATENCY_US)),
    )


def _counts(rows: Sequence[Screened]) -> Mapping[CountKey, int]:
    counts: defaultdict[CountKey, int] = defaultdict(int)
    for row in rows:
        minute = (row.screening_id >> LOW_BITS) // _MS_PER_MINUTE
        if row.disposition is Disposition.BLOCK:
            counts[row.account_id, minute, row.block_group_id or 0, _BLOCK] += 1
        else:
            counts[row.account_id, minute, 0, _PASS] += 1
        for monitor in row.monitors:
            counts[row.account_id, minute, monitor, _WOULD_BLOCK] += 1
    return counts


def _hits(rows: Sequence[Screened]) -> Mapping[HitKey, Hits]:
    hits: dict[HitKey, Hits] = {}
    for row in rows:
        if row.disposition is not Disposition.BLOCK or row.pattern is None:
            continue
        key = HitKey(row.account_id, row.block_group_id or 0, row.pattern)
        calls, last_at, change_id = hits.get(key, _NO_HITS)
        at = row.screening_id >> LOW_BITS
        hits[key] = Hits(calls + 1, max(last_at, at), max(change_id, row.change_id))
    return hits
