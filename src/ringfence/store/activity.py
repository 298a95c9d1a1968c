"""What became of calls, into the database: one transaction for calls of any accounts."""

import json
from collections.abc import Collection, Iterable, Mapping
from itertools import chain

from ringfence.model.activity import Keeping
from ringfence.store.blocked_numbers import in_chunks, marks
from ringfence.store.database import Row, Transaction, Value

_COLUMNS = (
    "account_id, screening_id, calling, called, direction, skill, disposition, reason, "
    "block_group_id, pattern, key_id, latency_us"
)

_TOGETHER = 100
"""How many rows one statement stores: more gain nothing."""

_ROW = f"({', '.join('?' * len(_COLUMNS.split(',')))})"


def _insert(rows: int) -> str:
    return (
        f"insert into screening ({_COLUMNS}) values {', '.join([_ROW] * rows)} "
        "on conflict do nothing"
    )


_INSERT_ONE, _INSERT_TOGETHER = _insert(1), _insert(_TOGETHER)
_ADD = (
    "insert into screening_count (account_id, minute, block_group_id, disposition, calls) select "
    "cast(sent.value ->> 0 as integer), cast(sent.value ->> 1 as bigint), "
    "cast(sent.value ->> 2 as integer), sent.value ->> 3, cast(sent.value ->> 4 as integer) "
    "from {sent} where true order by sent.key "
    "on conflict (account_id, minute, block_group_id, disposition) "
    "do update set calls = screening_count.calls + excluded.calls"
)

CountKey = tuple[int, int, int, str]
"""What calls are counted by: account, minute since 1970, group (0 is none), what became of them."""


def select_keepings(tx: Transaction, account_ids: Collection[int]) -> dict[int, Keeping]:
    """Return how accounts keep the numbers of their calls, by their ids."""
    rows: list[Row] = []
    for some in in_chunks(sorted(account_ids)):
        rows += tx.all(
            "select account_id, region, activity_hashed, activity_key from account "
            f"where account_id in ({marks(some)})",
            some,
        )
    return {row[0]: Keeping(row[1], bool(row[2]), row[3]) for row in rows}


def has_screening(tx: Transaction, account_id: int, screening_id: int) -> bool:
    """Whether a screening is stored."""
    row = tx.one(
        "select 1 from screening where account_id = ? and screening_id = ?",
        (account_id, screening_id),
    )
    return row is not None


def insert_screenings(tx: Transaction, rows: Iterable[tuple[Value, ...]]) -> None:
    """Store screenings, as rows of the table, in the order of its key; those there stay."""
    ordered = sorted(rows)
    # A statement for each row would take the interpreter lock from the calls that are decided about
    # meanwhile, as often; one for all of them would be another one each time.
    end = len(ordered) - len(ordered) % _TOGETHER
    for start in range(0, end, _TOGETHER):
        tx.run(_INSERT_TOGETHER, list(chain.from_iterable(ordered[start : start + _TOGETHER])))
    tx.run_many(_INSERT_ONE, ordered[end:])


def add_counts(tx: Transaction, counts: Mapping[CountKey, int]) -> None:
    """Add to how many calls there were, in one order for all writers."""
    rows = [(*key, calls) for key, calls in sorted(counts.items())]
    tx.run(_ADD.format(sent=tx.sent_rows), (json.dumps(rows),))
