"""Creating, editing and deleting phone numbers."""

import pytest

from ringfence.core.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    edit_phone_number,
    get_phone_number,
)
from ringfence.core.skills import list_skills
from ringfence.errors import (
    InputCode,
    InvalidInput,
    PhoneNumberExists,
    PhoneNumberLimitReached,
    PhoneNumberNotFound,
)
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import (
    PhoneNumber,
    PhoneNumberChange,
    PhoneNumberDraft,
    PhoneNumberRef,
    PhoneNumberSaved,
    State,
)
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN, new_account

DESK = PhoneNumberRef("Desk", "9812345678")
DOOR = PhoneNumberRef("Door", "9812345679")


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account that has the numbers DESK and DOOR, and may have three."""
    account = new_account(store, limit=3, skills=("Sales", "Service"))
    for ref in (DESK, DOOR):
        create_phone_number(store, account, PhoneNumberDraft(ref.name, ref.number), ORIGIN)
    return account


def records(store: Store, account: Account) -> list[tuple[str, str]]:
    """Return name and number of every phone number of the account."""
    rows = store.read(
        lambda tx: tx.all(
            "select name, number from phone_number where account_id = ? order by phone_number_id",
            (account.account_id,),
        )
    )
    return [(row[0], row[1]) for row in rows]


def edit(store: Store, account: Account, ref: PhoneNumberRef, change: PhoneNumberChange) -> bool:
    """Edit a phone number; tell whether the skills were refused."""
    return edit_phone_number(store, account, ref, change, ORIGIN).skills_refused


def test_it_stores_what_was_sent(store: Store, alice: Account) -> None:
    """Name and number come back as they were, in the case and the spelling of the caller."""
    draft = PhoneNumberDraft("Front.Desk", "+918041234567", (" sales ",))
    assert create_phone_number(store, alice, draft, ORIGIN) == PhoneNumberSaved(
        3, skills_refused=False
    )
    assert records(store, alice)[-1] == ("Front.Desk", "+918041234567")


@pytest.mark.parametrize(
    ("draft", "codes"),
    [
        (PhoneNumberDraft(None, None), ["phone_name_blank", "phone_number_blank"]),
        (PhoneNumberDraft("x", "12a"), ["phone_number_not_numeric", "phone_name_invalid"]),
        (PhoneNumberDraft("x", "12"), ["phone_number_length", "phone_name_invalid"]),
    ],
)
def test_a_bad_draft_is_refused_before_it_is_looked_up(
    store: Store, alice: Account, draft: PhoneNumberDraft, codes: list[str]
) -> None:
    """All that is wrong is told, the first first."""
    with pytest.raises(InvalidInput) as refused:
        create_phone_number(store, alice, draft, ORIGIN)
    assert [problem.code for problem in refused.value.problems] == [InputCode(c) for c in codes]


def test_what_exists_is_told_before_the_limit(store: Store, alice: Account) -> None:
    """At the limit a new number is too many, a taken one is taken."""
    create_phone_number(store, alice, PhoneNumberDraft("third", "12345"), ORIGIN)
    with pytest.raises(PhoneNumberLimitReached):
        create_phone_number(store, alice, PhoneNumberDraft("fourth", "12346"), ORIGIN)
    with pytest.raises(PhoneNumberExists):
        create_phone_number(store, alice, PhoneNumberDraft("DESK", "12346"), ORIGIN)


def test_a_refused_skill_keeps_the_record(store: Store, alice: Account) -> None:
    """One that the account lacks is enough for none to be attached."""
    draft = PhoneNumberDraft("third", "12345", ("Sales", "Nope"))
    assert create_phone_number(store, alice, draft, ORIGIN).skills_refused
    assert records(store, alice)[-1] == ("third", "12345")
    assert {skill.phone_numbers for skill in list_skills(store, alice)} == {0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (PhoneNumberChange(name="New"), ("New", "9812345678")),
        (PhoneNumberChange(number="12345"), ("Desk", "12345")),
        (PhoneNumberChange(name="New", number="12345"), ("New", "12345")),
        (PhoneNumberChange(name="DESK"), ("DESK", "9812345678")),
        (PhoneNumberChange(number="+919812345678"), ("Desk", "+919812345678")),
        (PhoneNumberChange(name="Desk", number="9812345678"), ("Desk", "9812345678")),
    ],
)
def test_it_changes_what_is_named(
    store: Store, alice: Account, change: PhoneNumberChange, expected: tuple[str, str]
) -> None:
    """The record never clashes with itself, not in another case or spelling either."""
    edit(store, alice, DESK, change)
    assert records(store, alice) == [expected, (DOOR.name, DOOR.number)]


@pytest.mark.parametrize(
    "change",
    [PhoneNumberChange(name="DOOR"), PhoneNumberChange(name="New", number="+919812345679")],
)
def test_it_refuses_what_another_record_has(
    store: Store, alice: Account, change: PhoneNumberChange
) -> None:
    """Nothing of the change is kept, also not what was free."""
    with pytest.raises(PhoneNumberExists):
        edit(store, alice, DESK, change)
    assert records(store, alice)[0] == (DESK.name, DESK.number)


@pytest.mark.parametrize(
    "ref",
    [
        PhoneNumberRef("Desk", "9812345679"),
        PhoneNumberRef("Nobody", "9812345678"),
        PhoneNumberRef("Desk", "12345"),
        PhoneNumberRef("x", "1"),
    ],
)
def test_both_must_name_the_same_record(store: Store, alice: Account, ref: PhoneNumberRef) -> None:
    """Neither is a record found by half, nor judged by the rules of a new one."""
    with pytest.raises(PhoneNumberNotFound):
        edit(store, alice, ref, PhoneNumberChange(name="New"))
    with pytest.raises(PhoneNumberNotFound):
        delete_phone_number(store, alice, ref, ORIGIN)
    assert len(records(store, alice)) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (PhoneNumberChange(), InputCode.NOTHING_TO_CHANGE),
        (PhoneNumberChange(name=" "), InputCode.PHONE_NAME_BLANK),
        (PhoneNumberChange(name="x"), InputCode.PHONE_NAME_INVALID),
        (PhoneNumberChange(number=""), InputCode.PHONE_NUMBER_BLANK),
        (PhoneNumberChange(number="12x"), InputCode.PHONE_NUMBER_NOT_NUMERIC),
        (PhoneNumberChange(number="12"), InputCode.PHONE_NUMBER_LENGTH),
        (PhoneNumberChange(name="x", number="12"), InputCode.PHONE_NUMBER_LENGTH),
    ],
)
def test_a_bad_change_is_refused(
    store: Store, alice: Account, change: PhoneNumberChange, code: InputCode
) -> None:
    """New values keep the rules of a new record, and are judged in its order."""
    with pytest.raises(InvalidInput) as refused:
        edit(store, alice, DESK, change)
    assert refused.value.problems[0].code is code


def test_skills_are_taken_away_before_they_are_given(store: Store, alice: Account) -> None:
    """A skill that stands in both lists is there afterwards."""

    def having() -> set[str]:
        return {skill.name for skill in list_skills(store, alice) if skill.phone_numbers}

    assert not edit(store, alice, DESK, PhoneNumberChange(assign_skills=("Sales", "General")))
    both = PhoneNumberChange(assign_skills=("sales",), unassign_skills=("SALES", "general"))
    assert not edit(store, alice, DESK, both)
    assert having() == {"Sales"}
    bad = PhoneNumberChange(assign_skills=("Service",), unassign_skills=("Nope",))
    assert edit(store, alice, DESK, bad)
    assert having() == {"Sales"}


def test_an_edit_at_the_limit_goes_through(store: Store, alice: Account) -> None:
    """It makes no record, so it takes no place."""
    create_phone_number(store, alice, PhoneNumberDraft("third", "12345"), ORIGIN)
    edit(store, alice, DESK, PhoneNumberChange(name="New", number="12346"))
    assert records(store, alice)[0] == ("New", "12346")


def test_a_record_is_found_in_any_spelling(store: Store, alice: Account) -> None:
    """Of its name and of its number."""
    delete_phone_number(store, alice, PhoneNumberRef("dESK", "+91" + "9812345678"), ORIGIN)
    assert records(store, alice) == [(DOOR.name, DOOR.number)]
    with pytest.raises(PhoneNumberNotFound):
        delete_phone_number(store, alice, DESK, ORIGIN)


def test_a_deleted_record_frees_its_name_number_place_and_skills(
    store: Store, alice: Account
) -> None:
    """It can be made again at once."""
    edit(store, alice, DESK, PhoneNumberChange(assign_skills=("Sales",)))
    delete_phone_number(store, alice, DESK, ORIGIN)
    again = PhoneNumberDraft(DESK.name, DESK.number)
    assert create_phone_number(store, alice, again, ORIGIN).phone_number_id == 3
    assert {skill.phone_numbers for skill in list_skills(store, alice)} == {0}


def test_a_record_of_another_account_is_out_of_reach(store: Store, alice: Account) -> None:
    """Bob finds none, may have the same himself, and hers stays."""
    bob = new_account(store)
    with pytest.raises(PhoneNumberNotFound):
        delete_phone_number(store, bob, DESK, ORIGIN)
    create_phone_number(store, bob, PhoneNumberDraft(DESK.name, DESK.number), ORIGIN)
    delete_phone_number(store, bob, DESK, ORIGIN)
    assert records(store, alice)[0] == (DESK.name, DESK.number)


def test_a_hundred_thousand_skills_that_do_not_exist_are_refused(
    store: Store, alice: Account
) -> None:
    """However many are named, the record is kept and the caller is warned."""
    names = tuple(f"skill {number}" for number in range(100_000))
    draft = PhoneNumberDraft("Third", "8041234567", names)
    assert create_phone_number(store, alice, draft, ORIGIN).skills_refused


@pytest.mark.parametrize(
    "ref",
    [
        DESK,
        PhoneNumberRef("dESK", None),
        PhoneNumberRef(None, "+919812345678"),
        PhoneNumberRef(" ", "09812345678"),
        PhoneNumberRef("Desk", ""),
    ],
)
def test_it_finds_a_record_by_name_or_number(
    store: Store, alice: Account, ref: PhoneNumberRef
) -> None:
    """One is enough, in any spelling; blank is as if not given."""
    found = get_phone_number(store, alice, ref)
    expected = ("Desk", "9812345678", "+919812345678", 1, State.ACTIVE, ())
    assert found == PhoneNumber(1, *expected, NOW, NOW)


@pytest.mark.parametrize(
    "ref",
    [
        PhoneNumberRef("Desk", "9812345679"),
        PhoneNumberRef("Nobody", None),
        PhoneNumberRef("De\0sk", None),
        PhoneNumberRef(None, "9812345670"),
    ],
)
def test_it_finds_nothing_but_what_is_named(
    store: Store, alice: Account, ref: PhoneNumberRef
) -> None:
    """Both, where both are given; and nothing of another account."""
    with pytest.raises(PhoneNumberNotFound):
        get_phone_number(store, alice, ref)
    with pytest.raises(PhoneNumberNotFound):
        get_phone_number(store, new_account(store), DESK)


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        (PhoneNumberRef(None, None), InputCode.PHONE_NAME_BLANK),
        (PhoneNumberRef("", " "), InputCode.PHONE_NAME_BLANK),
        (PhoneNumberRef("Desk", "x"), InputCode.PHONE_NUMBER_NOT_NUMERIC),
    ],
)
def test_it_needs_something_to_look_for(
    store: Store, alice: Account, ref: PhoneNumberRef, code: InputCode
) -> None:
    """Neither is nothing, and a number is numeric."""
    with pytest.raises(InvalidInput) as refused:
        get_phone_number(store, alice, ref)
    assert [problem.code for problem in refused.value.problems] == [code]
