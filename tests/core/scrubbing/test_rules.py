"""Which numbers are dropped: those that a group blocks for every outbound call."""

from datetime import timedelta
from itertools import product

import pytest

from ringfence.core.allowed_numbers import create_allowed_number
from ringfence.core.group_settings import delete_block_group
from ringfence.core.scrubbing import outbound
from ringfence.model.accounts import Account
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.block_groups import Direction, Mode, Scope
from ringfence.model.scrubs import GroupDrops, ScrubReport
from ringfence.store import Store, outbound_blocks
from tests.core.people import NOW, ORIGIN, new_account, own_number
from tests.core.scrubbing.lists import block, kept, scrubbed

ONE, TWO, THREE = "9812345671", "9812345672", "9812345673"
SECOND = timedelta(seconds=1)
ENDS = (("981234000", ""), ("70123400", "5"))


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account without groups."""
    return new_account(store, skills=("Sales",))


@pytest.fixture(params=["loaded", "stored", "stored with prefixes"], autouse=True)
def _place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the blocks looked up in memory, in the store, and in both."""
    if request.param == "stored":
        monkeypatch.setattr(outbound, "MIN_ENTRIES", 0)
        monkeypatch.setattr(outbound, "_load", lambda _parts, _limit: None)
    if request.param == "stored with prefixes":
        load = outbound._load  # noqa: SLF001  what is replaced
        answers = iter([None])
        monkeypatch.setattr(outbound, "_load", lambda parts, _: next(answers, load(parts, 9)))


def test_without_groups_everything_is_kept(store: Store, alice: Account) -> None:
    """And so for a group without numbers."""
    assert kept(store, alice, ONE, TWO) == [ONE, TWO]
    block(store, alice, "Empty")
    assert kept(store, alice, ONE, TWO) == [ONE, TWO]


def test_a_blocked_number_is_dropped_in_any_spelling(store: Store, alice: Account) -> None:
    """Also beside others that are spelled otherwise, and as spreadsheets spoil it."""
    block(store, alice, "Spam", ONE)
    spellings = (ONE, f"+91{ONE}", f"0{ONE}", "98123 45671", "(+91) 98123-45671", f"{ONE}.0")
    assert kept(store, alice, *spellings, TWO) == [TWO]
    for spelling in spellings:
        assert kept(store, alice, spelling, spelling) == []


def test_a_group_enforces_and_looks_at_outbound_calls(store: Store, alice: Account) -> None:
    """Others drop nothing, by a number or by a prefix."""
    kinds = list(product(Mode, Direction))
    for place, (mode, direction) in enumerate(kinds):
        numbers = f"981234000{place}", f"70123400{place}*"
        block(store, alice, f"Group {place}", *numbers, mode=mode, direction=direction)
    enforcing = {Direction.OUTBOUND, Direction.BOTH}
    passing = [
        place
        for place, (mode, direction) in enumerate(kinds)
        if mode is not Mode.ENFORCE or direction not in enforcing
    ]
    called = [f"{lead}{place}{end}" for lead, end in ENDS for place in range(len(kinds))]
    left = [f"{lead}{place}{end}" for lead, end in ENDS for place in passing]
    assert len(left) == 14
    assert kept(store, alice, *called) == left


def test_a_group_of_some_calls_drops_nothing(store: Store, alice: Account) -> None:
    """For nobody knows whether it is one of those calls."""
    block(store, alice, "Of a skill", ONE, scope=Scope(("Sales",)))
    block(store, alice, "Of a number", TWO, scope=Scope((), ("+918041230000",)))
    assert kept(store, alice, ONE, TWO) == [ONE, TWO]


def test_a_deleted_group_drops_nothing(store: Store, alice: Account) -> None:
    """Though its entries are still there."""
    delete_block_group(store, alice, block(store, alice, "Spam", ONE), ORIGIN)
    block(store, alice, "More", TWO)
    assert kept(store, alice, ONE, TWO) == [ONE]


def test_an_entry_counts_until_it_expires(store: Store, alice: Account) -> None:
    """Exact or prefix."""
    block(store, alice, "Spam", ONE, "98123456*", until=NOW + 2 * SECOND)
    assert kept(store, alice, ONE, TWO, THREE, at=NOW + SECOND) == []
    assert kept(store, alice, ONE, TWO, THREE, at=NOW + 2 * SECOND) == [ONE, TWO, THREE]


def test_prefixes_drop_what_begins_alike(store: Store, alice: Account) -> None:
    """Of every length, the whole number's too; `withheld` is about no call that goes out."""
    block(store, alice, "Spam", "98*", f"{TWO}*", "+1212*", "withheld")
    left = kept(store, alice, ONE, TWO, "7012345678", "+12125550123", "+12135550123", "withheld")
    assert left == ["7012345678", "+12135550123", "withheld"]


def test_allowed_and_own_numbers_are_kept(store: Store, alice: Account) -> None:
    """Also by a prefix, and no longer than they are allowed."""
    block(store, alice, "Spam", ONE, TWO, THREE, "70*")
    create_allowed_number(store, alice, AllowedDraft(ONE, NOW + SECOND), ORIGIN)
    create_allowed_number(store, alice, AllowedDraft("7012*"), ORIGIN)
    own_number(store, alice, "desk", TWO)
    called = (ONE, TWO, THREE, "7012345678", "7013345678")
    assert kept(store, alice, *called) == [ONE, TWO, "7012345678"]
    assert kept(store, alice, *called, at=NOW + SECOND) == [TWO, "7012345678"]


def test_emergency_numbers_are_kept(store: Store) -> None:
    """One that is a number like others in E.164."""
    account = new_account(store, "ZA")
    block(store, account, "Spam", "+27*")
    assert kept(store, account, "10111", "+2710111", "0211234567") == ["10111", "+2710111"]


def test_what_spells_no_number_is_kept_and_counted(store: Store, alice: Account) -> None:
    """An empty cell, words for withheld numbers, extensions; blank lines are no rows."""
    block(store, alice, "Spam", ONE, "withheld", "+9*")
    data = f"name,phone\nA,\nB\n\nC,anonymous\nD,withheld\nE,112\nF,+9\nG,9.8E+09\nH,{ONE}\n"
    left, report = scrubbed(store, alice, data.encode())
    assert left.decode() == data.replace(f"H,{ONE}\n", "")
    assert report == ScrubReport(8, 1, 7, (GroupDrops(1, "Spam", 1),))
    assert report.kept == 7


def test_a_row_counts_for_every_group_that_drops_it(store: Store, alice: Account) -> None:
    """And once for all of them."""
    block(store, alice, "Spam", ONE, TWO)
    block(store, alice, "Pests", TWO, THREE)
    block(store, alice, "Prefix", "981234567*")
    block(store, alice, "Monitor", ONE, mode=Mode.MONITOR)
    block(store, alice, "None", "7012345678")
    _, report = scrubbed(
        store, alice, f"phone\n{ONE}\n{TWO}\n{TWO}\n{THREE}\n7112345678\n".encode()
    )
    drops = [(each.name, each.rows) for each in report.groups]
    assert drops == [("Spam", 3), ("Pests", 3), ("Prefix", 4)]
    assert (report.rows, report.dropped, report.kept) == (5, 4, 1)


@pytest.mark.parametrize("chunk", [1, 2, 3, 5])
@pytest.mark.parametrize("groups", [1, 3])
def test_no_entry_is_lost_between_two_chunks(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch, chunk: int, groups: int
) -> None:
    """Of one group or several, beside one that does not count and has numbers between them."""
    monkeypatch.setattr(outbound_blocks, "CHUNK", chunk)
    numbers = [f"98123456{place:02}" for place in range(7)]
    block(store, alice, "Monitor", *numbers[::2], "98123455*", mode=Mode.MONITOR)
    for group in range(groups):
        block(store, alice, f"Group {group}", *numbers[group:], "70123*")
    assert kept(store, alice, *numbers, "9812345500", "7012345678", THREE) == ["9812345500", THREE]


def test_groups_of_another_account_drop_nothing(store: Store, alice: Account) -> None:
    """Nor does what it allows keep anything."""
    bob = new_account(store)
    block(store, bob, "Bobs", ONE, "70*")
    create_allowed_number(store, bob, AllowedDraft(TWO), ORIGIN)
    block(store, alice, "Spam", TWO)
    assert kept(store, alice, ONE, TWO, "7012345678") == [ONE, "7012345678"]
