"""Looking through blocked numbers, page by page."""

from datetime import timedelta

import pytest

from ringfence.core import scans
from ringfence.core.blocked_lists import find_blocks, list_blocked_numbers
from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.group_settings import make_block_group
from ringfence.errors import BlockGroupNotFound, InputCode, InvalidInput
from ringfence.model.accounts import Account
from ringfence.model.block_groups import Mode
from ringfence.model.blocked_numbers import (
    BlockedEntry,
    EntryQuery,
    EntryState,
    FoundBlock,
    NumbersDraft,
)
from ringfence.model.group_settings import GroupSettings
from ringfence.model.pages import Page, Position, Window
from ringfence.model.patterns import Kind
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN, new_account

SECOND = timedelta(seconds=1)
PLUS = "+919812345678"


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with a group of many kinds of entries, and another of one."""
    account = new_account(store)
    for name, mode in (("Spam", Mode.ENFORCE), ("Pests", Mode.MONITOR)):
        make_block_group(store, account, GroupSettings(name, mode=mode), ORIGIN)
    block(store, account, 1, "9812345678", "9812345679", "+12015550123", "140*", "withheld")
    block(store, account, 1, "9812345670", "98123*", seconds=5)
    block(store, account, 2, "9812345678")
    return account


def block(
    store: Store, account: Account, group_id: int, *numbers: str, seconds: int | None = None
) -> None:
    """Block numbers in a group, for `seconds` or for good."""
    until = None if seconds is None else NOW + seconds * SECOND
    add_blocked_numbers(store, account, group_id, NumbersDraft(numbers, until, "why"), ORIGIN)


def pages(
    store: Store, account: Account, query: EntryQuery, limit: int = 99, seconds: int = 0
) -> list[Page[BlockedEntry]]:
    """Return every page of the first group."""
    found, after = [], None
    while True:
        window, at = Window(limit, after), NOW + seconds * SECOND
        page = list_blocked_numbers(store, account, 1, query, window, at=at)
        found.append(page)
        after = page.next
        if after is None:
            return found


def listed(
    store: Store, account: Account, query: EntryQuery, limit: int = 99, seconds: int = 0
) -> list[str]:
    """Return the patterns of every page of the first group."""
    found = pages(store, account, query, limit, seconds)
    return [entry.pattern for page in found for entry in page.items]


LIVE = ["+12015550123", "+91140*", PLUS, "+919812345679", "withheld"]
EXPIRING = ["+9198123*", "+919812345670"]


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7, 8, 99])
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (EntryState.LIVE, LIVE),
        (EntryState.EXPIRED, EXPIRING),
        (EntryState.ALL, sorted(LIVE + EXPIRING)),
    ],
)
def test_every_entry_is_listed_once(
    store: Store, alice: Account, limit: int, state: EntryState, expected: list[str]
) -> None:
    """By pattern, whatever a page holds; an entry is expired at its very end."""
    assert listed(store, alice, EntryQuery(state=state), limit, 5) == expected
    if state is EntryState.LIVE:
        assert listed(store, alice, EntryQuery(), limit, 4) == sorted(LIVE + EXPIRING)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.EXACT, ["+12015550123", "+919812345670", PLUS, "+919812345679"]),
        (Kind.PREFIX, ["+91140*", "+9198123*"]),
        (Kind.WITHHELD, ["withheld"]),
    ],
)
def test_entries_are_listed_by_kind(
    store: Store, alice: Account, kind: Kind, expected: list[str]
) -> None:
    """Alone, and beside a search."""
    assert listed(store, alice, EntryQuery(kind=kind), 2) == expected
    found = listed(store, alice, EntryQuery("981", kind))
    assert found == [each for each in expected if each.startswith("+91981")]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("98123", ["+9198123*", "+919812345670", PLUS, "+919812345679"]),
        ("+91 9812-34567 8", [PLUS]),
        ("Anonymous", ["withheld"]),
        ("nobody", []),
        ("", []),
    ],
)
def test_entries_are_searched_by_leading_digits(
    store: Store, alice: Account, search: str, expected: list[str]
) -> None:
    """In any spelling, page by page; what is no number finds nothing."""
    assert listed(store, alice, EntryQuery(search), 1) == expected


def test_a_page_looks_at_so_many_rows(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is short, or empty, and says where to go on."""
    monkeypatch.setattr(scans, "MAX_SCANNED", 3)
    found = pages(store, alice, EntryQuery(state=EntryState.EXPIRED), 2, 5)
    assert [len(page.items) for page in found] == [1, 1, 0]
    assert listed(store, alice, EntryQuery(state=EntryState.EXPIRED), 2, 5) == EXPIRING


def test_the_scan_is_bounded_in_one_go(store: Store, alice: Account) -> None:
    """A page of what is rare among thousands ends after 2,000 of them."""
    block(store, alice, 1, *(f"70{place:08}" for place in range(2500)))
    found = pages(store, alice, EntryQuery("+917", Kind.PREFIX), 1)
    assert [(page.items, page.next) for page in found] == [((), ("+917000001999",)), ((), None)]


def test_only_its_own_group_is_listed(store: Store, alice: Account) -> None:
    """A group that is not there is told."""
    page = list_blocked_numbers(store, alice, 2, EntryQuery(), Window(9), at=NOW)
    assert [(each.pattern, each.group_id, each.reason) for each in page.items] == [(PLUS, 2, "why")]
    with pytest.raises(BlockGroupNotFound):
        list_blocked_numbers(store, alice, 3, EntryQuery("x"), Window(9), at=NOW)
    with pytest.raises(BlockGroupNotFound):
        list_blocked_numbers(store, new_account(store), 1, EntryQuery(), Window(9), at=NOW)


@pytest.mark.parametrize("place", [(), (1,), ("a", 1), ("a", "b"), ("\0",), ("\ud800",)])
def test_a_position_is_one_of_the_list(store: Store, alice: Account, place: Position) -> None:
    """Whatever a caller makes up; a place before what is searched is its beginning."""
    with pytest.raises(InvalidInput) as refused:
        list_blocked_numbers(store, alice, 1, EntryQuery(), Window(9, place), at=NOW)
    assert refused.value.problems[0].code is InputCode.CURSOR_INVALID
    for other in ((*place, 2**63), ("a",), ("a", -1)):
        with pytest.raises(InvalidInput):
            find_blocks(store, alice, PLUS, Window(9, other), at=NOW)
    page = list_blocked_numbers(store, alice, 1, EntryQuery("140"), Window(9, ("",)), at=NOW)
    assert [each.pattern for each in page.items] == ["+91140*"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_what_blocks_a_number_is_found(store: Store, alice: Account, limit: int) -> None:
    """In groups of any mode, by pattern and group; each with what its group is called and does."""
    block(store, alice, 2, "98123*")
    found: list[FoundBlock] = []
    after = None
    while True:
        page = find_blocks(store, alice, "98123 45678", Window(limit, after), at=NOW)
        found += page.items
        after = page.next
        if after is None:
            break
    assert [(each.entry.pattern, each.entry.group_id) for each in found] == [
        *(("+9198123*", 1), ("+9198123*", 2), (PLUS, 1), (PLUS, 2)),
    ]
    assert [(each.group_name, each.group_mode) for each in found[:2]] == [
        *(("Spam", Mode.ENFORCE), ("Pests", Mode.MONITOR)),
    ]
    assert {each.entry.reason for each in found} == {"why"}


def test_only_live_entries_are_found(store: Store, alice: Account) -> None:
    """At the moment of its expiry an entry is over."""
    for seconds, expected in ((4, 2), (5, 1)):
        at = NOW + seconds * SECOND
        found = find_blocks(store, alice, "9812345679", Window(9), at=at)
        assert len(found.items) == expected


def test_what_blocks_withheld_numbers_is_found(store: Store, alice: Account) -> None:
    """By any of its words."""
    found = find_blocks(store, alice, "Anonymous", Window(9), at=NOW).items
    assert [(each.entry.pattern, each.entry.kind) for each in found] == [
        ("withheld", Kind.WITHHELD)
    ]
    assert find_blocks(store, new_account(store), "withheld", Window(9), at=NOW).items == ()


@pytest.mark.parametrize("text", ["140*", "x", "", "12345", "\0", "\ud800"])
def test_what_is_no_number_cannot_be_blocked(store: Store, alice: Account, text: str) -> None:
    """That is told, not an empty list."""
    with pytest.raises(InvalidInput) as refused:
        find_blocks(store, alice, text, Window(9), at=NOW)
    assert refused.value.problems[0].field == "query:number"
