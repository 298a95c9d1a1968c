"""What goes into block number groups and out of them, with the record of it.

Whoever calls this holds the account's lock: a change tells what a group held before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ringfence.model.accounts import Account
from ringfence.model.changes import Action, Change, Facts, Origin
from ringfence.store import Transaction, blocked_numbers, changes
from ringfence.store.blocked_numbers import Entry
from ringfence.store.times import to_optional_ms


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when numbers are blocked, None for good, and why; and what setting this is called."""

    expires_at: datetime | None
    reason: str = ""
    action: Action = Action.NUMBERS_ADDED


def put_entries(
    tx: Transaction,
    account: Account,
    block_group_id: int,
    written: Mapping[str, Entry | None],
    terms: Terms,
    origin: Origin,
) -> None:
    """Put patterns into a group; `written` has beside each the entry that it replaces, if any."""
    if not written:
        return
    account_id = account.account_id
    batch_id = blocked_numbers.insert_batch(tx, account_id, origin, terms.reason)
    # In one order for all writers.
    patterns = sorted(written)
    blocked_numbers.upsert_blocked_numbers(
        tx, account_id, block_group_id, patterns, terms.expires_at, batch_id
    )
    replaced = [entry for pattern in patterns if (entry := written[pattern]) is not None]
    after = {
        "expires_at": to_optional_ms(terms.expires_at),
        "batch_id": batch_id,
        "reason": terms.reason,
    }
    entries = {
        "added": [pattern for pattern in patterns if written[pattern] is None],
        "changed": _held(replaced),
        "removed": {},
    }
    change = Change(terms.action, str(block_group_id), None, after, entries)
    changes.insert_change(tx, account_id, change, origin)


def take_entries(
    tx: Transaction, account: Account, entries: Iterable[Entry], origin: Origin
) -> None:
    """Take entries out of their groups, expired ones too."""
    account_id = account.account_id
    by_group: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda each: each.pattern):
        by_group[entry.block_group_id].append(entry)
    for group_id, gone in sorted(by_group.items()):
        patterns = [entry.pattern for entry in gone]
        blocked_numbers.delete_blocked_numbers(tx, account_id, group_id, patterns)
        facts = {"added": [], "changed": {}, "removed": _held(gone)}
        change = Change(Action.NUMBERS_REMOVED, str(group_id), entries=facts)
        changes.insert_change(tx, account_id, change, origin)


def _held(entries: Iterable[Entry]) -> Facts:
    return {entry.pattern: [entry.expires_at, entry.batch_id] for entry in entries}
