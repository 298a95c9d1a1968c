"""Searching phone numbers: whatever is looked for, every page, in any limit."""

from collections.abc import Callable, Iterator
from operator import attrgetter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.core.phone_inventory import order_of, search_phone_numbers
from ringfence.errors import InputCode, InvalidInput
from ringfence.model.accounts import Account
from ringfence.model.phone_numbers import PhoneNumber, PhoneNumberQuery, State
from ringfence.store import Store, phone_search
from tests.core.people import new_account
from tests.core.phones import add

SKILLS = ("Sales", "Service")
LIMITS = (1, 2, 7, 100)
EVERYTHING = PhoneNumberQuery()
ORDERS: dict[str, Callable[[PhoneNumber], int | str]] = {
    "id": attrgetter("phone_number_id"),
    "number": attrgetter("canonical"),
    "last": lambda found: found.canonical[::-1],
    "name": lambda found: found.name.casefold(),
}


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with two skills of its own."""
    return new_account(store, skills=SKILLS)


def pages(
    store: Store, account: Account, query: PhoneNumberQuery, limit: int
) -> Iterator[tuple[PhoneNumber, ...]]:
    """Yield every page of a search, one after the other."""
    after: str | int | None = None
    while True:
        page = search_phone_numbers(store, account, query, after, limit)
        assert len(page.items) <= limit
        yield page.items
        if page.next is None:
            return
        [after] = page.next


def found(
    store: Store, account: Account, query: PhoneNumberQuery, limit: int = 100
) -> list[PhoneNumber]:
    """Return all that a search finds, page by page."""
    return [each for items in pages(store, account, query, limit) for each in items]


def names(store: Store, account: Account, query: PhoneNumberQuery) -> list[str]:
    """Return the names of all that a search finds."""
    return [each.name for each in found(store, account, query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (EVERYTHING, ["Desk", "door", "Delhi", "short", "abroad"]),
        *(
            (PhoneNumberQuery(number=number), ["Desk", "door"])
            for number in (
                "+919812",
                "9812",
                "09812",
                "919812",
                "00919812",
                "+91 (98)12",
                "98-1",
                "+91 (0)98",
            )
        ),
        (PhoneNumberQuery(number="+91"), ["Delhi", "Desk", "door"]),
        (PhoneNumberQuery(number="12"), ["short"]),
        (PhoneNumberQuery(number="+1 201"), ["abroad"]),
        (PhoneNumberQuery(number="001201"), ["abroad"]),
        (PhoneNumberQuery(number="+442"), []),
        (PhoneNumberQuery(last="5678"), ["Delhi", "Desk"]),
        (PhoneNumberQuery(last="9812345679"), ["door"]),
        (PhoneNumberQuery(last="2345"), ["short"]),
        (PhoneNumberQuery(last="0000"), []),
        (PhoneNumberQuery(name="D"), ["Delhi", "Desk", "door"]),
        (PhoneNumberQuery(name="dE"), ["Delhi", "Desk"]),
        (PhoneNumberQuery(name="desk"), ["Desk"]),
        (PhoneNumberQuery(name="%"), []),
        (PhoneNumberQuery(name="_"), []),
        (PhoneNumberQuery(skill="sALES"), ["Desk", "short"]),
        (PhoneNumberQuery(skill=" Service "), ["Desk"]),
        (PhoneNumberQuery(skill="Nope"), []),
        (PhoneNumberQuery(skill=""), []),
        (PhoneNumberQuery(state=State.OFF), ["door", "short"]),
        (PhoneNumberQuery(state=State.ACTIVE), ["Desk", "Delhi", "abroad"]),
        (PhoneNumberQuery(skill="Sales", state=State.OFF), ["short"]),
        (PhoneNumberQuery(skill="Sales", state=State.ACTIVE), ["Desk"]),
        (PhoneNumberQuery(number="98", state=State.OFF), ["door"]),
        (PhoneNumberQuery(number="98", skill="Sales"), ["Desk"]),
        (PhoneNumberQuery(last="5678", skill="Service"), ["Desk"]),
        (PhoneNumberQuery(name="d", skill="Sales", state=State.OFF), []),
        (PhoneNumberQuery(name="s", skill="Sales", state=State.OFF), ["short"]),
    ],
)
def test_it_finds_what_is_looked_for(
    store: Store, alice: Account, query: PhoneNumberQuery, expected: list[str]
) -> None:
    """By one thing or by several at once, in the order of what is searched for."""
    add(store, alice, "Desk", "9812345678", *SKILLS)
    add(store, alice, "door", "9812345679", state=State.OFF)
    add(store, alice, "Delhi", "+911112345678")
    add(store, alice, "short", "12345", "Sales", state=State.OFF)
    add(store, alice, "abroad", "+12015550123")
    assert names(store, alice, query) == expected


@pytest.mark.parametrize(
    "query", [EVERYTHING, PhoneNumberQuery(number="98"), PhoneNumberQuery(name="d")]
)
def test_it_finds_nothing_of_another_account(
    store: Store, alice: Account, query: PhoneNumberQuery
) -> None:
    """Bob has one like it, which he finds."""
    bob = new_account(store, skills=("Sales",))
    add(store, bob, "desk", "9812345678", "Sales")
    assert names(store, alice, query) == []
    assert names(store, alice, PhoneNumberQuery(skill="Sales")) == []
    assert names(store, bob, query) == ["desk"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (PhoneNumberQuery(number=""), "query:number"),
        (PhoneNumberQuery(number="98x"), "query:number"),
        (PhoneNumberQuery(number="+"), "query:number"),
        (PhoneNumberQuery(number="9" * 51), "query:number"),
        (PhoneNumberQuery(last="123"), "query:last"),
        (PhoneNumberQuery(last="12 34"), "query:last"),
        (PhoneNumberQuery(last="\u0661\u0662\u0663\u0664"), "query:last"),
        (PhoneNumberQuery(name=""), "query:name"),
        (PhoneNumberQuery(name="x" * 51), "query:name"),
        (PhoneNumberQuery(number="98", name="d"), "query:name"),
        (PhoneNumberQuery(number="98", last="1234"), "query:last"),
    ],
)
def test_a_search_that_cannot_be_meant_is_refused(
    store: Store, alice: Account, query: PhoneNumberQuery, field: str
) -> None:
    """By the place where it stands in the request."""
    with pytest.raises(InvalidInput) as refused:
        search_phone_numbers(store, alice, query, None, 10)
    [problem, *_] = refused.value.problems
    assert (problem.code, problem.field) == (InputCode.SEARCH_FORMAT, field)


def crowd(store: Store, account: Account) -> None:
    """Give an account thirty numbers of all kinds, in an order that is none of a search."""
    for n in range(30):
        skills = [*SKILLS[:1] * (n % 7 < 4), *SKILLS[1:] * (n % 5 < 3)]
        number = f"98{n * 7 % 30:02}123456" if n % 3 else f"{n * 11 % 30:02}4321"
        state = State.OFF if n % 4 == 0 else State.ACTIVE
        add(store, account, f"n{n * 13 % 30:02}", number, *skills, state=state)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("scanned", [1, 2, 5, 2000])
def test_pages_have_each_number_once_and_in_order(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch, limit: int, scanned: int
) -> None:
    """Whichever the limit, and however few rows a page may read."""
    crowd(store, alice)
    everything = found(store, alice, EVERYTHING)
    assert len(everything) == 30
    monkeypatch.setattr(phone_search, "SCANNED", scanned)
    for query in (
        EVERYTHING,
        PhoneNumberQuery(state=State.OFF),
        PhoneNumberQuery(state=State.ACTIVE),
        PhoneNumberQuery(skill="Service"),
        PhoneNumberQuery(skill="Sales", state=State.OFF),
        PhoneNumberQuery(number="98"),
        PhoneNumberQuery(number="0", skill="Sales"),
        PhoneNumberQuery(number="2", state=State.ACTIVE),
        PhoneNumberQuery(last="3456", skill="Service"),
        PhoneNumberQuery(name="n", state=State.OFF, skill="Service"),
    ):
        expected = [each for each in everything if matches(each, query)]
        expected.sort(key=ORDERS[order_of(query)])
        assert expected
        assert found(store, alice, query, limit) == expected


def test_a_page_that_reads_much_and_finds_little_is_short(
    store: Store, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leads on, so all is found in the end; no page reads more than it may."""
    for n in range(20):
        state = State.OFF if n == 19 else State.ACTIVE
        add(store, alice, f"n{n:02}", f"98123456{n:02}", state=state)
    monkeypatch.setattr(phone_search, "SCANNED", 6)
    query = PhoneNumberQuery(name="n", state=State.OFF)
    told = [[each.name for each in items] for items in pages(store, alice, query, 100)]
    assert told == [[], [], [], ["n19"]]


def test_a_full_last_page_has_no_next(store: Store, alice: Account) -> None:
    """Neither where all rows match, nor where the last one did."""
    for n in range(4):
        add(store, alice, f"n{n}", f"981234567{n}", "Sales")
    for query in (EVERYTHING, PhoneNumberQuery(skill="Sales"), PhoneNumberQuery(number="98")):
        assert search_phone_numbers(store, alice, query, None, 4).next is None
        assert search_phone_numbers(store, alice, query, None, 3).next is not None


def matches(number: PhoneNumber, query: PhoneNumberQuery) -> bool:
    """Tell whether a number is looked for, by the simplest means."""
    wanted = [
        query.state in (None, number.state),
        query.skill is None or query.skill in number.skills,
        query.name is None or number.name.lower().startswith(query.name.lower()),
        query.last is None or number.canonical.endswith(query.last),
        query.number is None
        or number.canonical.startswith((query.number, f"+91{query.number.removeprefix('0')}")),
    ]
    return all(wanted)


QUERIES = st.builds(
    lambda one, skill, state: PhoneNumberQuery(**one, skill=skill, state=state),
    st.one_of(
        st.just({}),
        st.fixed_dictionaries({"number": st.sampled_from(["98", "981", "7", "0", "098", "12"])}),
        st.fixed_dictionaries({"last": st.text("0123", min_size=4, max_size=5)}),
        st.fixed_dictionaries({"name": st.text("aAbB1", min_size=1, max_size=3)}),
    ),
    st.none() | st.sampled_from(SKILLS),
    st.none() | st.sampled_from(State),
)
PHONES = st.lists(
    st.tuples(
        st.text("aAbB1", min_size=2, max_size=4),
        st.text("0123", min_size=4, max_size=4).map(lambda end: f"981234{end}")
        | st.text("012379", min_size=4, max_size=6),
        st.sets(st.sampled_from(SKILLS)),
        st.sampled_from(State),
    ),
    max_size=8,
    unique_by=(lambda each: each[0].lower(), lambda each: each[1]),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(phones=PHONES, queries=st.lists(QUERIES, min_size=3, max_size=8), limit=st.integers(1, 4))
def test_a_search_finds_what_a_plain_filter_finds(
    store: Store,
    phones: list[tuple[str, str, set[str], State]],
    queries: list[PhoneNumberQuery],
    limit: int,
) -> None:
    """Over any numbers, names, skills and states, page by page."""
    account = new_account(store, skills=SKILLS)
    known: dict[str, PhoneNumber] = {}
    for name, number, skills, state in phones:
        made = add(store, account, name, number, *skills, state=state)
        known[made.name] = made
    for query in queries:
        expected = [each for each in known.values() if matches(each, query)]
        expected.sort(key=ORDERS[order_of(query)])
        assert found(store, account, query, limit) == expected
