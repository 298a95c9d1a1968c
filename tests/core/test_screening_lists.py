"""Looking through what became of calls: every filter finds what a look at each call would."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringfence.core import screening_lists
from ringfence.core.accounts import set_account
from ringfence.core.activity import store_screenings
from ringfence.core.credentials import create_key
from ringfence.core.group_settings import delete_block_group
from ringfence.core.screening_lists import get_screening, list_call_counts, list_screenings
from ringfence.errors import InvalidInput, ScreeningNotFound
from ringfence.model.accounts import Account, AccountChange, KeyDraft, Role
from ringfence.model.activity import (
    CountQuery,
    Enforcer,
    GroupOfCall,
    KeptScreening,
    ScreeningQuery,
    Step,
)
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Call, Disposition, Reason, Screened
from ringfence.model.pages import Page, Position, Window
from ringfence.model.screening_ids import moment_of
from ringfence.store import Store, screenings
from tests.core.people import NOW, ORIGIN, new_account
from tests.core.screenings import (
    OWN,
    THEIRS,
    blocked,
    groups_of,
    ids,
    later,
    minute_of,
    outbound,
    screened,
)

OTHERS = ("+919812300002", "+919812300003")
SPELLINGS = {THEIRS: "098123 00001", OTHERS[0]: "tel:+91-98123-00002", OTHERS[1]: "9812300003"}
LINES = (OWN, "+918041230002")
PREFIX = "+91981*"
Turn = Callable[[Window], Page[Any]]


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with two groups and the keys 1 and 2."""
    account = new_account(store)
    groups_of(store, account, "One", "Two")
    create_key(store, account, ORIGIN, KeyDraft(Role.ENFORCER, "switch"))
    return account


def some_calls(account: Account, how_many: int, seed: int) -> list[Screened]:
    """Return calls of all kinds, the newest first, some in the same millisecond."""
    chance = random.Random(seed)

    def one(n: int) -> Screened:
        number = chance.choice([THEIRS, *OTHERS])
        made = chance.choice([screened, blocked])(
            *(account, n, later(seconds=n // 3)),
            number=number,
            call=Call(number, chance.choice(LINES), skill=chance.choice([None, "Sales"])),
            key_id=chance.choice([None, 1, 2]),
            latency_us=chance.randrange(200),
        )
        if made.disposition is Disposition.BLOCK and chance.random() < 0.5:
            made = made._replace(pattern=PREFIX, reason=Reason.PREFIX_BLOCKED, block_group_id=2)
        if chance.random() < 0.3:
            made = outbound(made._replace(call=made.call._replace(called=OWN)))
        return made

    return [one(n) for n in range(how_many)][::-1]


def keep(store: Store, calls: list[Screened]) -> None:
    """Keep calls."""
    store_screenings(store, calls[::-1])


def walk(turn: Turn, limit: int) -> Iterator[Page[Any]]:
    """Yield every page of a list."""
    after: Position | None = None
    while True:
        page = turn(Window(limit, after))
        yield page
        if page.next is None:
            return
        assert len(page.items) <= limit
        after = page.next


def found(store: Store, account: Account, query: ScreeningQuery, limit: int = 7) -> list[int]:
    """Return the ids of all that a query finds."""
    turn = lambda window: list_screenings(store, account, query, window)  # noqa: E731
    return [each for page in walk(turn, limit) for each in ids(page.items)]


def is_found(call: Screened, query: ScreeningQuery) -> bool:
    """Tell whether a query finds a call, by looking at it."""
    at = moment_of(call.screening_id)
    wanted = {
        "calling": call.call.calling,
        "called": call.call.called,
        "direction": call.call.direction,
        "disposition": call.disposition,
        "reason": call.reason,
        "block_group_id": call.block_group_id,
        "entry": call.pattern,
        "skill": call.call.skill,
        "key_id": call.key_id,
    }
    return (
        all(getattr(query, name) in (None, value) for name, value in wanted.items())
        and (query.min_latency_us is None or call.latency_us >= query.min_latency_us)
        and (query.since is None or at >= query.since)
        and (query.until is None or at < query.until)
    )


QUERIES = [
    ScreeningQuery(),
    ScreeningQuery(calling=THEIRS),
    ScreeningQuery(calling=OWN),
    ScreeningQuery(called=OWN),
    ScreeningQuery(called=OTHERS[0]),
    ScreeningQuery(calling=THEIRS, called=OWN),
    ScreeningQuery(calling=OWN, called=THEIRS, direction=Direction.OUTBOUND),
    ScreeningQuery(calling="+919812399999"),
    ScreeningQuery(direction=Direction.OUTBOUND),
    ScreeningQuery(disposition=Disposition.BLOCK),
    ScreeningQuery(reason=Reason.PREFIX_BLOCKED),
    ScreeningQuery(block_group_id=2),
    ScreeningQuery(entry=PREFIX),
    ScreeningQuery(entry=OTHERS[1]),
    ScreeningQuery(skill="Sales"),
    ScreeningQuery(key_id=2),
    ScreeningQuery(min_latency_us=150),
    ScreeningQuery(since=later(seconds=20)),
    ScreeningQuery(until=later(seconds=20)),
    ScreeningQuery(since=later(seconds=5), until=later(seconds=5)),
    ScreeningQuery(calling=THEIRS, since=later(seconds=9), until=later(seconds=20), skill="Sales"),
    ScreeningQuery(since=datetime(9999, 12, 31, tzinfo=UTC)),
    ScreeningQuery(since=datetime(1, 1, 1, tzinfo=UTC), until=datetime(9999, 12, 31, tzinfo=UTC)),
]


def spelled(query: ScreeningQuery) -> ScreeningQuery:
    """Return a query with its numbers in other spellings."""
    given = {name: getattr(query, name) for name in ("calling", "called", "entry")}
    return replace(query, **{name: SPELLINGS.get(each, each) for name, each in given.items()})


@pytest.mark.parametrize("scanned", [20_000, 7, 1])
def test_each_filter_finds_what_a_look_at_each_call_does(
    store: Store, alice: Account, scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any spelling, on pages of any size, however little a page looks at; as hashes, too."""
    monkeypatch.setattr(screenings, "SCANNED", scanned)
    bob = new_account(store)
    plain, hashed = some_calls(alice, 60, 1), some_calls(alice, 60, 2)
    keep(store, some_calls(bob, 60, 1))
    keep(store, plain)
    set_account(store, alice.user_name, AccountChange(activity_hashed=True), ORIGIN)
    hashed = [each._replace(screening_id=each.screening_id + (10**6 << 20)) for each in hashed]
    keep(store, hashed)
    calls = hashed + plain
    for query in QUERIES:
        expected = ids([each for each in calls if is_found(each, query)])
        assert found(store, alice, query) == expected, query
        assert found(store, alice, spelled(query), 1000) == expected, query
    assert {each.name for each in fields(ScreeningQuery)} == {
        each.name
        for query in QUERIES
        for each in fields(query)
        if getattr(query, each.name) is not None
    }


def test_a_number_is_found_as_it_is_told(store: Store, alice: Account) -> None:
    """A hash, a text that is no number, and `withheld`."""
    set_account(store, alice.user_name, AccountChange(activity_hashed=True), ORIGIN)
    texts = (THEIRS, "sales@example", "withheld")
    keep(store, [screened(alice, n, number=each) for n, each in enumerate(texts)])
    for told in list_screenings(store, alice, ScreeningQuery(), Window(9)).items:
        assert found(store, alice, ScreeningQuery(calling=told.calling)) == [told.screening_id]
    assert found(store, alice, ScreeningQuery(calling="Anonymous")) != []
    assert found(store, alice, ScreeningQuery(calling="sales@example")) != []


def test_one_is_told_with_the_names_of_today(store: Store, alice: Account) -> None:
    """Of a group that is deleted the id alone; another account's is not there."""
    call = blocked(alice, 5, block_group_id=2, key_id=2)
    keep(store, [call])
    told = get_screening(store, alice, call.screening_id)
    assert told == KeptScreening(
        *(call.screening_id, THEIRS, OWN, Direction.INBOUND, None),
        *(Disposition.BLOCK, Reason.NUMBER_BLOCKED, GroupOfCall(2, "Two"), THEIRS),
        Enforcer(2, "switch"),
        100,
    )
    delete_block_group(store, alice, 2, ORIGIN)
    assert get_screening(store, alice, call.screening_id).group == GroupOfCall(2, None)
    for account, screening_id in ((alice, call.screening_id + 1), (new_account(store), call[1])):
        with pytest.raises(ScreeningNotFound):
            get_screening(store, account, screening_id)


def test_pages_go_on_while_calls_come_in(store: Store, alice: Account) -> None:
    """Whoever goes on gets what is older, each once."""
    calls = some_calls(alice, 30, 3)
    keep(store, calls)
    seen: list[int] = []
    turn = lambda window: list_screenings(store, alice, ScreeningQuery(), window)  # noqa: E731
    for n, page in enumerate(walk(turn, 4)):
        seen += ids(page.items)
        keep(store, [screened(alice, 500 + n, later(hours=1 + n))])
    assert seen == ids(calls)


@pytest.mark.parametrize(
    "place", [("1",), (1, 2), (-1,), (2**63,)], ids=["text", "two", "low", "high"]
)
def test_a_place_that_is_none_is_refused(store: Store, alice: Account, place: Position) -> None:
    """In both lists."""
    with pytest.raises(InvalidInput):
        list_screenings(store, alice, ScreeningQuery(), Window(1, place))
    for other in (place, (-1, 0, "pass"), (0, 2**63, "pass"), (0, 0, "\0")):
        with pytest.raises(InvalidInput):
            list_call_counts(store, alice, CountQuery(), Window(1, other))


def counted_naively(calls: list[Screened], query: CountQuery) -> list[tuple[Any, ...]]:
    """Return what the counts are, by looking at each call."""
    step = timedelta(minutes=query.step.minutes)
    told: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for each in calls:
        minute = datetime.fromtimestamp(minute_of(each) * 60, UTC)
        at = minute - (minute - datetime(1970, 1, 1, tzinfo=UTC)) % step
        is_late = query.until is not None and at >= query.until
        if is_late or (query.since is not None and at + step <= query.since):
            continue
        is_block = each.disposition is Disposition.BLOCK
        keys = [(each.block_group_id if is_block else 0, each.disposition.value)]
        keys += [(group, "would_block") for group in each.monitors]
        for key in keys:
            if query.block_group_id in (None, key[0]):
                told[at, *key] += 1
    return sorted((*key, calls) for key, calls in told.items())


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_counts_are_those_of_the_calls(
    store: Store, alice: Account, step: Step, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every step from that of `since` on, up to `until`, on pages of any size."""
    monkeypatch.setattr(screening_lists, "LOOKS", 2)
    chance = random.Random(step.minutes)
    calls = [
        chance.choice([screened, blocked])(
            *(alice, n, NOW + timedelta(minutes=chance.choice([n, n * 100, n * 3000]))),
            monitors=chance.choice([(), (1,), (1, 2)]),
        )
        for n in range(40)
    ]
    keep(store, sorted(calls, reverse=True))
    for query in (
        CountQuery(step=step),
        CountQuery(step=step, block_group_id=2),
        CountQuery(later(minutes=7.5), later(days=3, minutes=1.5), None, step),
        CountQuery(later(days=400), None, None, step),
        CountQuery(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), 1, step),
    ):
        turn = lambda window, query=query: list_call_counts(store, alice, query, window)  # noqa: E731
        told = [
            (
                each.at,
                each.group.block_group_id if each.group else 0,
                each.counted.value,
                each.calls,
            )
            for page in walk(turn, limit)
            for each in page.items
        ]
        assert told == counted_naively(calls, query), query
