"""Putting numbers, prefixes and `withheld` into a group and taking them out, many at a time.

What became of each is told in the order sent. Numbers are read before the transaction, which only
decides and writes; by whoever opens one around a verb, with `read_numbers`, before that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ringfence.core.block_groups import get_block_group
from ringfence.core.group_entries import Terms, edit_entry, put_entries, take_entries
from ringfence.core.number_reading import read_numbers, told_of_emergency, told_of_none
from ringfence.core.protection import protections_of, refuse_longer
from ringfence.errors import (
    BlockedNumberNotFound,
    InvalidInput,
    PreconditionFailed,
    Problem,
)
from ringfence.model.accounts import Account
from ringfence.model.block_groups import expiry_problems
from ringfence.model.blocked_numbers import (
    BlockedEntry,
    EntryChange,
    NumberResult,
    NumbersDraft,
    Outcome,
    ReadNumber,
    ReadNumbers,
    count_problems,
    reason_problems,
)
from ringfence.model.changes import Origin
from ringfence.model.keep import Keep
from ringfence.model.moments import to_the_millisecond
from ringfence.model.numbers import E164
from ringfence.model.patterns import Kind, kind_of, read_pattern
from ringfence.model.protection import Protection
from ringfence.store import Store, Transaction, block_groups, blocked_numbers, phone_numbers
from ringfence.store.blocked_numbers import Entry
from ringfence.store.times import to_ms


def add_blocked_numbers(
    store: Store, account: Account, block_group_id: int, draft: NumbersDraft, origin: Origin
) -> list[NumberResult]:
    """Block numbers in a group; those there already are never made to end sooner.

    Returns one result for each number sent, in that order. Raises BlockGroupNotFound before
    anything else, InvalidInput.
    """
    found = tuple(_draft_problems(draft, origin.at))
    if found:
        get_block_group(store, account, block_group_id)
        raise InvalidInput(*found)
    read = read_numbers(account, draft.numbers).numbers
    patterns = _patterns(each for each in read if not each.is_emergency)

    def add(tx: Transaction) -> list[NumberResult]:
        _lock_group(tx, account, block_group_id)
        numbers = [E164(each) for each in patterns if kind_of(each) is Kind.EXACT]
        protected = protections_of(tx, account, numbers, origin.at)
        held = _held(tx, account, block_group_id, patterns)
        outcomes = _outcomes(patterns, protected, held, draft.expires_at, origin.at)
        written = {each: held.get(each) for each, outcome in outcomes.items() if outcome in _WRITES}
        terms = Terms(draft.expires_at, draft.reason)
        put_entries(tx, account, block_group_id, written, terms, origin)
        told = _Told(account, outcomes, protected)
        return [told_of_emergency(each) if each.is_emergency else told.of(each) for each in read]

    return store.write(add)


def remove_blocked_numbers(
    store: Store,
    account: Account,
    block_group_id: int,
    numbers: Sequence[str] | ReadNumbers,
    origin: Origin,
) -> list[NumberResult]:
    """Take numbers out of a group, expired ones too, though those are told as not there.

    Returns one result for each number sent, in that order. Raises BlockGroupNotFound before
    anything else, InvalidInput.
    """
    found = tuple(count_problems(numbers))
    if found:
        get_block_group(store, account, block_group_id)
        raise InvalidInput(*found)
    read = read_numbers(account, numbers).numbers
    patterns = _patterns(read)

    def remove(tx: Transaction) -> list[NumberResult]:
        _lock_group(tx, account, block_group_id)
        held = _held(tx, account, block_group_id, patterns)
        take_entries(tx, account, held.values(), origin)
        live = {each for each, entry in held.items() if entry.is_live(origin.at)}
        outcomes = {
            each: Outcome.REMOVED if each in live else Outcome.NOT_THERE for each in patterns
        }
        told = _Told(account, outcomes, {}, Outcome.NOT_THERE)
        return [told.of(each) for each in read]

    return store.write(remove)


def get_blocked_number(
    store: Store, account: Account, block_group_id: int, number: str
) -> BlockedEntry:
    """Return an entry of a group, expired or not, by a number, prefix or `withheld`.

    Raises BlockGroupNotFound, BlockedNumberNotFound.
    """
    pattern = read_pattern(number, account.region)
    return store.read(lambda tx: _entry(tx, account, block_group_id, pattern))


def edit_blocked_number(  # noqa: PLR0913  as every verb that is asked with a revision
    store: Store,
    account: Account,
    block_group_id: int,
    number: str,
    change: EntryChange,
    origin: Origin,
    expected: str | None = None,
) -> BlockedEntry:
    """Give an entry another expiry, which may be sooner, or another reason; return the entry.

    Raises BlockGroupNotFound, BlockedNumberNotFound, PreconditionFailed where `expected` is not
    its revision, InvalidInput, and NumberProtected where a number that is protected now would be
    blocked for longer.
    """
    found = tuple(_change_problems(change, origin.at))
    pattern = read_pattern(number, account.region)

    def edit(tx: Transaction) -> BlockedEntry:
        before = _lock_entry(tx, account, block_group_id, pattern, expected)
        if found:
            raise InvalidInput(*found)
        terms = _terms(before, change)
        if (terms.expires_at, terms.reason) != (before.expires_at, before.reason):
            refuse_longer(tx, account, before, terms.expires_at, origin.at)
            held = _held(tx, account, block_group_id, [before.pattern])
            edit_entry(tx, account, held[before.pattern], before.reason, terms, origin)
        return _entry(tx, account, block_group_id, pattern)

    return store.write(edit)


def remove_blocked_number(
    store: Store,
    account: Account,
    block_group_id: int,
    number: str,
    origin: Origin,
    expected: str | None = None,
) -> None:
    """Take one entry out of a group, an expired one too.

    Raises BlockGroupNotFound, BlockedNumberNotFound, PreconditionFailed where `expected` is not
    its revision.
    """
    pattern = read_pattern(number, account.region)

    def remove(tx: Transaction) -> None:
        gone = _lock_entry(tx, account, block_group_id, pattern, expected)
        held = _held(tx, account, block_group_id, [gone.pattern])
        take_entries(tx, account, held.values(), origin)

    store.write(remove)


_WRITES = (Outcome.ADDED, Outcome.EXTENDED)


def _terms(before: BlockedEntry, change: EntryChange) -> Terms:
    until = change.expires_at
    if isinstance(until, datetime):
        until = to_the_millisecond(until)
    return Terms(
        before.expires_at if isinstance(until, Keep) else until,
        before.reason if isinstance(change.reason, Keep) else change.reason,
    )


def _draft_problems(draft: NumbersDraft, at: datetime) -> Iterable[Problem]:
    yield from count_problems(draft.numbers)
    yield from expiry_problems(draft.expires_at, at)
    yield from reason_problems(draft.reason)


def _change_problems(change: EntryChange, at: datetime) -> Iterable[Problem]:
    if not isinstance(change.expires_at, Keep):
        yield from expiry_problems(change.expires_at, at)
    if not isinstance(change.reason, Keep):
        yield from reason_problems(change.reason)


def _patterns(read: Iterable[ReadNumber]) -> list[str]:
    return sorted({each.pattern for each in read if each.pattern is not None})


def _held(
    tx: Transaction, account: Account, block_group_id: int, patterns: Sequence[str]
) -> dict[str, Entry]:
    entries = blocked_numbers.select_entries(tx, account.account_id, patterns, block_group_id)
    return {entry.pattern: entry for entry in entries}


def _outcomes(
    patterns: Iterable[str],
    protected: Mapping[str, Protection],
    held: Mapping[str, Entry],
    expires_at: datetime | None,
    at: datetime,
) -> dict[str, Outcome]:
    return {
        each: Outcome.PROTECTED if each in protected else outcome_of(held.get(each), expires_at, at)
        for each in patterns
    }


def outcome_of(entry: Entry | None, expires_at: datetime | None, at: datetime) -> Outcome:
    """Return what becomes of a number that is to be blocked until `expires_at`.

    `entry` is what the group holds of it; a live one is never made to end sooner.
    """
    if entry is None or not entry.is_live(at):
        return Outcome.ADDED
    if entry.expires_at is None:
        return Outcome.ALREADY_THERE
    longer = expires_at is None or entry.expires_at < to_ms(expires_at)
    return Outcome.EXTENDED if longer else Outcome.ALREADY_THERE


class _Told:
    """What became of each number: of one sent again, that nothing more became of it."""

    def __init__(
        self,
        account: Account,
        outcomes: Mapping[str, Outcome],
        protected: Mapping[str, Protection],
        repeated: Outcome = Outcome.ALREADY_THERE,
    ) -> None:
        self._account, self._outcomes, self._protected = account, outcomes, protected
        self._repeated = repeated
        self._seen: set[str] = set()

    def of(self, number: ReadNumber) -> NumberResult:
        """Return what became of the next number."""
        pattern = number.pattern
        if pattern is None:
            return told_of_none(self._account, number)
        outcome, protection = self._outcomes[pattern], self._protected.get(pattern)
        if pattern in self._seen and protection is None:
            outcome = self._repeated
        self._seen.add(pattern)
        return NumberResult(number.text, outcome, pattern, protected_by=protection)


def _lock_group(tx: Transaction, account: Account, block_group_id: int) -> None:
    tx.lock_account(account.account_id)
    phone_numbers.check_region(tx, account)
    block_groups.select_block_group(tx, account.account_id, block_group_id)


def _lock_entry(
    tx: Transaction,
    account: Account,
    block_group_id: int,
    pattern: str | None,
    expected: str | None,
) -> BlockedEntry:
    tx.lock_account(account.account_id)
    phone_numbers.check_region(tx, account)
    entry = _entry(tx, account, block_group_id, pattern)
    if expected not in (None, entry.revision):
        raise PreconditionFailed
    return entry


def _entry(
    tx: Transaction, account: Account, block_group_id: int, pattern: str | None
) -> BlockedEntry:
    account_id = account.account_id
    block_groups.select_block_group(tx, account_id, block_group_id)
    if pattern is None:
        raise BlockedNumberNotFound
    # Nothing stands between a pattern and itself with a character that no pattern has.
    span = blocked_numbers.Span(pattern, f"{pattern}!")
    found = blocked_numbers.select_group_entries(tx, account_id, block_group_id, span, 1)
    if not found:
        raise BlockedNumberNotFound
    return found[0]
