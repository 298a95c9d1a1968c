"""Creating block groups, and putting numbers in and out of them."""

from datetime import timedelta

import pytest

from ringfence.core.block_groups import (
    add_numbers,
    create_block_group,
    find_block_group,
    get_block_group,
    remove_numbers,
)
from ringfence.errors import (
    BlockGroupExists,
    BlockGroupNotFound,
    InputCode,
    InvalidInput,
    Problem,
)
from ringfence.model.accounts import Account
from ringfence.model.block_groups import (
    BlockGroup,
    GroupCreated,
    GroupDraft,
    NumbersAdded,
    NumbersAddition,
    NumbersRemoved,
)
from ringfence.model.calls import Disposition
from ringfence.model.changes import Action, Origin
from ringfence.store import Store
from tests.core.calls import screened
from tests.core.people import NOW, ORIGIN, new_account, own_number
from tests.core.records import followed, recorded, stored

SECOND = timedelta(seconds=1)
NUMBER = "9812345678"
E164 = "+919812345678"
FOUND_BY_THE_DOOR = Problem(InputCode.EXPIRY_FORMAT, "expires_at", "an expiry is written …")


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with the group 1, Spam, that blocks one number."""
    account = new_account(store)
    create_block_group(store, account, draft("Spam", NUMBER), ORIGIN)
    return account


def draft(name: str, *numbers: str) -> GroupDraft:
    """Return a group to be made, for good."""
    return GroupDraft(name, "about", numbers, None)


def codes(error: InvalidInput) -> list[str]:
    """Return the codes of what is wrong, in order."""
    return [problem.code for problem in error.problems]


def count(store: Store, account: Account, table: str) -> int:
    """Return how many rows of `table` the account has."""
    sql = f"select count(*) from {table} where account_id = ?"
    row = store.read(lambda tx: tx.one(sql, (account.account_id,)))
    assert row is not None
    return int(row[0])


def test_a_group_is_made_with_its_numbers(store: Store, alice: Account) -> None:
    """What became of each number is told in the order sent; repeats are stored once."""
    made = create_block_group(store, alice, draft("Pests", NUMBER, "12345", f"0{NUMBER}"), ORIGIN)
    assert made == GroupCreated(2, (E164, None, E164))  # type: ignore[arg-type]
    assert get_block_group(store, alice, 2) == BlockGroup(2, "Pests", "about")
    assert count(store, alice, "blocked_number") == 2


def test_a_group_may_be_made_without_one_possible_number(store: Store, alice: Account) -> None:
    """The rest of the request still takes effect."""
    made = create_block_group(store, alice, draft("Pests", "12345"), ORIGIN)
    assert made == GroupCreated(2, (None,))


def test_all_problems_of_a_draft_are_told_together(store: Store, alice: Account) -> None:
    """Those that the door found too, and that the name is taken, which only the store knows."""
    bad = GroupDraft("SPAM", "d", ["12a"] * 101, NOW)
    with pytest.raises(InvalidInput) as refused:
        create_block_group(store, alice, bad, ORIGIN, [FOUND_BY_THE_DOOR])
    assert sorted(codes(refused.value)) == sorted(
        [
            InputCode.GROUP_DESCRIPTION_LENGTH,
            InputCode.BLOCKED_NUMBERS_FORMAT,
            InputCode.BLOCKED_NUMBERS_TOO_MANY,
            InputCode.EXPIRY_PAST,
            InputCode.EXPIRY_FORMAT,
            InputCode.GROUP_NAME_TAKEN,
        ]
    )
    assert count(store, alice, "block_group") == 1


def test_a_name_that_alone_is_in_the_way_is_a_conflict(store: Store, alice: Account) -> None:
    """Letter case aside, in this account only; the next group's id shows no gap."""
    with pytest.raises(BlockGroupExists):
        create_block_group(store, alice, draft("sPAM", NUMBER), ORIGIN)
    assert create_block_group(store, alice, draft("Pests", NUMBER), ORIGIN).block_group_id == 2
    bob = new_account(store)
    assert create_block_group(store, bob, draft("Spam", NUMBER), ORIGIN).block_group_id == 1


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_group_that_would_expire_at_once_is_refused(
    store: Store, alice: Account, seconds: int
) -> None:
    """The moment of the request is past already."""
    late = GroupDraft("Pests", "about", [NUMBER], NOW + seconds * SECOND)
    with pytest.raises(InvalidInput) as refused:
        create_block_group(store, alice, late, ORIGIN)
    assert codes(refused.value) == [InputCode.EXPIRY_PAST]


@pytest.mark.parametrize("protected", ["9800000001", "112", "100", "+919800000001"])
def test_a_protected_number_is_refused_alone(store: Store, alice: Account, protected: str) -> None:
    """The account's own phone numbers and emergency numbers; the rest takes effect."""
    own_number(store, alice, "desk", "09800000001")
    made = create_block_group(store, alice, draft("Pests", protected, NUMBER), ORIGIN)
    assert made.numbers == (None, E164)
    addition = NumbersAddition([protected, NUMBER], None)
    assert add_numbers(store, alice, 1, addition, ORIGIN).numbers == (None, E164)


@pytest.mark.parametrize("spelling", ["10111", "010111", "+2710111", "002710111"])
def test_an_emergency_number_that_is_a_possible_number_is_protected(
    store: Store, spelling: str
) -> None:
    """South Africa's police: no spelling of it can be blocked, or calls from it would be."""
    account = new_account(store, "ZA")
    made = create_block_group(store, account, draft("Spam", spelling), ORIGIN)
    assert made.numbers == (None,)
    assert screened(store, account, "10111", at=NOW).disposition is Disposition.PASS


def test_a_phone_number_of_another_account_is_not_protected(store: Store, alice: Account) -> None:
    """Bob may block Alice's phone, for calls to his own."""
    bob = new_account(store)
    own_number(store, alice, "desk", NUMBER)
    assert create_block_group(store, bob, draft("Spam", NUMBER), ORIGIN).numbers == (E164,)


def test_it_counts_what_is_new_and_what_is_inserted(store: Store, alice: Account) -> None:
    """New to the account, and new to the group, are two things."""
    create_block_group(store, alice, draft("Pests", "9812345679"), ORIGIN)
    numbers = [NUMBER, "9812345679", "9812345670", "9812345670", "12345"]
    added = add_numbers(store, alice, 2, NumbersAddition(numbers, None), ORIGIN)
    assert (added.new, added.inserted) == (1, 2)
    again = add_numbers(store, alice, 2, NumbersAddition(numbers, None), ORIGIN)
    assert again == NumbersAdded(added.numbers, 0, 0)


def test_a_number_that_is_there_takes_the_new_expiry(store: Store, alice: Account) -> None:
    """An expired one counts as absent, one for good can be made to end."""

    def add(at: int, until: int | None) -> tuple[int, int]:
        now = NOW + at * SECOND
        expires_at = None if until is None else NOW + until * SECOND
        addition = NumbersAddition([NUMBER], expires_at)
        added = add_numbers(store, alice, 1, addition, type(ORIGIN)("test", 1, now))
        return added.new, added.inserted

    assert add(at=0, until=5) == (0, 0)
    assert add(at=4, until=6) == (0, 0)
    assert add(at=6, until=9) == (1, 1)
    assert add(at=8, until=None) == (0, 0)
    assert add(at=99, until=None) == (0, 0)


def test_an_unknown_group_is_told_before_what_is_wrong(store: Store, alice: Account) -> None:
    """Whoever aims at no group of theirs learns that, and nothing more."""
    bob = new_account(store)
    bad = NumbersAddition(["12a"], NOW, "x")
    for account, group_id in ((alice, 2), (bob, 1), (alice, 0), (alice, 10**18 - 1)):
        with pytest.raises(BlockGroupNotFound):
            add_numbers(store, account, group_id, bad, ORIGIN, [FOUND_BY_THE_DOOR])
        with pytest.raises(BlockGroupNotFound):
            remove_numbers(store, account, group_id, ["1"] * 101, ORIGIN)
        with pytest.raises(BlockGroupNotFound):
            remove_numbers(store, account, group_id, [NUMBER], ORIGIN)


def test_a_bad_addition_changes_nothing(store: Store, alice: Account) -> None:
    """Not the name beside it, and the group's own name is not in its own way."""
    bad = NumbersAddition(["12a"], None, "SPAM", "new text")
    with pytest.raises(InvalidInput) as refused:
        add_numbers(store, alice, 1, bad, ORIGIN)
    assert codes(refused.value) == [InputCode.BLOCKED_NUMBERS_FORMAT]
    assert get_block_group(store, alice, 1) == BlockGroup(1, "Spam", "about")


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        (None, None, BlockGroup(1, "Spam", "about")),
        ("SPAM", None, BlockGroup(1, "SPAM", "about")),
        (None, "more", BlockGroup(1, "Spam", "more")),
        ("Pests", "more", BlockGroup(1, "Pests", "more")),
    ],
)
def test_an_addition_may_retitle_the_group(
    store: Store, alice: Account, name: str | None, description: str | None, expected: BlockGroup
) -> None:
    """What is not sent stays."""
    addition = NumbersAddition([NUMBER], None, name, description)
    add_numbers(store, alice, 1, addition, ORIGIN)
    assert get_block_group(store, alice, 1) == expected


def test_a_name_that_is_taken_keeps_the_numbers_out(store: Store, alice: Account) -> None:
    """The whole request is refused."""
    create_block_group(store, alice, draft("Pests", "9812345679"), ORIGIN)
    addition = NumbersAddition(["9812345670"], None, "pests")
    with pytest.raises(BlockGroupExists):
        add_numbers(store, alice, 1, addition, ORIGIN)
    assert count(store, alice, "blocked_number") == 2


def test_numbers_leave_the_group(store: Store, alice: Account) -> None:
    """In any spelling; what was not there, or is no number, is told by its absence."""
    sent = [f"0{NUMBER}", "9812345670", "12a", "", NUMBER]
    told = (E164, None, None, None, E164)
    assert remove_numbers(store, alice, 1, sent, ORIGIN) == NumbersRemoved(told, 1)  # type: ignore[arg-type]
    assert remove_numbers(store, alice, 1, sent, ORIGIN) == NumbersRemoved((None,) * 5, 0)


def test_numbers_leave_one_group_only(store: Store, alice: Account) -> None:
    """Another group that holds the number still does."""
    create_block_group(store, alice, draft("Pests", NUMBER), ORIGIN)
    remove_numbers(store, alice, 1, [NUMBER], ORIGIN)
    assert remove_numbers(store, alice, 2, [NUMBER], ORIGIN).removed == 1


def test_up_to_100_numbers_are_removed_at_once(store: Store, alice: Account) -> None:
    """The 101st is too many, whatever they are."""
    assert remove_numbers(store, alice, 1, [NUMBER] * 100, ORIGIN).removed == 1
    with pytest.raises(InvalidInput) as refused:
        remove_numbers(store, alice, 1, [NUMBER] * 101, ORIGIN)
    assert codes(refused.value) == [InputCode.BLOCKED_NUMBERS_TOO_MANY]
    assert remove_numbers(store, alice, 1, [], ORIGIN) == NumbersRemoved((), 0)


def test_every_change_says_who_made_it(store: Store, alice: Account) -> None:
    """One batch row a request, with the door, the key and the moment."""
    add_numbers(store, alice, 1, NumbersAddition([NUMBER], None), ORIGIN)
    rows = store.read(lambda tx: tx.all("select batch_id, door, key_id from batch"))
    assert rows == [(1, "test", 1), (2, "test", 1)]


def test_every_change_is_recorded(store: Store, alice: Account) -> None:
    """With what each group held before and after it; what changes nothing is not."""
    add_numbers(store, alice, 1, NumbersAddition([NUMBER], None, "Pests"), ORIGIN)
    add_numbers(store, alice, 1, NumbersAddition(["112", "12345"], None, "Pests"), ORIGIN)
    create_block_group(store, alice, draft("Empty", "12345"), ORIGIN)
    create_block_group(store, alice, draft("Cold", NUMBER, "9812345670"), ORIGIN)
    remove_numbers(store, alice, 1, ["9812345670"], ORIGIN)
    remove_numbers(store, alice, None, [NUMBER, "9812345679"], ORIGIN)
    remove_numbers(store, alice, None, [NUMBER], ORIGIN)
    told = [(each.change.action, each.change.subject) for each in recorded(store, alice)]
    assert told == [
        (Action.BLOCK_GROUP_CREATED, "1"),
        (Action.NUMBERS_ADDED, "1"),
        (Action.BLOCK_GROUP_EDITED, "1"),
        (Action.NUMBERS_ADDED, "1"),
        (Action.BLOCK_GROUP_CREATED, "2"),
        (Action.BLOCK_GROUP_CREATED, "3"),
        (Action.NUMBERS_ADDED, "3"),
        (Action.NUMBERS_REMOVED, "1"),
        (Action.NUMBERS_REMOVED, "3"),
    ]
    assert {each: ends for each, ends in followed(store, alice).items() if ends} == stored(
        store, alice
    )


def test_the_record_says_what_there_was(store: Store, alice: Account) -> None:
    """Of the group its settings; of a number when it was to end, and the batch it came in."""
    add_numbers(store, alice, 1, NumbersAddition([NUMBER], NOW + SECOND, "Pests"), ORIGIN)
    _, _, edited, added = (each.change for each in recorded(store, alice))
    assert edited.before is not None
    assert edited.after == {**edited.before, "name": "Pests"}
    assert added.after == {"expires_at": 1767225601000, "batch_id": 2, "reason": ""}
    assert added.entries == {"added": [], "changed": {E164: [None, 1]}, "removed": {}}
    remove_numbers(store, alice, 1, [NUMBER], ORIGIN)
    removed = recorded(store, alice)[-1].change
    assert removed.entries == {"added": [], "changed": {}, "removed": {E164: [1767225601000, 2]}}


def test_numbers_leave_every_group_at_once(store: Store, alice: Account) -> None:
    """Each is counted once, in however many groups it was; other accounts keep theirs."""
    bob = new_account(store)
    create_block_group(store, bob, draft("Spam", NUMBER), ORIGIN)
    create_block_group(store, alice, draft("Cold", NUMBER, "9812345670"), ORIGIN)
    wanted = [NUMBER, "9812345679", NUMBER, "x"]
    removed = remove_numbers(store, alice, None, wanted, ORIGIN)
    assert (removed.numbers, removed.removed) == ((E164, None, E164, None), 1)
    assert count(store, alice, "blocked_number") == 1
    assert count(store, bob, "blocked_number") == 1


def test_an_expired_entry_is_in_no_group(store: Store, alice: Account) -> None:
    """It is cleared away all the same."""
    until = NOW + SECOND
    create_block_group(store, alice, GroupDraft("Cold", "about", ["9812345670"], until), ORIGIN)
    removed = remove_numbers(store, alice, None, ["9812345670"], Origin("test", 1, until))
    assert removed == NumbersRemoved((None,), 0)
    assert count(store, alice, "blocked_number") == 1


def test_too_many_numbers_leave_no_group(store: Store, alice: Account) -> None:
    """The cap holds for every group at once, too."""
    with pytest.raises(InvalidInput) as refused:
        remove_numbers(store, alice, None, [NUMBER] * 101, ORIGIN)
    assert codes(refused.value) == [InputCode.BLOCKED_NUMBERS_TOO_MANY]
    assert count(store, alice, "blocked_number") == 1


def test_a_group_is_found_by_its_name(store: Store, alice: Account) -> None:
    """Letter case aside, in its account only."""
    assert find_block_group(store, alice, "sPAM") == BlockGroup(1, "Spam", "about")
    for name in ("Spam ", "", "x", "Sp\0am", "x" * 100_000):
        with pytest.raises(BlockGroupNotFound):
            find_block_group(store, alice, name)
    with pytest.raises(BlockGroupNotFound):
        find_block_group(store, new_account(store), "Spam")
