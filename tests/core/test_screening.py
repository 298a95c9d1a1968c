"""The decision: may this call ring."""

from datetime import timedelta

import pytest

from ringfence.core.block_groups import add_numbers, create_block_group
from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.group_settings import make_block_group
from ringfence.model.accounts import Account
from ringfence.model.block_groups import GroupDraft, Mode, NumbersAddition
from ringfence.model.blocked_numbers import NumbersDraft, Outcome
from ringfence.model.calls import MAX_OTHERS, Disposition, Reason, Screening
from ringfence.model.group_settings import GroupSettings
from ringfence.model.numbers import E164
from ringfence.store import Store
from tests.core.calls import blocks_of, screened
from tests.core.people import NOW, ORIGIN, new_account, own_number

SECOND = timedelta(seconds=1)
NUMBER = "9812345678"
PLUS = E164("+919812345678")


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account without groups."""
    return new_account(store)


def block(store: Store, account: Account, name: str, seconds: int | None) -> None:
    """Block NUMBER in a new group, for `seconds` or for good."""
    until = None if seconds is None else NOW + seconds * SECOND
    create_block_group(store, account, GroupDraft(name, "about", [NUMBER], until), ORIGIN)


def ranked(store: Store, account: Account, seconds: int = 0) -> list[str]:
    """Return the names of the groups that block NUMBER: the winner, then the others."""
    screening = screened(store, account, NUMBER, at=NOW + seconds * SECOND)
    return [entry.group.name for entry in blocks_of(screening)]


def test_a_number_that_no_group_holds_passes(store: Store, alice: Account) -> None:
    """The number is told as it was looked up."""
    assert screened(store, alice, NUMBER, at=NOW) == Screening(
        PLUS, Disposition.PASS, Reason.NOT_BLOCKED
    )


@pytest.mark.parametrize(
    "spelling", [NUMBER, PLUS, f"0{NUMBER}", f"91{NUMBER}", "98123 45678", "(+91) 98123-45678"]
)
def test_a_blocked_number_is_blocked_in_any_spelling(
    store: Store, alice: Account, spelling: str
) -> None:
    """Also in those that no wire lets pass."""
    block(store, alice, "Spam", None)
    screening = screened(store, alice, spelling, at=NOW)
    assert screening.disposition is Disposition.BLOCK
    assert screening.winner is not None
    assert screening.winner.pattern == screening.number == PLUS


def test_the_longest_lasting_wins_then_the_lowest_group(store: Store, alice: Account) -> None:
    """The others follow in the same order."""
    for name, seconds in [("B5", 5), ("C9", 9), ("D9", 9), ("E", None), ("F", None), ("G1", 1)]:
        block(store, alice, f"{name} ", seconds)
    assert ranked(store, alice) == ["E ", "F ", "C9 ", "D9 ", "B5 ", "G1 "]


def test_an_entry_blocks_until_its_last_moment(store: Store, alice: Account) -> None:
    """At the moment of its expiry it is over, without anything having to be done."""
    block(store, alice, "until 2", 2)
    block(store, alice, "until 5", 5)
    found = [ranked(store, alice, seconds) for seconds in (1, 2, 4, 5)]
    assert found == [["until 5", "until 2"], ["until 5"], ["until 5"], []]


def test_the_accounts_own_numbers_pass(store: Store, alice: Account) -> None:
    """Also where a group held the number before it became the account's."""
    block(store, alice, "Spam", None)
    own_number(store, alice, "desk", f"0{NUMBER}")
    assert screened(store, alice, PLUS, at=NOW).disposition is Disposition.PASS
    assert ranked(store, alice) == []


def test_the_most_specific_wins(store: Store, alice: Account) -> None:
    """The number itself, then the longest prefix, however long each lasts."""
    patterns = ["+9*", "98123*", PLUS, "981*", f"{PLUS}*", "98124*", "withheld"]
    for place, pattern in enumerate(patterns, 1):
        make_block_group(store, alice, GroupSettings(f"group {place}"), ORIGIN)
        until = NOW + SECOND if pattern == PLUS else None
        add_blocked_numbers(store, alice, place, NumbersDraft([pattern], until), ORIGIN)
    screening = screened(store, alice, NUMBER, at=NOW)
    assert [each.pattern for each in blocks_of(screening)] == [
        *(PLUS, f"{PLUS}*", "+9198123*", "+91981*", "+9*"),
    ]


@pytest.mark.parametrize("mode", Mode)
def test_only_a_group_that_enforces_blocks(store: Store, alice: Account, mode: Mode) -> None:
    """The others are passed over."""
    make_block_group(store, alice, GroupSettings("Spam", mode=mode), ORIGIN)
    add_blocked_numbers(store, alice, 1, NumbersDraft([NUMBER, "98*"]), ORIGIN)
    blocks = screened(store, alice, NUMBER, at=NOW).disposition is Disposition.BLOCK
    assert blocks is (mode is Mode.ENFORCE)


def test_no_prefix_blocks_what_is_protected(store: Store) -> None:
    """Neither an emergency number nor the account's own."""
    account = new_account(store, "ZA")
    own_number(store, account, "desk", "0211234567")
    make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    add_blocked_numbers(store, account, 1, NumbersDraft(["+27*"]), ORIGIN)
    for number, expected in (
        ("10111", Disposition.PASS),
        ("0211234567", Disposition.PASS),
        ("0211234568", Disposition.BLOCK),
    ):
        assert screened(store, account, number, at=NOW).disposition is expected


@pytest.mark.parametrize("number", ["0112", "112", "tel:112", "+490112"])
def test_an_emergency_number_with_a_0_is_protected(store: Store, number: str) -> None:
    """It is a possible number in Germany: no door blocks it, and no prefix does."""
    account = new_account(store, "DE")
    make_block_group(store, account, GroupSettings("Spam"), ORIGIN)
    draft = NumbersDraft([number, "+49*"])
    told = add_blocked_numbers(store, account, 1, draft, ORIGIN)
    assert [each.outcome for each in told] == [Outcome.PROTECTED, Outcome.ADDED]
    if ":" not in number:
        addition = NumbersAddition([number], None)
        assert add_numbers(store, account, 1, addition, ORIGIN).numbers == (None,)
    assert screened(store, account, number, at=NOW).disposition is Disposition.PASS
    assert screened(store, account, "030112", at=NOW).disposition is Disposition.BLOCK


def test_so_many_others_are_told(store: Store, alice: Account) -> None:
    """The best of them, beside the one that decides."""
    for name in range(MAX_OTHERS + 3):
        block(store, alice, f"Group {name}", name + 1)
    told = screened(store, alice, NUMBER, at=NOW)
    assert told.winner is not None
    assert told.winner.group.name == f"Group {MAX_OTHERS + 2}"
    assert [each.group.name for each in told.others] == [
        f"Group {MAX_OTHERS + 1 - place}" for place in range(MAX_OTHERS)
    ]


def test_a_block_is_one_accounts_own(store: Store, alice: Account) -> None:
    """Bob's calls ring."""
    bob = new_account(store)
    block(store, alice, "Spam", None)
    assert ranked(store, bob) == []
    own_number(store, bob, "desk", NUMBER)
    assert ranked(store, alice) == ["Spam"]


@pytest.mark.parametrize("text", ["abc", "12", "5", "1" * 40, "\0", "+", "\ud800"])
def test_what_is_no_number_passes(store: Store, alice: Account, text: str) -> None:
    """A call has to be answered, whatever its switch makes of the caller."""
    told = screened(store, alice, text, at=NOW)
    assert told == Screening(text, Disposition.PASS, Reason.NO_NUMBER)
