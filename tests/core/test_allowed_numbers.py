"""Allowing numbers, and what is let through by it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from ringfence.core import scans
from ringfence.core.allowed_numbers import (
    create_allowed_number,
    delete_allowed_number,
    get_allowed_number,
    list_allowed_numbers,
)
from ringfence.core.block_groups import add_numbers, create_block_group
from ringfence.errors import (
    AllowedNumberExists,
    AllowedNumberNotFound,
    InputCode,
    InvalidInput,
)
from ringfence.model.accounts import Account
from ringfence.model.allowed_numbers import AllowedDraft, AllowedNumber, AllowedQuery
from ringfence.model.block_groups import GroupDraft, NumbersAddition
from ringfence.model.calls import Disposition
from ringfence.model.changes import Action
from ringfence.model.pages import Window
from ringfence.model.patterns import Kind
from ringfence.store import Store
from tests.core.calls import screened
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.records import recorded

SECOND = timedelta(seconds=1)
NUMBER = "9812345678"
PLUS = "+919812345678"


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account without allowed numbers."""
    return new_account(store)


def allow(
    store: Store, account: Account, number: str, seconds: int | None = None, *, now: int = 0
) -> int:
    """Allow a number, for `seconds` or for good, and return its id."""
    until = None if seconds is None else NOW + seconds * SECOND
    origin = replace(ORIGIN, at=NOW + now * SECOND)
    draft = AllowedDraft(number, until)
    return create_allowed_number(store, account, draft, origin).allowed_number_id


def test_a_number_is_allowed(store: Store, alice: Account) -> None:
    """In any spelling, with who did it, and why."""
    draft = AllowedDraft("98123 45678", NOW + SECOND, protected=True, reason="a friend")
    made = create_allowed_number(store, alice, draft, ORIGIN)
    assert made == AllowedNumber(
        *(1, PLUS, Kind.EXACT, True, NOW + SECOND, "a friend", "test", 1, NOW)
    )
    assert get_allowed_number(store, alice, 1) == made
    (record,) = recorded(store, alice)
    assert (record.change.action, record.change.subject) == (Action.NUMBER_ALLOWED, "1")
    assert record.change.before is None
    assert record.change.after == {
        "number": PLUS,
        "protected": True,
        "expires_at": 1767225601000,
        "reason": "a friend",
    }


def test_what_keeps_no_rule_is_not_allowed(store: Store, alice: Account) -> None:
    """All that is wrong is told together."""
    bad = AllowedDraft("140*", NOW, protected=True, reason="\n")
    with pytest.raises(InvalidInput) as refused:
        create_allowed_number(store, alice, bad, ORIGIN)
    assert [problem.code for problem in refused.value.problems] == [
        InputCode.PROTECTED_NOT_EXACT,
        InputCode.EXPIRY_PAST,
        InputCode.REASON_FORMAT,
    ]
    with pytest.raises(InvalidInput):
        create_allowed_number(store, alice, AllowedDraft("12"), ORIGIN)
    assert recorded(store, alice) == []


def test_a_number_is_allowed_once(store: Store, alice: Account) -> None:
    """The refusal names the one that is there; an expired one is replaced."""
    assert allow(store, alice, NUMBER, 5) == 1
    with pytest.raises(AllowedNumberExists) as refused:
        allow(store, alice, f"+91 {NUMBER}", now=4)
    assert refused.value.facts == {"allowed_number_id": 1}
    assert allow(store, alice, NUMBER, now=5) == 2
    with pytest.raises(AllowedNumberNotFound):
        get_allowed_number(store, alice, 1)
    assert allow(store, new_account(store), NUMBER) == 1
    actions = [each.change.action for each in recorded(store, alice)]
    assert actions == [Action.NUMBER_ALLOWED, Action.NUMBER_DISALLOWED, Action.NUMBER_ALLOWED]


def test_parallel_writers_allow_a_number_once(store: Store, alice: Account) -> None:
    """Of sixteen one gets in."""

    def attempt(_: int) -> int:
        try:
            return allow(store, alice, NUMBER)
        except AllowedNumberExists:
            return 0

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(attempt, range(32)))[-2:] == [0, 1]


def test_a_number_is_allowed_no_longer(store: Store, alice: Account) -> None:
    """Its id never comes back, and another account cannot take it away."""
    allow(store, alice, NUMBER)
    with pytest.raises(AllowedNumberNotFound):
        delete_allowed_number(store, new_account(store), 1, ORIGIN)
    delete_allowed_number(store, alice, 1, ORIGIN)
    for verb in (
        lambda: get_allowed_number(store, alice, 1),
        lambda: delete_allowed_number(store, alice, 1, ORIGIN),
    ):
        with pytest.raises(AllowedNumberNotFound):
            verb()
    assert allow(store, alice, NUMBER) == 2
    last = recorded(store, alice)[1].change
    assert (last.action, last.after) == (Action.NUMBER_DISALLOWED, None)
    assert last.before is not None
    assert last.before["number"] == PLUS


@pytest.mark.parametrize("limit", [1, 2, 3, 99])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (AllowedQuery(), ["+12015550123", "+91140*", PLUS, "withheld"]),
        (AllowedQuery("+91"), ["+91140*", PLUS]),
        (AllowedQuery("981"), [PLUS]),
        (AllowedQuery("unknown"), ["withheld"]),
        (AllowedQuery("x"), []),
        (AllowedQuery(protected=True), ["+12015550123"]),
        (AllowedQuery(protected=False), ["+91140*", PLUS, "withheld"]),
        (AllowedQuery("+91", protected=True), []),
    ],
)
def test_allowed_numbers_are_listed(
    store: Store, alice: Account, query: AllowedQuery, limit: int, expected: list[str]
) -> None:
    """By pattern, page by page, expired ones too."""
    for number in ("withheld", "140*"):
        allow(store, alice, number)
    allow(store, alice, NUMBER, 1)
    protected = AllowedDraft("+12015550123", protected=True)
    create_allowed_number(store, alice, protected, ORIGIN)
    allow(store, new_account(store), "9812345679")
    found, window = [], Window(limit)
    while True:
        page = list_allowed_numbers(store, alice, query, window)
        found += [each.pattern for each in page.items]
        if page.next is None:
            break
        window = Window(limit, page.next)
    assert found == expected


def test_a_page_looks_at_so_many_rows(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is short and says where to go on; a position that is none is told."""
    monkeypatch.setattr(scans, "MAX_SCANNED", 2)
    for number in ("140*", NUMBER, "withheld"):
        allow(store, alice, number)
    query = AllowedQuery(protected=True)
    assert list_allowed_numbers(store, alice, query, Window(9)).next == (PLUS,)
    assert list_allowed_numbers(store, alice, query, Window(9, (PLUS,))).next is None
    with pytest.raises(InvalidInput):
        list_allowed_numbers(store, alice, AllowedQuery("x"), Window(9, (1,)))


@pytest.mark.parametrize("allowed", [NUMBER, "98123*", "+9*"])
def test_a_call_of_an_allowed_number_rings(store: Store, alice: Account, allowed: str) -> None:
    """Until its end, though it may be blocked, and stays blocked when the allowance is over."""
    create_block_group(store, alice, GroupDraft("Spam", "about", [NUMBER], None), ORIGIN)
    allow(store, alice, allowed, 5)

    def disposition(seconds: int) -> Disposition:
        return screened(store, alice, NUMBER, at=NOW + seconds * SECOND).disposition

    assert [disposition(4), disposition(5)] == [Disposition.PASS, Disposition.BLOCK]
    allow(store, alice, "97123*")
    allow(store, new_account(store), NUMBER)
    assert disposition(5) is Disposition.BLOCK


def test_a_protected_number_cannot_be_blocked_by_the_wire(store: Store, alice: Account) -> None:
    """While it is protected; one that is only allowed can."""
    draft = AllowedDraft(NUMBER, NOW + SECOND, protected=True)
    create_allowed_number(store, alice, draft, ORIGIN)
    allow(store, alice, "9812345679")
    numbers = [NUMBER, "9812345679"]
    made = create_block_group(store, alice, GroupDraft("Spam", "about", numbers, None), ORIGIN)
    assert made.numbers == (None, "+919812345679")
    later = replace(ORIGIN, at=NOW + SECOND)
    added = add_numbers(store, alice, 1, NumbersAddition(numbers, None), later)
    assert (added.numbers, added.inserted) == ((PLUS, "+919812345679"), 1)
