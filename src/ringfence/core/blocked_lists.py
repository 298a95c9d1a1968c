"""Looking through blocked numbers: those of one group, and whatever blocks one number."""

from collections.abc import Sequence
from datetime import datetime

from ringfence.core.scans import read_place, scan, spans_of, within
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import (
    BlockedEntry,
    EntryQuery,
    EntryState,
    FoundBlock,
    number_problem,
)
from ringfence.model.numbers import E164
from ringfence.model.pages import Page, Position, Window
from ringfence.model.patterns import WITHHELD, Kind, kind_of, patterns_of, read_pattern
from ringfence.model.texts import is_storable
from ringfence.store import Store, Transaction, block_groups, blocked_numbers
from ringfence.store.blocked_numbers import Span

_ID_LIMIT = 2**63
"""What no database can count to."""


def list_blocked_numbers(
    store: Store,
    account: Account,
    block_group_id: int,
    query: EntryQuery,
    window: Window,
    *,
    at: datetime,
) -> Page[BlockedEntry]:
    """Return a page of the entries of a group, by pattern, as they are at the moment `at`.

    Raises BlockGroupNotFound, InvalidInput for a position that is none.
    """
    account_id = account.account_id
    spans = _spans(account, query)

    def select(tx: Transaction) -> Page[BlockedEntry]:
        block_groups.select_block_group(tx, account_id, block_group_id)

        def rows(part: Span, limit: int) -> Sequence[BlockedEntry]:
            return blocked_numbers.select_group_entries(tx, account_id, block_group_id, part, limit)

        return scan(
            within(spans, rows), lambda each: _is_wanted(each, query, at), _pattern_of, window
        )

    read_place(window.after)
    return store.read(select)


def find_blocks(
    store: Store, account: Account, number: str, window: Window, *, at: datetime
) -> Page[FoundBlock]:
    """Return a page of the live entries that cover a number, by pattern and group.

    The number itself and its prefixes, in groups of any mode; of `withheld` those of `withheld`.
    Raises InvalidInput where it is neither, or where the position is none.
    """
    patterns = _covering(account, number)
    after = _read_place(window.after)
    account_id, limit = account.account_id, window.limit
    found = store.read(
        lambda tx: blocked_numbers.select_found_blocks(
            tx, account_id, patterns, after, limit + 1, at
        )
    )
    if len(found) <= limit:
        return Page(tuple(found), None)
    last = found[limit - 1].entry
    return Page(tuple(found[:limit]), (last.pattern, last.group_id))


def _spans(account: Account, query: EntryQuery) -> tuple[Span, ...]:
    spans = spans_of(account, query.search)
    if query.kind is not Kind.WITHHELD:
        return spans
    is_within = any(each.low <= WITHHELD < each.high for each in spans)
    return spans_of(account, WITHHELD) if is_within else ()


def _is_wanted(entry: BlockedEntry, query: EntryQuery, at: datetime) -> bool:
    if query.kind not in (None, entry.kind):
        return False
    if query.state is EntryState.ALL:
        return True
    is_live = entry.expires_at is None or entry.expires_at > at
    return is_live is (query.state is EntryState.LIVE)


def _pattern_of(entry: BlockedEntry) -> str:
    return entry.pattern


def _covering(account: Account, number: str) -> tuple[str, ...]:
    pattern = read_pattern(number, account.region)
    kind = None if pattern is None else kind_of(pattern)
    if pattern is None or kind is Kind.PREFIX:
        raise InvalidInput(number_problem(number, account.region, "query:number"))
    return (WITHHELD,) if kind is Kind.WITHHELD else patterns_of(E164(pattern))


def _read_place(position: Position | None) -> tuple[str, int]:
    match position:
        case None:
            return "", 0
        case (str() as pattern, int() as group_id) if (
            is_storable(pattern) and 0 <= group_id < _ID_LIMIT
        ):
            return pattern, group_id
    rule = "this is no position in this list"
    raise InvalidInput(Problem(InputCode.CURSOR_INVALID, "query:after", rule))
