"""A chunk of phone numbers: looked at, put into the account, and taken out of it again.

A row whose name and number are those of a record is an edit of that record: what a preview counts
as extended is, of phone numbers, changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ringfence.core.imports.outcomes import Step
from ringfence.core.imports.phone_rows import PhoneRow
from ringfence.core.imports.phone_verdicts import PhoneVerdicts, judge_phones, state_of
from ringfence.core.phone_records import facts_of
from ringfence.model.accounts import Account
from ringfence.model.changes import Action, Change, Facts, Origin
from ringfence.model.imports import Findings, RowOutcome, StagedChunk
from ringfence.model.phone_numbers import MIN_PRIORITY, PhoneNumber, State
from ringfence.model.skills import skill_key
from ringfence.store import Transaction, accounts, changes, phone_rows, skills
from ringfence.store.import_rows import BatchSource
from ringfence.store.phone_rows import NewPhone, Standing
from ringfence.store.times import to_ms

_KEPT = ("name", "number", "priority", "state", "skills")
"""What must be as an import left it to be taken back: another region changes the rest."""


def preview_phone_numbers(
    tx: Transaction, account: Account, chunk: StagedChunk, known: Findings, _at: datetime
) -> Step:
    """Return what a chunk would do behind those of `known`; with examples only it has not."""
    owner = accounts.select_account(tx, account.user_name)
    verdicts = judge_phones(tx, owner, chunk, _room(owner) - known.counts.get(RowOutcome.NEW, 0))
    return Step(verdicts.findings(known), verdicts.failures(), verdicts.failed)


def put_phone_numbers(
    tx: Transaction, account: Account, chunk: StagedChunk, source: BatchSource, origin: Origin
) -> Step:
    """Put a chunk into the account, with one change that records all of it.

    The caller holds the account's lock, and read `account` behind it. What clashes by now, or has
    a skill that is gone, or no room, fails.
    """
    verdicts = judge_phones(tx, account, chunk, _room(account))
    step = Step(Findings(verdicts.counts), verdicts.failures(), verdicts.failed)
    made = _add(tx, account, verdicts, origin)
    before = _change(tx, account, verdicts, origin)
    if not made and not before:
        return step
    after = phone_rows.select_by_ids(tx, account.account_id, [*made, *before])
    entries = {
        "added": {str(each): facts_of(after[each]) for each in made},
        "changed": {
            str(each): [_facts_before(phone), facts_of(after[each])]
            for each, phone in before.items()
        },
    }
    told = {"import_id": source.import_id}
    change = Change(Action.PHONE_NUMBERS_IMPORTED, source.import_id, None, told, entries)
    changes.insert_change(tx, account.account_id, change, origin)
    return step._replace(change_id=changes.select_last_change_id(tx, account.account_id))


def take_phone_numbers_back(
    tx: Transaction, account: Account, change_id: int, origin: Origin
) -> None:
    """Give an account back what it held before a change put a chunk into it.

    The caller holds the account's lock. What was changed since, by whomever, stays as it is.
    """
    record = changes.select_change(tx, account.account_id, change_id)
    assert record is not None, "a chunk keeps the id of its change"
    entries = record.change.entries or {}
    left = entries["added"] | {each: after for each, (_, after) in entries["changed"].items()}
    found = phone_rows.select_by_ids(tx, account.account_id, [int(each) for each in left])
    ours = {str(each): phone for each, phone in found.items() if _is_as(phone, left[str(each)])}
    gone = {each: phone for each, phone in ours.items() if each in entries["added"]}
    back = {each: phone for each, phone in ours.items() if each in entries["changed"]}
    phone_rows.delete_phones(tx, account.account_id, [int(each) for each in gone])
    _give_back(tx, account, [(phone, entries["changed"][each][0]) for each, phone in back.items()])
    _record_taken(tx, account, record.change, gone, back, origin)


def _record_taken(
    tx: Transaction,
    account: Account,
    put: Change,
    gone: Mapping[str, PhoneNumber],
    back: Mapping[str, PhoneNumber],
    origin: Origin,
) -> None:
    if not gone and not back:
        return
    now = phone_rows.select_by_ids(tx, account.account_id, [int(each) for each in back])
    entries = {
        "removed": {each: facts_of(phone) for each, phone in gone.items()},
        "changed": {
            each: [_facts_before(phone), facts_of(now[int(each)])] for each, phone in back.items()
        },
    }
    change = Change(Action.PHONE_NUMBERS_TAKEN_BACK, put.subject, put.after, None, entries)
    changes.insert_change(tx, account.account_id, change, origin)


def _room(account: Account) -> int:
    return account.phone_number_limit - account.phone_numbers_used


def _add(
    tx: Transaction, account: Account, verdicts: PhoneVerdicts, origin: Origin
) -> Sequence[int]:
    rows = [row for row, _ in verdicts.of(RowOutcome.NEW)]
    if not rows:
        return ()
    phones = [_new_phone(row) for row in rows]
    made = phone_rows.insert_phones(tx, account.account_id, phones, origin.at)
    given = [
        (each, skill_id)
        for each, row in zip(made, rows, strict=True)
        for skill_id in _ids(verdicts.skill_ids, row.skills or ())
    ]
    phone_rows.attach_many(tx, account.account_id, given)
    return made


def _new_phone(row: PhoneRow) -> NewPhone:
    standing = row.priority or MIN_PRIORITY, state_of(row) or State.ACTIVE
    return NewPhone(row.name, row.number, row.number_key, *standing)


def _change(
    tx: Transaction, account: Account, verdicts: PhoneVerdicts, origin: Origin
) -> dict[int, PhoneNumber]:
    """Change records as their rows say, and return what they were, by id."""
    stamp, edits = to_ms(origin.at), list[_Edit]()
    for row, held in verdicts.of(RowOutcome.EXTENDED):
        assert held is not None, "what is changed is there"
        standing = row.priority or held.priority, state_of(row) or held.state
        names = held.skills if row.skills is None else row.skills
        edits.append((held, Standing(held.phone_number_id, *standing, stamp), names))
    _edit(tx, account, verdicts.skill_ids, edits)
    return {held.phone_number_id: held for held, *_ in edits}


_Edit = tuple[PhoneNumber, Standing, Iterable[str]]
"""A record as it is, what it is to be, and the names of the skills that it is to have."""


def _edit(
    tx: Transaction, account: Account, skill_ids: Mapping[str, int], edits: Sequence[_Edit]
) -> None:
    taken, given = list[tuple[int, int]](), list[tuple[int, int]]()
    for held, _, names in edits:
        has, wanted = set(_ids(skill_ids, held.skills)), set(_ids(skill_ids, names))
        taken += [(held.phone_number_id, each) for each in sorted(has - wanted)]
        given += [(held.phone_number_id, each) for each in sorted(wanted - has)]
    phone_rows.detach_many(tx, account.account_id, taken)
    phone_rows.update_standings(tx, account.account_id, [standing for _, standing, _ in edits])
    phone_rows.attach_many(tx, account.account_id, given)


def _give_back(
    tx: Transaction, account: Account, former: Sequence[tuple[PhoneNumber, Mapping[str, Any]]]
) -> None:
    """Make of records what they were before; of their skills, those that are still there."""
    edits: list[_Edit] = [
        (
            phone,
            Standing(
                phone.phone_number_id, was["priority"], State(was["state"]), was["updated_at"]
            ),
            was["skills"],
        )
        for phone, was in former
    ]
    _edit(tx, account, skills.select_ids(tx, account.account_id), edits)


def _ids(skill_ids: Mapping[str, int], names: Iterable[str]) -> list[int]:
    return sorted({skill_ids[skill_key(name)] for name in names if skill_key(name) in skill_ids})


def _facts_before(phone: PhoneNumber) -> Facts:
    return {**facts_of(phone), "updated_at": to_ms(phone.updated_at)}


def _is_as(phone: PhoneNumber, facts: Mapping[str, Any]) -> bool:
    now = facts_of(phone)
    return all(now[each] == facts[each] for each in _KEPT)
