"""Whole lists read out of the database, a part at a time: what exports are made of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ringfence.store.database import Row, Transaction


class PhoneLine(NamedTuple):
    """A phone number as a file has it, its skills by name."""

    name: str
    number: str
    priority: int
    state: str
    skills: Sequence[str]


def stream_entries(
    tx: Transaction, account_id: int, block_group_id: int, at_ms: int
) -> Iterator[Sequence[Row]]:
    """Yield the entries of a group that are live at `at_ms`, by pattern, some at a time.

    Each is the pattern, the expiry in ms or None, and the reason.
    """
    # From the columns of the index alone, or SQLite walks the table, past other groups' numbers.
    return tx.stream(
        "select held.pattern, held.expires_at, batch.reason from "
        "(select account_id, block_group_id, pattern from blocked_number "
        "where account_id = ? and block_group_id = ?) as place "
        "cross join blocked_number as held cross join batch "
        "where held.account_id = place.account_id and held.pattern = place.pattern "
        "and held.block_group_id = place.block_group_id "
        "and batch.account_id = held.account_id and batch.batch_id = held.batch_id "
        "and (held.expires_at is null or held.expires_at > ?) order by place.pattern",
        (account_id, block_group_id, at_ms),
    )


def stream_phone_lines(tx: Transaction, account_id: int) -> Iterator[Sequence[PhoneLine]]:
    """Yield the phone numbers of an account by id, some at a time."""
    rows = tx.stream(
        "select phone_number_id, name, number, priority, state from phone_number "
        "where account_id = ? order by phone_number_id",
        (account_id,),
    )
    for some in rows:
        skills = _skills_between(tx, account_id, some[0][0], some[-1][0])
        yield [_phone_line(row, skills) for row in some]


def _phone_line(row: Row, skills: Mapping[int, Sequence[str]]) -> PhoneLine:
    phone_number_id, name, number, priority, state = row
    return PhoneLine(name, number, priority, state, skills.get(phone_number_id, ()))


def _skills_between(
    tx: Transaction, account_id: int, first: int, last: int
) -> dict[int, list[str]]:
    rows = tx.all(
        "select phone_number_id, skill.name from phone_number_skill "
        "join skill using (account_id, skill_id) where account_id = ? "
        "and phone_number_id >= ? and phone_number_id <= ? order by skill.name_key",
        (account_id, first, last),
    )
    skills: dict[int, list[str]] = {}
    for phone_number_id, name in rows:
        skills.setdefault(phone_number_id, []).append(name)
    return skills
