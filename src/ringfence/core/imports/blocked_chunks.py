"""A chunk of blocked numbers: looked at, put into its group, and taken out of it again."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ringfence.core.imports.outcomes import Step
from ringfence.core.imports.verdicts import Verdicts, judge_rows
from ringfence.errors import BlockGroupNotFound
from ringfence.model.accounts import Account
from ringfence.model.changes import Action, Change, Origin
from ringfence.model.imports import Findings, RowOutcome, StagedChunk
from ringfence.store import Transaction, block_groups, blocked_numbers, changes, import_rows
from ringfence.store.blocked_numbers import Entry
from ringfence.store.import_rows import BatchSource, SentRows

Held = Sequence[Any]
"""[expiry in ms or null, batch id], as changes have it."""


def preview_blocked_numbers(
    tx: Transaction, account: Account, chunk: StagedChunk, known: Findings, at: datetime
) -> Step:
    """Return what a chunk would do; with examples only from before those in `known`."""
    verdicts = judge_rows(tx, account, chunk, at)
    return Step(verdicts.findings(known), verdicts.failures(), len(verdicts.failed))


def put_blocked_numbers(
    tx: Transaction, account: Account, chunk: StagedChunk, source: BatchSource, origin: Origin
) -> Step:
    """Put a chunk into its group, with one change that records all of it.

    The caller holds the account's lock. What is protected by now, or whose group is gone, fails.
    """
    verdicts = judge_rows(tx, account, chunk, origin.at)
    step = Step(Findings(verdicts.counts), verdicts.failures(), len(verdicts.failed))
    written = _written(tx, account, verdicts)
    if written.count == 0:
        return step
    before = {entry.pattern: _held(entry) for entry in _replaced(verdicts)}
    return step._replace(change_id=_write(tx, account, written, before, source, origin))


def take_blocked_numbers_back(
    tx: Transaction, account: Account, change_id: int, origin: Origin
) -> None:
    """Give a group back what it held before a change put a chunk into it.

    The caller holds the account's lock. What was changed since, by whomever, stays as it is.
    """
    record = changes.select_change(tx, account.account_id, change_id)
    assert record is not None, "a chunk keeps the id of its change"
    group_id, put = int(record.change.subject), record.change
    entries = put.entries or {}
    try:
        block_groups.select_block_group(tx, account.account_id, group_id)
    except BlockGroupNotFound:
        return
    first = (put.after or {})["first_batch_id"]
    ours = _still_ours(tx, account, group_id, entries, first)
    was = {pattern: entries["changed"].get(pattern) for pattern in ours}
    _give_back(tx, account, group_id, ours, held_before(tx, account, was), origin)


def _written(tx: Transaction, account: Account, verdicts: Verdicts) -> StagedChunk:
    """Return the rows that go into the store, as a chunk; the usual one as it is."""
    if not verdicts.others and not verdicts.held:
        return verdicts.chunk
    kept = _kept_reasons(tx, account, verdicts)
    reasons = dict.fromkeys((*verdicts.chunk.reasons, *kept.values()))
    places = {reason: place for place, reason in enumerate(reasons)}
    rows = [
        [row.pattern, row.expires_at, places[kept[at]] if at in kept else row.reason]
        for at, row in enumerate(verdicts.rows)
        if verdicts.others.get(at, RowOutcome.EXTENDED) is RowOutcome.EXTENDED
    ]
    text = json.dumps(rows, separators=(",", ":"))
    return StagedChunk(verdicts.chunk.block_group_id, len(rows), text, "", tuple(reasons))


def _kept_reasons(tx: Transaction, account: Account, verdicts: Verdicts) -> dict[int, str]:
    """Return why numbers were blocked that are now blocked for longer, with no reason given."""
    silent = {
        at: verdicts.held[at].batch_id
        for at, outcome in verdicts.others.items()
        if outcome is RowOutcome.EXTENDED and not verdicts.chunk.reasons[verdicts.rows[at].reason]
    }
    ids = sorted(set(silent.values()))
    reasons = blocked_numbers.select_reasons(tx, account.account_id, ids)
    return {at: reasons[batch] for at, batch in silent.items() if batch in reasons}


def _replaced(verdicts: Verdicts) -> list[Entry]:
    """Return what the rows that are written replace: what ends sooner, or has ended."""
    places = [
        place
        for place in verdicts.held
        if verdicts.others.get(place, RowOutcome.EXTENDED) is RowOutcome.EXTENDED
    ]
    return [verdicts.held[place] for place in places]


def _write(
    tx: Transaction,
    account: Account,
    chunk: StagedChunk,
    before: Mapping[str, Held],
    source: BatchSource,
    origin: Origin,
) -> int:
    account_id, group_id = account.account_id, chunk.block_group_id
    assert group_id is not None, "blocked numbers stand in a group"
    first = import_rows.insert_batches(tx, account_id, origin, chunk.reasons, source)
    import_rows.upsert_rows(tx, account_id, group_id, chunk.rows, first)
    after = {"import_id": source.import_id, "first_batch_id": first}
    # Each row may have a reason of its own: then they are too much for a list of changes.
    reasons = json.dumps(chunk.reasons, ensure_ascii=False)
    packed = f'{{"rows":{chunk.rows},"changed":{json.dumps(before)},"reasons":{reasons}}}'
    change = Change(Action.NUMBERS_IMPORTED, str(group_id), None, after)
    changes.insert_change(tx, account_id, change, origin, packed=packed)
    return changes.select_last_change_id(tx, account_id)


def _still_ours(
    tx: Transaction,
    account: Account,
    group_id: int,
    entries: Mapping[str, Any],
    first: int,
) -> dict[str, Entry]:
    """Return the entries that are still as the chunk left them, by pattern."""
    batches = range(first, first + len(entries["reasons"]))
    sent = SentRows.of(json.dumps(entries["rows"]))
    found = import_rows.select_held_rows(tx, account.account_id, group_id, sent)
    return {entry.pattern: entry for entry in found if entry.batch_id in batches}


def held_before(
    tx: Transaction, account: Account, was: Mapping[str, Held | None]
) -> dict[str, Held | None]:
    """Return what a group held before, and before imports that were taken back since.

    Of two imports of one number the first may be taken back first: then the second, taken back,
    must not bring it again.
    """
    former = dict(was)
    while True:
        batches = sorted({held[1] for held in former.values() if held is not None})
        undone = import_rows.select_undone_batches(tx, account.account_id, batches)
        if not undone:
            return former
        for change_id in sorted(set(undone.values())):
            record = changes.select_change(tx, account.account_id, change_id)
            changed = ((record and record.change.entries) or {}).get("changed", {})
            former |= {
                pattern: changed.get(pattern)
                for pattern, held in former.items()
                if held is not None and undone.get(held[1]) == change_id
            }


def _give_back(
    tx: Transaction,
    account: Account,
    group_id: int,
    ours: Mapping[str, Entry],
    former: Mapping[str, Held | None],
    origin: Origin,
) -> None:
    if not ours:
        return
    account_id = account.account_id
    gone = sorted(pattern for pattern, held in former.items() if held is None)
    back = {pattern: held for pattern, held in sorted(former.items()) if held is not None}
    blocked_numbers.delete_blocked_numbers(tx, account_id, group_id, gone)
    rows = json.dumps([[pattern, *held] for pattern, held in back.items()])
    import_rows.upsert_rows(tx, account_id, group_id, rows, 0)
    entries = {
        "removed": {pattern: _held(ours[pattern]) for pattern in gone},
        "changed": {pattern: _held(ours[pattern]) for pattern in back},
        "restored": back,
    }
    change = Change(Action.NUMBERS_TAKEN_BACK, str(group_id), entries=entries)
    changes.insert_change(tx, account_id, change, origin)


def _held(entry: Entry) -> Held:
    return [entry.expires_at, entry.batch_id]
