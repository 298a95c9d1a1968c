"""Putting many numbers into a group, and what becomes of each."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ringfence.core.allowed_numbers import create_allowed_number
from ringfence.core.block_groups import create_block_group
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    edit_blocked_number,
    get_blocked_number,
    remove_blocked_numbers,
)
from ringfence.core.group_settings import make_block_group
from ringfence.errors import (
    BlockedNumberNotFound,
    BlockGroupNotFound,
    InputCode,
    InvalidInput,
)
from ringfence.model.accounts import Account
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.block_groups import GroupDraft
from ringfence.model.blocked_numbers import (
    BlockedEntry,
    EntryChange,
    NumberResult,
    NumbersDraft,
    Outcome,
)
from ringfence.model.changes import Action, Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.model.patterns import Kind
from ringfence.model.protection import EMERGENCY, Protection, Protector
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN, new_account, own_number
from tests.core.records import followed, recorded, stored

SECOND = timedelta(seconds=1)
NUMBER = "9812345678"
E164 = "+919812345678"
PREFIX = "+91140*"


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with one empty group."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    return account


def at(seconds: int) -> Origin:
    """Return who acts, so many seconds later."""
    return replace(ORIGIN, at=NOW + seconds * SECOND)


def until(seconds: int | None) -> datetime | None:
    """Return an expiry, so many seconds from now."""
    return None if seconds is None else NOW + seconds * SECOND


def add(
    store: Store, account: Account, *numbers: str, end: int | None = None, now: int = 0
) -> list[Outcome]:
    """Add numbers to the group and return what became of each."""
    draft = NumbersDraft(numbers, until(end))
    return [each.outcome for each in add_blocked_numbers(store, account, 1, draft, at(now))]


def test_each_number_is_told_as_it_was_sent(store: Store, alice: Account) -> None:
    """In the order sent, with what it is stored as."""
    sent = ["98123 45678", "140*", "Anonymous", "12345", "abc", "98123-45678", "anonymous"]
    results = add_blocked_numbers(store, alice, 1, NumbersDraft(sent), ORIGIN)
    assert [(each.number, each.outcome, each.pattern) for each in results] == [
        ("98123 45678", Outcome.ADDED, E164),
        ("140*", Outcome.ADDED, PREFIX),
        ("Anonymous", Outcome.ADDED, "withheld"),
        ("12345", Outcome.INVALID, None),
        ("abc", Outcome.INVALID, None),
        ("98123-45678", Outcome.ALREADY_THERE, E164),
        ("anonymous", Outcome.ALREADY_THERE, "withheld"),
    ]
    problems = [each.problem for each in results]
    codes = [each and each.code for each in problems]
    bad = [InputCode.NUMBER_IMPOSSIBLE, InputCode.NUMBER_UNREADABLE]
    assert codes == [None, None, None, *bad, None, None]
    assert set(stored(store, alice)["1"]) == {E164, PREFIX, "withheld"}


def test_a_protected_number_says_what_protects_it(store: Store, alice: Account) -> None:
    """A phone number, an allowed number, an emergency number; the rest takes effect."""
    own_number(store, alice, "desk", NUMBER)
    for number, protected in (("9812345670", True), ("9812345671", False)):
        draft = AllowedDraft(number, protected=protected)
        create_allowed_number(store, alice, draft, ORIGIN)
    sent = [NUMBER, "9812345670", "9812345671", "112", "tel:112", "+91 98123 45678", "9*"]
    results = add_blocked_numbers(store, alice, 1, NumbersDraft(sent), ORIGIN)
    desk = Protection(Protector.PHONE_NUMBER, 1, "desk")
    allowed = Protection(Protector.ALLOWED_NUMBER, 1)
    expected = [desk, allowed, None, EMERGENCY, EMERGENCY, desk, None]
    assert [each.protected_by for each in results] == expected
    outcomes = [each.outcome for each in results]
    assert outcomes == [Outcome.PROTECTED if each else Outcome.ADDED for each in expected]
    assert set(stored(store, alice)["1"]) == {"+919812345671", "+919*"}


def test_a_longer_emergency_number_is_protected(store: Store) -> None:
    """South Africa's police has a possible number."""
    account = new_account(store, "ZA")
    make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    (result,) = add_blocked_numbers(store, account, 1, NumbersDraft(["010111"]), ORIGIN)
    expected = NumberResult("010111", Outcome.PROTECTED, "+2710111", None, EMERGENCY)
    assert result == expected


def test_adding_never_shortens(store: Store, alice: Account) -> None:
    """A later end extends, an earlier or the same one finds it there, an expired one is new."""
    steps = [
        (0, 5, Outcome.ADDED),
        (1, 5, Outcome.ALREADY_THERE),
        (1, 4, Outcome.ALREADY_THERE),
        (1, 9, Outcome.EXTENDED),
        (9, 12, Outcome.ADDED),
        (10, None, Outcome.EXTENDED),
        (11, None, Outcome.ALREADY_THERE),
        (11, 99, Outcome.ALREADY_THERE),
        (200, 300, Outcome.ALREADY_THERE),
    ]
    for now, end, outcome in steps:
        assert add(store, alice, NUMBER, end=end, now=now) == [outcome]
    assert get_blocked_number(store, alice, 1, NUMBER).expires_at is None
    assert followed(store, alice) == stored(store, alice)
    assert len(recorded(store, alice)) == 1 + 4


def test_a_number_in_another_group_is_new_in_this_one(store: Store, alice: Account) -> None:
    """Each group holds its own."""
    create_block_group(store, alice, GroupDraft("Pests", "about", [NUMBER], None), ORIGIN)
    assert add(store, alice, NUMBER, end=5) == [Outcome.ADDED]
    assert add(store, new_account_with_group(store), NUMBER) == [Outcome.ADDED]


def new_account_with_group(store: Store) -> Account:
    """Return another account with one empty group."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    return account


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (NumbersDraft([]), ["numbers"]),
        (NumbersDraft([NUMBER] * 10_001), ["numbers"]),
        (NumbersDraft([NUMBER], NOW), ["expires_at"]),
        (NumbersDraft([NUMBER], reason="x" * 201), ["reason"]),
        (NumbersDraft([], NOW - SECOND, "\0"), ["numbers", "expires_at", "reason"]),
    ],
)
def test_a_bad_draft_adds_nothing(
    store: Store, alice: Account, draft: NumbersDraft, fields: list[str]
) -> None:
    """All that is wrong is told together, but an unknown group before it."""
    with pytest.raises(InvalidInput) as refused:
        add_blocked_numbers(store, alice, 1, draft, ORIGIN)
    assert [each.field for each in refused.value.problems] == fields
    with pytest.raises(BlockGroupNotFound):
        add_blocked_numbers(store, alice, 2, draft, ORIGIN)
    assert stored(store, alice) == {}


def test_ten_thousand_numbers_are_one_change(store: Store, alice: Account) -> None:
    """Of one batch, with every number in it; and they are removed as one."""
    numbers = [f"98{place:08}" for place in range(10_000)]
    assert set(add(store, alice, *numbers, end=5)) == {Outcome.ADDED}
    assert set(add(store, alice, *numbers)) == {Outcome.EXTENDED}
    assert followed(store, alice) == stored(store, alice)
    removed = remove_blocked_numbers(store, alice, 1, numbers, ORIGIN)
    assert {each.outcome for each in removed} == {Outcome.REMOVED}
    assert followed(store, alice) == {"1": {}}
    actions = [each.change.action for each in recorded(store, alice)[1:]]
    assert actions == [Action.NUMBERS_ADDED, Action.NUMBERS_ADDED, Action.NUMBERS_REMOVED]


def test_what_changes_nothing_is_not_recorded(store: Store, alice: Account) -> None:
    """Neither what was there, nor what is invalid, nor what was not there."""
    add(store, alice, NUMBER)
    before = len(recorded(store, alice))
    add(store, alice, NUMBER, "12345", "112", end=5)
    remove_blocked_numbers(store, alice, 1, ["9812345670", "x"], ORIGIN)
    edit_blocked_number(store, alice, 1, NUMBER, EntryChange(None, ""), ORIGIN)
    assert len(recorded(store, alice)) == before


def test_numbers_are_removed(store: Store, alice: Account) -> None:
    """In any spelling; an expired one is cleared away but was not there."""
    add(store, alice, NUMBER, PREFIX, "withheld")
    add(store, alice, "9812345670", end=5)
    sent = ["098123 45678", "140*", "PRIVATE", "9812345670", NUMBER, "9812345671", "x", "112"]
    results = remove_blocked_numbers(store, alice, 1, sent, at(5))
    there, absent = [Outcome.REMOVED] * 3, [Outcome.NOT_THERE] * 3
    assert [each.outcome for each in results] == [*there, *absent, *[Outcome.INVALID] * 2]
    assert [each.pattern for each in results[:2]] == [E164, PREFIX]
    assert stored(store, alice) == {}
    assert followed(store, alice) == {"1": {}}


def test_1_to_10000_numbers_are_removed(store: Store, alice: Account) -> None:
    """An unknown group is told before."""
    for numbers in ([], [NUMBER] * 10_001):
        with pytest.raises(InvalidInput, match="1 to 10,000 numbers"):
            remove_blocked_numbers(store, alice, 1, numbers, ORIGIN)
        with pytest.raises(BlockGroupNotFound):
            remove_blocked_numbers(store, alice, 2, numbers, ORIGIN)


@pytest.mark.parametrize(
    ("text", "pattern", "kind"),
    [
        ("98123 45678", E164, Kind.EXACT),
        ("140*", PREFIX, Kind.PREFIX),
        ("Anonymous", "withheld", Kind.WITHHELD),
    ],
)
def test_an_entry_tells_who_put_it_there(
    store: Store, alice: Account, text: str, pattern: str, kind: Kind
) -> None:
    """When, through which door, until when, why; also after it expired."""
    draft = NumbersDraft(["140*", NUMBER, "withheld", "1400*", "9812345679"], until(5), "spam")
    add_blocked_numbers(store, alice, 1, draft, ORIGIN)
    entry = get_blocked_number(store, alice, 1, text)
    assert entry == BlockedEntry(pattern, kind, 1, until(5), "spam", NOW, "test", 1)


@pytest.mark.parametrize("text", ["9812345679", "+9*", "x", "", "\0", "\ud800", "withheld"])
def test_an_entry_that_is_not_there_is_not_found(store: Store, alice: Account, text: str) -> None:
    """Whatever was asked for."""
    add(store, alice, NUMBER, PREFIX)
    with pytest.raises(BlockedNumberNotFound):
        get_blocked_number(store, alice, 1, text)
    with pytest.raises(BlockedNumberNotFound):
        edit_blocked_number(store, alice, 1, text, EntryChange(NOW), ORIGIN)
    with pytest.raises(BlockGroupNotFound):
        get_blocked_number(store, alice, 2, text)


def test_an_entry_is_edited(store: Store, alice: Account) -> None:
    """It may be made to end sooner; what is not given stays; by whom is told."""
    add_blocked_numbers(store, alice, 1, NumbersDraft([NUMBER], until(9), "spam"), ORIGIN)
    later = Origin("later", 2, NOW + SECOND)

    def edit(change: EntryChange) -> tuple[datetime | None, str]:
        entry = edit_blocked_number(store, alice, 1, f"0{NUMBER}", change, later)
        assert entry == get_blocked_number(store, alice, 1, NUMBER)
        assert (entry.added_at, entry.door, entry.key_id) == (later.at, "later", 2)
        return entry.expires_at, entry.reason

    assert edit(EntryChange(expires_at=until(3))) == (until(3), "spam")
    assert edit(EntryChange(reason="why")) == (until(3), "why")
    assert edit(EntryChange(None, "")) == (None, "")
    assert followed(store, alice) == stored(store, alice)
    assert recorded(store, alice)[-1].change.action is Action.NUMBERS_EDITED


def test_an_edit_keeps_its_rules(store: Store, alice: Account) -> None:
    """An expiry lies in the future, a reason is short."""
    add(store, alice, NUMBER)
    with pytest.raises(InvalidInput) as refused:
        edit_blocked_number(store, alice, 1, NUMBER, EntryChange(NOW, "x" * 201), ORIGIN)
    assert [each.field for each in refused.value.problems] == ["expires_at", "reason"]


def test_parallel_writers_extend_to_the_latest(store: Store, alice: Account) -> None:
    """Whoever comes first: nobody shortens what another extended."""
    ends = [*range(1, 17)]

    def extend(end: int) -> Outcome:
        return add(store, alice, NUMBER, PREFIX, end=end)[0]

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(extend, ends * 2))
    assert outcomes.count(Outcome.ADDED) == 1
    assert get_blocked_number(store, alice, 1, NUMBER).expires_at == until(16)
    assert get_blocked_number(store, alice, 1, PREFIX).expires_at == until(16)
    assert followed(store, alice) == stored(store, alice)
