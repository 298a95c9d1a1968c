"""What goes into block number groups and out of them, with the record of it.

Whoever calls this holds the account's lock: a change tells what a group held before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ringfence.model.accounts import Account
from ringfence.model.changes import Action, Change, Facts, Origin
from ringfence.store import Transaction, blocked_numbers, changes
from ringfence.store.blocked_numbers import Entry
from ringfence.store.times import from_optional_ms, to_optional_ms


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when numbers are blocked, None for good, and why; `reason` "" is none given."""

    expires_at: datetime | None
    reason: str = ""


def put_entries(
    tx: Transaction,
    account: Account,
    block_group_id: int,
    written: Mapping[str, Entry | None],
    terms: Terms,
    origin: Origin,
) -> None:
    """Put patterns into a group; `written` has beside each the entry that it replaces, if any.

    A live entry keeps its reason where none is given, so there is one change for each reason.
    """
    for reason, some in sorted(_by_reason(tx, account, written, terms, origin.at).items()):
        given = replace(terms, reason=reason)
        after = _write(tx, account, block_group_id, sorted(some), given, origin)
        replaced = [entry for entry in some.values() if entry is not None]
        entries = {
            "added": sorted(pattern for pattern, entry in some.items() if entry is None),
            "changed": _held(sorted(replaced, key=lambda each: each.pattern)),
            "removed": {},
        }
        change = Change(Action.NUMBERS_ADDED, str(block_group_id), None, after, entries)
        changes.insert_change(tx, account.account_id, change, origin)


def edit_entry(
    tx: Transaction, account: Account, before: Entry, reason: str, terms: Terms, origin: Origin
) -> None:
    """Give an entry other terms; `reason` is the one it had."""
    group_id = before.block_group_id
    after = _write(tx, account, group_id, [before.pattern], terms, origin)
    was = {"expires_at": before.expires_at, "batch_id": before.batch_id, "reason": reason}
    entries = {"added": [], "changed": _held([before]), "removed": {}}
    change = Change(Action.NUMBERS_EDITED, str(group_id), was, after, entries)
    changes.insert_change(tx, account.account_id, change, origin)


def give_back_entry(
    tx: Transaction, account: Account, before: Entry, after: Entry, origin: Origin
) -> None:
    """Let an entry be what it was, or would have been: until when, and by whose batch."""
    account_id, group_id, until = account.account_id, before.block_group_id, after.expires_at
    reasons = blocked_numbers.select_reasons(tx, account_id, [before.batch_id, after.batch_id])
    blocked_numbers.upsert_blocked_numbers(
        tx, account_id, group_id, [before.pattern], from_optional_ms(until), after.batch_id
    )
    was, now = (
        {
            "expires_at": each.expires_at,
            "batch_id": each.batch_id,
            "reason": reasons.get(each.batch_id, ""),
        }
        for each in (before, after)
    )
    entries = {"added": [], "changed": _held([before]), "removed": {}}
    change = Change(Action.NUMBERS_EDITED, str(group_id), was, now, entries)
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


def _by_reason(
    tx: Transaction,
    account: Account,
    written: Mapping[str, Entry | None],
    terms: Terms,
    at: datetime,
) -> dict[str, dict[str, Entry | None]]:
    kept: dict[str, int] = {}
    if not terms.reason:
        kept = {p: each.batch_id for p, each in written.items() if each and each.is_live(at)}
    batch_ids = sorted(set(kept.values()))
    reasons = blocked_numbers.select_reasons(tx, account.account_id, batch_ids)
    found: defaultdict[str, dict[str, Entry | None]] = defaultdict(dict)
    for pattern, entry in written.items():
        reason = reasons.get(kept[pattern], "") if pattern in kept else terms.reason
        found[reason][pattern] = entry
    return found


def _write(
    tx: Transaction,
    account: Account,
    block_group_id: int,
    patterns: Sequence[str],
    terms: Terms,
    origin: Origin,
) -> Facts:
    """Write entries, in one order for all writers, and return what the record says of them."""
    account_id, until = account.account_id, terms.expires_at
    batch_id = blocked_numbers.insert_batch(tx, account_id, origin, terms.reason)
    blocked_numbers.upsert_blocked_numbers(
        tx, account_id, block_group_id, patterns, until, batch_id
    )
    return {"expires_at": to_optional_ms(until), "batch_id": batch_id, "reason": terms.reason}


def _held(entries: Iterable[Entry]) -> Facts:
    return {entry.pattern: [entry.expires_at, entry.batch_id] for entry in entries}
