"""In the database: what decides about a call. Few statements, for they are run for every call.

The entries of deleted groups are among what is found here: whoever asks `select_group_rule` for
their group is told that it is not there.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from ringfence.model.accounts import Account
from ringfence.model.block_groups import Direction, Mode
from ringfence.model.patterns import MAX_PREFIX_DIGITS
from ringfence.model.sip_answers import SipAnswer
from ringfence.store.accounts import ACCOUNT_COLUMNS, read_account
from ringfence.store.block_groups import IS_THERE
from ringfence.store.blocked_numbers import marks
from ringfence.store.database import Row, Transaction, Value
from ringfence.store.times import from_ms, from_optional_ms

BLOCKED, ALLOWED, OWN = 0, 1, 2
"""Where a match is from: the entries of groups, allowed numbers, the account's phone numbers."""

IS_PREFIX = "replace(pattern, '*', '') <> pattern"
"""Written as in the indexes of prefixes, or they are not used."""

_PREFIX_LENGTHS = json.dumps(list(range(len("+1*"), MAX_PREFIX_DIGITS + 3)))


class Match(NamedTuple):
    """A row that covers a number, live or expired.

    `row_id` is the id of the group, the allowed number or the phone number; `more` is the batch of
    a blocked number, and 1 for an allowed one that is protected. Moments in milliseconds.
    """

    source: int
    pattern: str
    row_id: int
    expires_at: int | None
    more: int

    def is_live(self, at_ms: int) -> bool:
        """Whether it counts at the moment `at_ms`."""
        return self.expires_at is None or self.expires_at > at_ms


class Look(NamedTuple):
    """Where an account's calls have to be looked up.

    How long the patterns of its blocked and of its allowed prefixes are, and whether it has allowed
    numbers, and phone numbers, at all.
    """

    blocked_prefixes: tuple[int, ...]
    allowed_prefixes: tuple[int, ...]
    has_allowed: bool
    has_own: bool


class Standing(NamedTuple):
    """An account, the id of its last change, and where its calls are looked up as of that."""

    account: Account
    change_id: int
    look: Look


class GroupRule(NamedTuple):
    """What a group does to the calls that its entries cover; an empty scope is for every call.

    `answer` is None for the account's own.
    """

    block_group_id: int
    name: str
    mode: Mode
    direction: Direction
    skill_ids: frozenset[int]
    called: frozenset[str]
    answer: SipAnswer | None


class Provenance(NamedTuple):
    """Who put an entry there, when, through which door, and why; None is nobody who is known."""

    added_by: str | None
    added_at: datetime
    door: str
    note: str


def select_standing(tx: Transaction, account_id: int) -> Standing:
    """Return what is known of an account as it is now."""
    row = tx.one(
        f"select {ACCOUNT_COLUMNS}, last_change_id, "
        "exists (select 1 from allowed_number where account_id = ?), "
        "exists (select 1 from phone_number where account_id = ?) "
        "from account where account_id = ?",
        (account_id,) * 3,
    )
    assert row is not None, f"account {account_id} is gone"
    *_, change_id, has_allowed, has_own = row
    look = Look(
        _prefix_lengths(tx, "blocked_number", account_id),
        _prefix_lengths(tx, "allowed_number", account_id) if has_allowed else (),
        *(bool(has_allowed), bool(has_own)),
    )
    return Standing(read_account(row[:-3]), change_id, look)


def _prefix_lengths(tx: Transaction, table: str, account_id: int) -> tuple[int, ...]:
    rows = tx.all(
        f"select cast(sent.value as integer) from {tx.sent_rows} where exists (select 1 "
        f"from {table} where account_id = ? and length(pattern) = cast(sent.value as integer) "
        f"and {IS_PREFIX})",
        (_PREFIX_LENGTHS, account_id),
    )
    return tuple(sorted(row[0] for row in rows))


def select_matches(tx: Transaction, account_id: int, number: str, look: Look) -> list[Match]:
    """Return every row that covers `number`, which is in E.164 or `withheld`."""
    values: list[Value] = [account_id, number]
    for length in look.blocked_prefixes:
        values.append(f"{number[: length - 1]}*")  # noqa: PERF401  the quickest way
    if look.has_allowed:
        values += account_id, number
        values += [f"{number[: length - 1]}*" for length in look.allowed_prefixes]
    if look.has_own:
        values += account_id, number
    return [Match(*row) for row in tx.all(_matches_sql(look), values)]


@lru_cache(maxsize=1024)
def _matches_sql(look: Look) -> str:
    select_blocked = (
        f"select {BLOCKED}, pattern, block_group_id, expires_at, batch_id from blocked_number "
        f"where account_id = ? and pattern {_one_of(1 + len(look.blocked_prefixes))}"
    )
    parts = [select_blocked]
    if look.has_allowed:
        parts.append(
            f"select {ALLOWED}, pattern, allowed_number_id, expires_at, protected "
            "from allowed_number where account_id = ? "
            f"and pattern {_one_of(1 + len(look.allowed_prefixes))}"
        )
    if look.has_own:
        parts.append(
            f"select {OWN}, number_key, phone_number_id, null, 0 from phone_number "
            "where account_id = ? and number_key = ?"
        )
    return " union all ".join(parts)


def _one_of(count: int) -> str:
    return "= ?" if count == 1 else f"in ({marks(range(count))})"


def select_many_matches(
    tx: Transaction, account_id: int, patterns: Iterable[str], look: Look
) -> dict[str, list[Match]]:
    """Return the rows of any of `patterns`, by pattern: the patterns of many numbers at once."""
    sent = json.dumps(list(patterns))
    found: dict[str, list[Match]] = {}
    for sql in _many_matches_sql(tx, look):
        for row in tx.all(sql, (sent, account_id)):
            found.setdefault(row[1], []).append(Match(*row))
    return found


def _many_matches_sql(tx: Transaction, look: Look) -> Iterator[str]:
    # A cross join is what keeps SQLite from walking the table instead of looking up what was sent.
    key = f"from {tx.sent_rows} cross join"
    value = tx.sent_text
    yield (
        f"select {BLOCKED}, pattern, block_group_id, expires_at, batch_id {key} blocked_number "
        f"where account_id = ? and pattern = {value}"
    )
    if look.has_allowed:
        yield (
            f"select {ALLOWED}, pattern, allowed_number_id, expires_at, protected {key} "
            f"allowed_number where account_id = ? and pattern = {value}"
        )
    if look.has_own:
        yield (
            f"select {OWN}, number_key, phone_number_id, null, 0 {key} phone_number "
            f"where account_id = ? and number_key = {value}"
        )


def select_group_rule(tx: Transaction, account_id: int, block_group_id: int) -> GroupRule | None:
    """Return what a group does, or None where it is not there."""
    row = tx.one(
        "select block_group_id, name, mode, direction, scope_skills, scope_called, answer_code, "
        "answer_phrase from block_group "
        f"where account_id = ? and block_group_id = ? and {IS_THERE}",
        (account_id, block_group_id),
    )
    return None if row is None else _read_rule(row)


def _read_rule(row: Row) -> GroupRule:
    group_id, name, mode, direction, skill_ids, called, code, phrase = row
    return GroupRule(
        *(group_id, name, Mode(mode), Direction(direction)),
        *(frozenset(json.loads(skill_ids)), frozenset(json.loads(called))),
        None if code is None else SipAnswer(code, phrase),
    )


def select_provenances(
    tx: Transaction, account_id: int, batch_ids: Sequence[int]
) -> dict[int, Provenance]:
    """Return who put the entries of batches there, by the ids of those."""
    rows = tx.all(
        "select batch.batch_id, coalesce(nullif(api_key.label, ''), api_key.prefix), "
        "batch.created_at, batch.door, batch.reason from batch left join api_key "
        "on api_key.account_id = batch.account_id and api_key.key_id = batch.key_id "
        f"where batch.account_id = ? and batch.batch_id in ({marks(batch_ids)})",
        (account_id, *batch_ids),
    )
    return {row[0]: Provenance(row[1], from_ms(row[2]), *row[3:]) for row in rows}


def expiry_of(match: Match) -> datetime | None:
    """Return until when a match counts, None for good."""
    return from_optional_ms(match.expires_at)
