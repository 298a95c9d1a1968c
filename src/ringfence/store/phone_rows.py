"""Many phone numbers at once: looked up, made, changed and deleted, with the skills of each.

What takes one record at a time stands in `phone_numbers` and `hunting`. Whoever writes here holds
the account's lock, and knows by it that no name and no number is taken.

What is looked for is sent as JSON: PostgreSQL compares each row of an account with every value of a
long list of marks where it has not counted the rows lately.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ringfence.model.phone_numbers import PhoneNumber, State, name_key
from ringfence.store.database import Transaction, Value
from ringfence.store.hunting import HUNT_KEY
from ringfence.store.phone_numbers import PHONE_COLUMNS, read_phone_number
from ringfence.store.probes import OF_ACCOUNT, probe
from ringfence.store.times import to_ms

Held = tuple[int, int]
"""A phone number and a skill that it has, by their ids."""


class NewPhone(NamedTuple):
    """A phone number to be made, without its skills."""

    name: str
    number: str
    number_key: str
    priority: int
    state: State


class Standing(NamedTuple):
    """What a phone number is to be; `updated_at` is when it was changed last, in ms."""

    phone_number_id: int
    priority: int
    state: State
    updated_at: int


def select_by_ids(
    tx: Transaction, account_id: int, phone_number_ids: Sequence[int]
) -> dict[int, PhoneNumber]:
    """Return the records of these ids, by id; unknown ids are left out."""
    if not phone_number_ids:
        return {}
    which, values = _of(tx, account_id, phone_number_ids)
    rows = tx.all(f"select {PHONE_COLUMNS} from phone_number where {which}", values)
    held = tx.all(f"select phone_number_id, skill_id from phone_number_skill where {which}", values)
    named = tx.all(
        "select skill_id, name from skill where account_id = ? order by name_key", (account_id,)
    )
    names: dict[int, str] = dict(named)
    order = {skill_id: place for place, skill_id in enumerate(names)}
    skills: dict[int, list[str]] = {}
    for phone_number_id, skill_id in sorted(held, key=lambda each: order[each[1]]):
        skills.setdefault(phone_number_id, []).append(names[skill_id])
    return {row[0]: read_phone_number(row, skills.get(row[0], [])) for row in rows}


def select_known(
    tx: Transaction, account_id: int, name_keys: Sequence[str], number_keys: Sequence[str]
) -> list[PhoneNumber]:
    """Return the records that have any of these names or any of these numbers."""
    ids = set(_ids_by(tx, account_id, "name_key", name_keys))
    ids |= set(_ids_by(tx, account_id, "number_key", number_keys))
    return list(select_by_ids(tx, account_id, sorted(ids)).values())


def insert_phones(
    tx: Transaction, account_id: int, phones: Sequence[NewPhone], at: datetime
) -> range:
    """Store phone numbers, without skills, and return their ids in the order given.

    The account's limit is the caller's to keep.
    """
    row = tx.one(
        "update account set phone_numbers_used = phone_numbers_used + ?, "
        "last_phone_number_id = last_phone_number_id + ? where account_id = ? "
        "returning last_phone_number_id",
        (len(phones), len(phones), account_id),
    )
    assert row is not None, f"account {account_id} is gone"
    first, stamp = int(row[0]) - len(phones) + 1, to_ms(at)
    sent = [
        (each.name, name_key(each.name), *each[1:3], each.number_key[::-1], *each[3:])
        for each in phones
    ]
    tx.run(
        "insert into phone_number (account_id, phone_number_id, name, name_key, number, "
        "number_key, number_reversed, priority, state, created_at, updated_at) "
        "select ?, ? + sent.key, sent.value ->> 0, sent.value ->> 1, sent.value ->> 2, "
        "sent.value ->> 3, sent.value ->> 4, cast(sent.value ->> 5 as integer), "
        f"sent.value ->> 6, ?, ? from {tx.sent_rows} where true",
        (account_id, first, stamp, stamp, json.dumps(sent)),
    )
    return range(first, first + len(phones))


def update_standings(tx: Transaction, account_id: int, standings: Sequence[Standing]) -> None:
    """Give records their places in hunts, or take them out of them."""
    tx.run_many(
        "update phone_number set priority = ?, state = ?, updated_at = ? "
        "where account_id = ? and phone_number_id = ?",
        [
            (each.priority, each.state.value, each.updated_at, account_id, each.phone_number_id)
            for each in standings
        ],
    )
    if standings:
        which, values = _of(tx, account_id, [each.phone_number_id for each in standings])
        tx.run(
            f"update phone_number_skill set hunt_key = (select {HUNT_KEY} from phone_number "
            "where phone_number.account_id = phone_number_skill.account_id "
            "and phone_number.phone_number_id = phone_number_skill.phone_number_id) "
            f"where {which}",
            values,
        )


def attach_many(tx: Transaction, account_id: int, given: Sequence[Held]) -> None:
    """Give records skills that they have not."""
    if not given:
        return
    tx.run(
        "insert into phone_number_skill (account_id, phone_number_id, skill_id, hunt_key) "
        f"select account_id, phone_number_id, cast(sent.value ->> 1 as integer), {HUNT_KEY} "
        f"from {tx.sent_rows} cross join phone_number "
        "where account_id = ? and phone_number_id = cast(sent.value ->> 0 as integer)",
        (json.dumps(given), account_id),
    )
    _count(tx, account_id, Counter(skill_id for _, skill_id in given))


def detach_many(tx: Transaction, account_id: int, taken: Sequence[Held]) -> None:
    """Take skills from records that have them."""
    tx.run_many(
        "delete from phone_number_skill "
        "where account_id = ? and phone_number_id = ? and skill_id = ?",
        [(account_id, *each) for each in taken],
    )
    _count(tx, account_id, {s: -n for s, n in Counter(skill for _, skill in taken).items()})


def delete_phones(tx: Transaction, account_id: int, phone_number_ids: Sequence[int]) -> None:
    """Remove records with their skills, and give their places under the limit back."""
    if not phone_number_ids:
        return
    which, values = _of(tx, account_id, phone_number_ids)
    held = tx.all(f"select skill_id from phone_number_skill where {which}", values)
    _count(tx, account_id, {s: -n for s, n in Counter(row[0] for row in held).items()})
    tx.run(f"delete from phone_number_skill where {which}", values)
    tx.run(f"delete from phone_number where {which}", values)
    tx.run(
        "update account set phone_numbers_used = phone_numbers_used - ? where account_id = ?",
        (len(phone_number_ids), account_id),
    )


def _ids_by(tx: Transaction, account_id: int, column: str, values: Sequence[str]) -> Iterable[int]:
    sent = json.dumps([[value] for value in values])
    source = ("phone_number", OF_ACCOUNT)
    rows = probe(tx, source, ["phone_number_id"], column, (account_id,), sent)
    return (row[1] for row in rows)


def _of(
    tx: Transaction, account_id: int, phone_number_ids: Sequence[int]
) -> tuple[str, tuple[Value, ...]]:
    """Return the condition that a row is of one of some records, with its values."""
    condition = (
        "account_id = ? and phone_number_id >= ? and phone_number_id <= ? and phone_number_id in "
        f"(select cast(sent.value ->> 0 as integer) from {tx.sent_rows})"
    )
    sent = json.dumps([[each] for each in phone_number_ids])
    return condition, (account_id, min(phone_number_ids), max(phone_number_ids), sent)


def _count(tx: Transaction, account_id: int, more: Mapping[int, int]) -> None:
    tx.run_many(
        "update skill set phone_numbers = phone_numbers + ? where account_id = ? and skill_id = ?",
        [(count, account_id, skill_id) for skill_id, count in sorted(more.items())],
    )
