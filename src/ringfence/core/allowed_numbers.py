"""Allowing numbers: calls of theirs always ring, whatever blocks them."""

from collections.abc import Sequence

from ringfence.core.scans import read_place, scan, spans_of, within
from ringfence.errors import AllowedNumberExists, InvalidInput, PreconditionFailed
from ringfence.model.accounts import Account
from ringfence.model.allowed_numbers import (
    AllowedDraft,
    AllowedNumber,
    AllowedQuery,
    allowed_problems,
    facts_of,
)
from ringfence.model.changes import Action, Change, Facts, Origin
from ringfence.model.pages import Page, Window
from ringfence.model.patterns import kind_of, read_pattern
from ringfence.model.revisions import revision_of
from ringfence.store import Store, Transaction, allowed_numbers, changes, phone_numbers
from ringfence.store.accounts import next_id
from ringfence.store.blocked_numbers import Span
from ringfence.store.times import to_optional_ms


def create_allowed_number(
    store: Store, account: Account, draft: AllowedDraft, origin: Origin
) -> AllowedNumber:
    """Allow a number, a prefix or `withheld`; an expired one of the same is replaced.

    Raises InvalidInput, AllowedNumberExists.
    """
    found = tuple(allowed_problems(draft, account.region, origin.at))
    pattern = read_pattern(draft.number, account.region)
    if found or pattern is None:
        raise InvalidInput(*found)

    def create(tx: Transaction) -> AllowedNumber:
        tx.lock_account(account.account_id)
        phone_numbers.check_region(tx, account)
        _make_room(tx, account, pattern, origin)
        made = AllowedNumber(
            next_id(tx, account.account_id, "last_allowed_number_id"),
            *(pattern, kind_of(pattern), draft.protected, draft.expires_at, draft.reason),
            *(origin.door, origin.key_id, origin.at),
        )
        allowed_numbers.insert_allowed_number(tx, account.account_id, made)
        _log(tx, account, Action.NUMBER_ALLOWED, made, origin)
        return _select(tx, account, made.allowed_number_id)

    return store.write(create)


def list_allowed_numbers(
    store: Store, account: Account, query: AllowedQuery, window: Window
) -> Page[AllowedNumber]:
    """Return a page of allowed numbers, expired ones too, by pattern.

    Raises InvalidInput for a position that is none.
    """
    read_place(window.after)
    spans = spans_of(account, query.search)

    def select(tx: Transaction) -> Page[AllowedNumber]:
        def rows(part: Span, limit: int) -> Sequence[AllowedNumber]:
            return allowed_numbers.select_allowed_numbers(tx, account.account_id, part, limit)

        def wanted(each: AllowedNumber) -> bool:
            return query.protected in (None, each.protected)

        return scan(within(spans, rows), wanted, _pattern_of, window)

    return store.read(select)


def get_allowed_number(store: Store, account: Account, allowed_number_id: int) -> AllowedNumber:
    """Return an allowed number, expired or not. Raises AllowedNumberNotFound."""
    return store.read(lambda tx: _select(tx, account, allowed_number_id))


def delete_allowed_number(
    store: Store,
    account: Account,
    allowed_number_id: int,
    origin: Origin,
    expected: str | None = None,
) -> None:
    """Allow a number no longer.

    Raises AllowedNumberNotFound, PreconditionFailed where `expected` is not its revision.
    """

    def delete(tx: Transaction) -> None:
        tx.lock_account(account.account_id)
        allowed = _select(tx, account, allowed_number_id)
        if expected not in (None, revision_of(allowed)):
            raise PreconditionFailed
        _delete(tx, account, allowed, origin)

    store.write(delete)


def _make_room(tx: Transaction, account: Account, pattern: str, origin: Origin) -> None:
    there = allowed_numbers.select_allowed_pattern(tx, account.account_id, pattern)
    if there is None:
        return
    if there.expires_at is None or there.expires_at > origin.at:
        raise AllowedNumberExists(allowed_number_id=there.allowed_number_id)
    _delete(tx, account, there, origin)


def _select(tx: Transaction, account: Account, allowed_number_id: int) -> AllowedNumber:
    return allowed_numbers.select_allowed_number(tx, account.account_id, allowed_number_id)


def _delete(tx: Transaction, account: Account, allowed: AllowedNumber, origin: Origin) -> None:
    number_id = allowed.allowed_number_id
    allowed_numbers.delete_allowed_number(tx, account.account_id, number_id)
    _log(tx, account, Action.NUMBER_DISALLOWED, allowed, origin)


def _log(
    tx: Transaction, account: Account, action: Action, allowed: AllowedNumber, origin: Origin
) -> None:
    facts: Facts = facts_of(allowed, to_optional_ms(allowed.expires_at))
    both = (None, facts) if action is Action.NUMBER_ALLOWED else (facts, None)
    change = Change(action, str(allowed.allowed_number_id), *both)
    changes.insert_change(tx, account.account_id, change, origin)


def _pattern_of(allowed: AllowedNumber) -> str:
    return allowed.pattern
