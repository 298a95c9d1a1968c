"""Replays, beside a model that looks at every call by itself."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest

from ringfence.core.accounts import get_account
from ringfence.core.allowed_numbers import create_allowed_number
from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.group_settings import edit_block_group, make_block_group
from ringfence.core.replay import replay
from ringfence.errors import BlockGroupNotFound, InvalidInput
from ringfence.model.accounts import Account
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.block_groups import Direction, Mode, Scope
from ringfence.model.blocked_numbers import NumbersDraft
from ringfence.model.calls import Disposition, Reason
from ringfence.model.group_settings import GroupChange, GroupSettings
from ringfence.model.number_hashes import hash_number, is_hashed
from ringfence.model.replays import EntryCount, ReplayedCall, ReplayReport, read_since
from ringfence.store import Store, past_calls
from tests.core.past_calls import PastCall, keep_calls
from tests.core.people import NOW, ORIGIN, new_account, own_number

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEY = "0f" * 32
LINES = ("+918041230001", "+918041230002")
SKILLS = ("Sales", "Support")
EXEMPT = (Reason.ALLOWED, Reason.PROTECTED, Reason.OWN_NUMBER, Reason.EMERGENCY)


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account with a group 1 and a key to hash numbers by."""
    account = new_account(store, skills=SKILLS)
    make_block_group(store, account, GroupSettings("Watched", mode=Mode.MONITOR), ORIGIN)
    sql = "update account set activity_key = ? where account_id = ?"
    store.write(lambda tx: tx.run(sql, (KEY, account.account_id)))
    return account


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a replay of few calls and few entries take as many steps as one of many."""
    monkeypatch.setattr(past_calls, "CHUNK", 7)
    monkeypatch.setattr(past_calls, "ENTRIES", 3)


def block(store: Store, account: Account, *numbers: str, hours: int | None = None) -> None:
    """Put numbers into the group."""
    until = None if hours is None else NOW + hours * HOUR
    add_blocked_numbers(store, account, 1, NumbersDraft(numbers, until), ORIGIN)


def run(store: Store, account: Account, days: float = 7) -> ReplayReport:
    """Replay the group over the last days."""
    return replay(store, account, 1, NOW - days * DAY, NOW)


@dataclass
class World:
    """What the model knows: the group's entries, its scope, and what rings whatever blocks it."""

    entries: set[str]
    direction: Direction
    scope: Scope
    allowed: set[str]

    def entry_for(self, call: PastCall, number: str) -> str | None:
        """Return what would have blocked a call, with a number that may be known from its hash."""
        if call.disposition is Disposition.BLOCK or call.reason is not Reason.NOT_BLOCKED:
            return None
        if self.direction not in (call.direction, Direction.BOTH) or not self._is_for(call, number):
            return None
        covering = [number]
        covering += [f"{number[:end]}*" for end in range(len(number), 1, -1)]
        if number == "withheld":
            covering = [number]
        if self.allowed.intersection(covering):
            return None
        if is_hashed(call.party):
            del covering[1:]
        return next((each for each in covering if each in self.entries), None)

    def _is_for(self, call: PastCall, number: str) -> bool:
        called = number if call.direction is Direction.OUTBOUND else call.called
        names = {each.casefold() for each in self.scope.skills}
        if names and (call.skill is None or call.skill.casefold() not in names):
            return False
        return not self.scope.called or called in self.scope.called


def random_number(dice: random.Random) -> str:
    """Return one of few numbers, or withheld."""
    return dice.choice(
        ["withheld", *(f"+9198123{n:05}" for n in range(12)), *LINES, "+14155550100"]
    )


def random_call(dice: random.Random) -> tuple[PastCall, str]:
    """Return a call, and the number of its other party, which may be hashed in it."""
    number, line = random_number(dice), dice.choice(LINES)
    direction = dice.choice([Direction.INBOUND, Direction.INBOUND, Direction.OUTBOUND])
    kept = hash_number(KEY, number) if number != "withheld" and dice.random() < 0.4 else number
    calling, called = (line, kept) if direction is Direction.OUTBOUND else (kept, line)
    blocked = dice.random() < 0.1
    return PastCall(
        NOW - dice.random() * 10 * DAY,
        *(calling, called, direction, dice.choice([None, "sales", "Support"])),
        Disposition.BLOCK if blocked else Disposition.PASS,
        Reason.NUMBER_BLOCKED if blocked else dice.choice([Reason.NOT_BLOCKED] * 6 + [*EXEMPT]),
    ), number


def random_world(dice: random.Random) -> World:
    """Return a group to make."""
    kinds = ["withheld", "+91*", "+9198123*", "+91981230000*", "+9198123000001*", "+1415*"]
    single = [f"+9198123{n:05}" for n in range(12)]
    entries = dice.sample(single, dice.randint(0, 8)) + dice.sample(kinds, dice.randint(0, 4))
    scope = Scope(
        tuple(dice.sample(SKILLS, dice.choice([0, 0, 1, 2]))),
        tuple(dice.sample([*LINES, "+919812300003"], dice.choice([0, 0, 1, 2]))),
    )
    allowed = dice.sample([*single, "+9198123000*", "withheld"], dice.randint(0, 2))
    return World(set(entries), dice.choice(list(Direction)), scope, set(allowed))


@pytest.mark.usefixtures("_small_chunks")
@pytest.mark.parametrize("seed", range(25))
def test_a_replay_is_what_a_look_at_each_call_says(store: Store, seed: int) -> None:
    """Over random groups, entries, scopes, calls and allowed numbers; plain and hashed."""
    dice = random.Random(seed)
    account, world = alice_of(store), random_world(dice)
    settings = GroupChange(
        direction=world.direction, skills=world.scope.skills, called=world.scope.called
    )
    edit_block_group(store, account, 1, settings, ORIGIN)
    if world.entries:
        block(store, account, *world.entries)
    block(store, account, "+919812300777", hours=1)
    for number in world.allowed:
        create_allowed_number(store, account, AllowedDraft(number), ORIGIN)
    calls = [random_call(dice) for _ in range(80)]
    ids = keep_calls(store, account, [call for call, _ in calls])
    report = run(store, account)
    asked = [
        (screening_id, call, number)
        for screening_id, (call, number) in zip(ids, calls, strict=True)
        if call.at >= NOW - 7 * DAY
    ]
    passed = [each for each in asked if each[1].disposition is Disposition.PASS]
    blocked = [(i, c, n, world.entry_for(c, n)) for i, c, n in passed]
    hits = [(i, c, n, entry) for i, c, n, entry in blocked if entry is not None]
    counts = Counter(entry for *_, entry in hits)
    assert report.calls == len(passed)
    assert report.hashed_calls == sum(is_hashed(call.party) for _, call, _ in passed)
    assert report.would_block == len(hits)
    assert report.numbers == len({number for *_, number, _ in hits})
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    assert report.entries == tuple(EntryCount(*each) for each in ordered)
    newest = sorted(((i, c.party, entry) for i, c, _, entry in hits), reverse=True)
    assert report.newest == tuple(ReplayedCall(*each) for each in newest)


def alice_of(store: Store) -> Account:
    """Return an account as `alice` is."""
    account = new_account(store, skills=SKILLS)
    make_block_group(store, account, GroupSettings("Watched", mode=Mode.MONITOR), ORIGIN)
    sql = "update account set activity_key = ? where account_id = ?"
    store.write(lambda tx: tx.run(sql, (KEY, account.account_id)))
    return account


def test_it_is_the_entries_of_now_that_count(store: Store, alice: Account) -> None:
    """What has ended blocks nothing, whatever was blocked when the call came."""
    calls = [PastCall(NOW - HOUR, f"+91981230000{n}") for n in range(3)]
    ids = keep_calls(store, alice, calls)
    block(store, alice, calls[0].calling, hours=1)
    block(store, alice, calls[1].calling)
    assert run(store, alice).would_block == 2
    later = replay(store, alice, 1, NOW - DAY, NOW + 2 * HOUR)
    assert [each.screening_id for each in later.newest] == [ids[1]]


def test_the_newest_calls_and_the_busiest_entries_are_named(store: Store, alice: Account) -> None:
    """A hundred and twenty of them; all are counted."""
    calls = [
        PastCall(NOW - (n + 1) * timedelta(minutes=1), f"+91981230{n % (m + 1):04}")
        for m in range(30)
        for n in range(m + 1)
    ]
    ids = keep_calls(store, alice, calls)
    numbers = sorted({call.calling for call in calls})
    block(store, alice, *numbers)
    report = run(store, alice)
    counts = Counter(call.calling for call in calls)
    busiest = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:20]
    assert report.entries == tuple(EntryCount(*each) for each in busiest)
    assert (report.would_block, report.numbers) == (len(calls), len(numbers))
    assert [each.screening_id for each in report.newest] == sorted(ids, reverse=True)[:100]


def test_what_is_not_kept_any_more_is_said(store: Store, alice: Account) -> None:
    """Calls from before are not looked at, deleted or not."""
    sql = "update account set activity_days = 3 where account_id = ?"
    store.write(lambda tx: tx.run(sql, (alice.account_id,)))
    account = get_account(store, alice.user_name)
    keep_calls(store, account, [PastCall(NOW - 4 * DAY), PastCall(NOW - 2 * DAY)])
    block(store, account, PastCall(NOW).calling)
    report = run(store, account)
    assert (report.kept_since, report.calls, report.would_block) == (NOW - 3 * DAY, 1, 1)
    assert run(store, account, days=3).kept_since is None


def test_what_would_ring_by_now_is_left_out(store: Store, alice: Account) -> None:
    """So that an operator sees a mistake gone once the number is allowed."""
    numbers = [f"+91981230000{n}" for n in range(4)]
    keep_calls(store, alice, [PastCall(NOW - HOUR, each) for each in numbers])
    hashed = [PastCall(NOW - HOUR, hash_number(KEY, each)) for each in numbers]
    keep_calls(store, alice, hashed)
    block(store, alice, *numbers)
    create_allowed_number(store, alice, AllowedDraft(numbers[0]), ORIGIN)
    create_allowed_number(store, alice, AllowedDraft(f"{numbers[1]}*"), ORIGIN)
    own_number(store, alice, "Desk", numbers[2])
    report = run(store, alice)
    assert report.entries == (EntryCount(numbers[3], 2),)


def test_hashes_of_another_key_are_of_nobody(store: Store, alice: Account) -> None:
    """The report says how many calls there are, and that only exact entries were looked for."""
    number = "+919812300001"
    block(store, alice, number, "+9198*")
    keep_calls(store, alice, [PastCall(NOW - HOUR, hash_number("ab" * 32, number))])
    report = run(store, alice)
    assert (report.calls, report.hashed_calls, report.would_block) == (1, 1, 0)
    assert report.exact_only
    sql = "update account set activity_key = null where account_id = ?"
    store.write(lambda tx: tx.run(sql, (alice.account_id,)))
    assert run(store, alice) == report


def test_a_group_in_any_mode_is_replayed(store: Store, alice: Account) -> None:
    """As if it enforced; one that is not there is not."""
    keep_calls(store, alice, [PastCall(NOW - HOUR)])
    block(store, alice, PastCall(NOW).calling)
    for mode in Mode:
        edit_block_group(store, alice, 1, GroupChange(mode=mode), ORIGIN)
        assert run(store, alice).would_block == 1
    with pytest.raises(BlockGroupNotFound):
        replay(store, alice, 2, NOW - DAY, NOW)
    assert not run(store, alice).exact_only


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("7d", NOW - 7 * DAY),
        ("24h", NOW - DAY),
        ("90m", NOW - 1.5 * HOUR),
        (" 2w ", NOW - 14 * DAY),
        ("2025-12-31T18:30:00Z", NOW - 5.5 * HOUR),
        ("2025-12-31T18:30:00+05:30", NOW - 11 * HOUR),
        ("2025-12-31T18:30", NOW - 11 * HOUR),
        ("2026-01-01", NOW - 5.5 * HOUR),
    ],
)
def test_since_when_is_read(text: str, since: object) -> None:
    """A duration, or a moment; without an offset it is one of the account's time zone."""
    assert read_since(text, "Asia/Kolkata", NOW) == since


@pytest.mark.parametrize(
    "text",
    [
        *("", "d", "0d", "7", "7y", "-7d", "1.5h", "100000d", "yesterday", "2026-13-01"),
        *("2026-01-02", "2026-01-01T05:31", "1970-06-01", "0001-01-01", "7d\0"),
    ],
)
def test_what_is_no_time_past_is_told(text: str) -> None:
    """What cannot be read, what lies ahead, and what no call can be from."""
    with pytest.raises(InvalidInput) as told:
        read_since(text, "Asia/Kolkata", NOW)
    assert told.value.problems[0].field == "since"
