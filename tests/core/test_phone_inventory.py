"""Phone numbers in full and by id: adding, reading, editing, deleting."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ringfence.core.accounts import set_account
from ringfence.core.phone_inventory import (
    add_phone_number,
    change_phone_number,
    read_phone_number,
    remove_phone_number,
)
from ringfence.core.phone_numbers import get_phone_number
from ringfence.errors import (
    InputCode,
    InvalidInput,
    PhoneNumberExists,
    PhoneNumberLimitReached,
    PhoneNumberNotFound,
    PreconditionFailed,
    Unavailable,
)
from ringfence.model.accounts import Account, AccountChange
from ringfence.model.phone_numbers import (
    PhoneNumber,
    PhoneNumberEdit,
    PhoneNumberPlan,
    PhoneNumberRef,
    State,
)
from ringfence.model.revisions import revision_of
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.phones import add

LATER = replace(ORIGIN, at=NOW + timedelta(seconds=1, microseconds=1999))
LATER_KEPT = NOW + timedelta(seconds=1, milliseconds=1)
"""The same, as the store keeps moments."""
PLAN = PhoneNumberPlan("Desk", "9812345678")
UNKNOWN_IDS = [0, -1, 2, 2**31 - 1]


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account that may have three phone numbers."""
    return new_account(store, limit=3, skills=("Sales", "Service"))


@pytest.fixture
def desk(store: Store, alice: Account) -> PhoneNumber:
    """Return a phone number of Alice's that has all that one can have."""
    return add(store, alice, "Desk", "9812345678", "Sales", priority=7)


def stored(store: Store) -> int:
    """Return how many phone numbers there are."""
    row = store.read(lambda tx: tx.one("select count(*) from phone_number"))
    assert row is not None
    return int(row[0])


def test_a_phone_number_is_added_in_full(store: Store, alice: Account) -> None:
    """It is returned as it is read then; skills by their own names, each once, in order."""
    skills = ("service", " SALES ", "Service")
    plan = PhoneNumberPlan("Desk", "9812345678", 20, State.OFF, skills)
    made = add_phone_number(store, alice, plan, ORIGIN)
    assert made == PhoneNumber(
        *(1, "Desk", "9812345678", "+919812345678", 20, State.OFF, ("Sales", "Service")),
        *(NOW, NOW),
    )
    assert read_phone_number(store, alice, 1) == made
    assert get_phone_number(store, alice, PhoneNumberRef("desk", None)) == made


def test_most_of_a_phone_number_need_not_be_said(store: Store, alice: Account) -> None:
    """It rings first, and has no skill."""
    made = add_phone_number(store, alice, PLAN, ORIGIN)
    assert (made.priority, made.state, made.skills) == (1, State.ACTIVE, ())


@pytest.mark.parametrize(
    ("sent", "kept", "canonical"),
    [
        ("9812345678", "9812345678", "+919812345678"),
        ("+919812345678", "+919812345678", "+919812345678"),
        ("09812345678", "09812345678", "+919812345678"),
        ("12345", "12345", "12345"),
        ("98123 45678", "+919812345678", "+919812345678"),
        ("(+91) 98123-45678", "+919812345678", "+919812345678"),
        ("+1 201-555-0123", "+12015550123", "+12015550123"),
    ],
)
def test_a_number_may_be_written_in_any_way(
    store: Store, alice: Account, sent: str, kept: str, canonical: str
) -> None:
    """Digits are kept as they were sent, all else in E.164; either way in an edit too."""
    made = add_phone_number(store, alice, replace(PLAN, number=sent), ORIGIN)
    assert (made.number, made.canonical) == (kept, canonical)
    other = add(store, alice, "Other", "8041234567")
    remove_phone_number(store, alice, made.phone_number_id, ORIGIN)
    edit = PhoneNumberEdit(number=sent)
    edited = change_phone_number(store, alice, other.phone_number_id, edit, ORIGIN)
    assert (edited.number, edited.canonical) == (kept, canonical)


PARTS: list[tuple[dict[str, object], InputCode, str]] = [
    ({"name": ""}, InputCode.PHONE_NAME_BLANK, "phone_name"),
    ({"name": "x"}, InputCode.PHONE_NAME_INVALID, "phone_name"),
    ({"name": "a\0b"}, InputCode.PHONE_NAME_INVALID, "phone_name"),
    ({"number": ""}, InputCode.PHONE_NUMBER_INVALID, "number"),
    ({"number": "12"}, InputCode.PHONE_NUMBER_INVALID, "number"),
    ({"number": "1" * 17}, InputCode.PHONE_NUMBER_INVALID, "number"),
    ({"number": "1 2"}, InputCode.PHONE_NUMBER_INVALID, "number"),
    ({"number": "nobody"}, InputCode.PHONE_NUMBER_INVALID, "number"),
    ({"number": "981\0"}, InputCode.PHONE_NUMBER_INVALID, "number"),
    ({"priority": 0}, InputCode.PRIORITY_RANGE, "priority"),
    ({"priority": 21}, InputCode.PRIORITY_RANGE, "priority"),
    ({"priority": -1}, InputCode.PRIORITY_RANGE, "priority"),
    ({"skills": ("Sales", "Nope")}, InputCode.SKILL_UNKNOWN, "skills/1"),
    ({"skills": ("", "Sales")}, InputCode.SKILL_UNKNOWN, "skills/0"),
    ({"skills": ("Sales",) * 51}, InputCode.SKILLS_TOO_MANY, "skills"),
]


@pytest.mark.parametrize(("part", "code", "field"), PARTS)
def test_a_bad_part_makes_no_phone_number(
    store: Store, alice: Account, part: dict[str, object], code: InputCode, field: str
) -> None:
    """The problem names the field, and nothing is stored."""
    with pytest.raises(InvalidInput) as refused:
        add_phone_number(store, alice, replace(PLAN, **part), ORIGIN)  # type: ignore[arg-type]
    assert [(each.code, each.field) for each in refused.value.problems] == [(code, field)]
    assert stored(store) == 0


@pytest.mark.parametrize(("part", "code", "field"), PARTS)
def test_a_bad_part_changes_nothing(
    store: Store,
    alice: Account,
    desk: PhoneNumber,
    part: dict[str, object],
    code: InputCode,
    field: str,
) -> None:
    """Not even the good part beside it."""
    good = {"name": "Other", "state": State.OFF}
    edit = PhoneNumberEdit(**{**good, **part})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refused:
        change_phone_number(store, alice, 1, edit, LATER)
    assert [(each.code, each.field) for each in refused.value.problems] == [(code, field)]
    assert read_phone_number(store, alice, 1) == desk


def test_every_skill_that_is_not_there_is_named(store: Store, alice: Account) -> None:
    """By its place in the list, with what was sent."""
    plan = replace(PLAN, skills=("Nope", "Sales", "Neither"))
    with pytest.raises(InvalidInput) as refused:
        add_phone_number(store, alice, plan, ORIGIN)
    told = [(each.field, each.value) for each in refused.value.problems]
    assert told == [("skills/0", "Nope"), ("skills/2", "Neither")]


@pytest.mark.parametrize(
    "plan", [replace(PLAN, name="dESK", number="123"), replace(PLAN, name="N1")]
)
@pytest.mark.usefixtures("desk")
def test_a_name_and_a_number_are_taken_once(
    store: Store, alice: Account, plan: PhoneNumberPlan
) -> None:
    """By an edit neither."""
    with pytest.raises(PhoneNumberExists):
        add_phone_number(store, alice, plan, ORIGIN)
    other = add(store, alice, "Other", "12345")
    for edit in (PhoneNumberEdit(name="DESK"), PhoneNumberEdit(number="+91 9812345678")):
        with pytest.raises(PhoneNumberExists):
            change_phone_number(store, alice, other.phone_number_id, edit, ORIGIN)
    assert read_phone_number(store, alice, other.phone_number_id) == other


def test_the_limit_holds(store: Store, alice: Account) -> None:
    """A place that is given back can be taken again."""
    made = [add(store, alice, f"desk{n}", f"981234567{n}") for n in range(3)]
    with pytest.raises(PhoneNumberLimitReached):
        add(store, alice, "desk3", "9812345673")
    remove_phone_number(store, alice, made[0].phone_number_id, ORIGIN)
    assert add(store, alice, "desk3", "9812345673").phone_number_id == 4


@pytest.mark.parametrize(
    "edit",
    [
        PhoneNumberEdit(name="Other"),
        PhoneNumberEdit(name="dESK"),
        PhoneNumberEdit(priority=20),
        PhoneNumberEdit(state=State.OFF),
        PhoneNumberEdit(skills=()),
        PhoneNumberEdit(skills=("General", "Service")),
        PhoneNumberEdit("New.Name", None, 3, State.OFF, ("General",)),
    ],
)
def test_a_change_sets_what_it_names_and_no_more(
    store: Store, alice: Account, desk: PhoneNumber, edit: PhoneNumberEdit
) -> None:
    """Each part alone or with others; when it was changed is told."""
    after = change_phone_number(store, alice, 1, edit, LATER)
    named = {name: getattr(edit, name) for name in PhoneNumberEdit.__slots__}
    given = {name: value for name, value in named.items() if value is not None}
    assert after == replace(desk, updated_at=LATER_KEPT, **given)
    assert read_phone_number(store, alice, 1) == after


def test_a_changed_number_is_known_by_its_new_form(
    store: Store, alice: Account, desk: PhoneNumber
) -> None:
    """Another spelling of the same number is one too."""
    for sent, canonical in [("+919812345678", desk.canonical), ("8041234567", "+918041234567")]:
        after = change_phone_number(store, alice, 1, PhoneNumberEdit(number=sent), LATER)
        moved = {"number": sent, "canonical": canonical, "updated_at": LATER_KEPT}
        assert after == replace(desk, **moved)  # type: ignore[arg-type]


@pytest.mark.usefixtures("desk")
def test_a_change_of_nothing_is_refused(store: Store, alice: Account) -> None:
    """It is a slip of whoever sent it."""
    with pytest.raises(InvalidInput) as refused:
        change_phone_number(store, alice, 1, PhoneNumberEdit(), ORIGIN)
    assert [each.code for each in refused.value.problems] == [InputCode.NOTHING_TO_CHANGE]


def test_what_is_set_as_it_was_is_no_change(
    store: Store, alice: Account, desk: PhoneNumber
) -> None:
    """Its revision stays, so whoever read it may go on."""
    same = PhoneNumberEdit(desk.name, desk.number, desk.priority, desk.state, ("SALES",))
    assert change_phone_number(store, alice, 1, same, LATER) == desk


def test_a_change_needs_the_revision_that_was_read(
    store: Store, alice: Account, desk: PhoneNumber
) -> None:
    """An older one changes nothing, neither here nor in a removal; the current one does."""
    old = revision_of(desk)
    now = change_phone_number(store, alice, 1, PhoneNumberEdit(priority=2), LATER, old)
    with pytest.raises(PreconditionFailed):
        change_phone_number(store, alice, 1, PhoneNumberEdit(priority=3), LATER, old)
    with pytest.raises(PreconditionFailed):
        remove_phone_number(store, alice, 1, LATER, old)
    assert read_phone_number(store, alice, 1) == now
    remove_phone_number(store, alice, 1, LATER, revision_of(now))
    assert stored(store) == 0


@pytest.mark.parametrize("phone_number_id", UNKNOWN_IDS)
@pytest.mark.usefixtures("desk")
def test_an_unknown_id_is_not_found(store: Store, alice: Account, phone_number_id: int) -> None:
    """Neither to read, nor to change, nor to remove."""
    assert_not_found(store, alice, phone_number_id)


def test_an_id_of_another_account_is_not_found(
    store: Store, alice: Account, desk: PhoneNumber
) -> None:
    """Bob may have the same himself, and Alice's stays."""
    bob = new_account(store)
    assert_not_found(store, bob, desk.phone_number_id)
    add(store, bob, desk.name, desk.number)
    remove_phone_number(store, bob, 1, ORIGIN)
    assert read_phone_number(store, alice, 1) == desk


def assert_not_found(store: Store, account: Account, phone_number_id: int) -> None:
    """Check that no verb finds this id."""
    with pytest.raises(PhoneNumberNotFound):
        read_phone_number(store, account, phone_number_id)
    with pytest.raises(PhoneNumberNotFound):
        change_phone_number(store, account, phone_number_id, PhoneNumberEdit(name="New"), ORIGIN)
    with pytest.raises(PhoneNumberNotFound):
        remove_phone_number(store, account, phone_number_id, ORIGIN)


@pytest.mark.usefixtures("desk")
def test_an_account_that_left_its_region_has_to_be_read_again(store: Store, alice: Account) -> None:
    """Otherwise a number would be kept under another identity than the region gives it."""
    set_account(store, alice.user_name, AccountChange(region="US"), ORIGIN)
    with pytest.raises(Unavailable):
        add(store, alice, "New", "8041234567")
    with pytest.raises(Unavailable):
        change_phone_number(store, alice, 1, PhoneNumberEdit(number="8041234567"), ORIGIN)
