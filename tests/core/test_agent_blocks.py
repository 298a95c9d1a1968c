"""Blocking from a call: whom, for how long, and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ringfence.core.accounts import get_account, set_account
from ringfence.core.agent_blocks import block_from_call, get_agent_block, list_agent_blocks
from ringfence.core.allowed_numbers import create_allowed_number
from ringfence.core.blocked_numbers import (
    add_blocked_numbers,
    get_blocked_number,
    remove_blocked_number,
)
from ringfence.core.changes import get_change, list_changes
from ringfence.core.credentials import create_key
from ringfence.core.group_settings import delete_block_group, make_block_group
from ringfence.errors import (
    AgentBlockNotFound,
    AgentGroupMissing,
    InputCode,
    InvalidInput,
    NumberProtected,
    RingfenceError,
    ScreeningNotFound,
)
from ringfence.model.accounts import Account, AccountChange, KeyDraft, Role
from ringfence.model.agent_blocks import AgentBlock, BlockDraft, BlockQuery, BlockState, KeyName
from ringfence.model.allowed_numbers import AllowedDraft
from ringfence.model.block_groups import Direction
from ringfence.model.blocked_numbers import NumbersDraft, Outcome
from ringfence.model.calls import GroupName
from ringfence.model.changes import Action, Origin
from ringfence.model.group_settings import GroupSettings
from ringfence.model.number_hashes import hash_number
from ringfence.model.pages import Window
from ringfence.store import Store
from tests.core.past_calls import PastCall, keep_call
from tests.core.people import NOW, ORIGIN, new_account, own_number

HOUR = timedelta(hours=1)
CALLER = "+919812300001"
DESK = "+918041230001"


@pytest.fixture
def alice(store: Store) -> Account:
    """Return an account whose agents block into its group 1, for up to 24 hours."""
    account = new_account(store)
    make_block_group(store, account, GroupSettings("From calls"), ORIGIN)
    return set_account(store, account.user_name, AccountChange(agent_group_id=1), ORIGIN)


def block(store: Store, account: Account, number: str = CALLER, **more: int) -> AgentBlock:
    """Block a number as an agent."""
    return block_from_call(store, account, BlockDraft("rude", number, **more), ORIGIN)


def code_of(error: RingfenceError) -> tuple[str, str]:
    """Return the code and the field of the one problem of an error."""
    assert isinstance(error, InvalidInput)
    [problem] = error.problems
    return problem.code, problem.field


def test_a_number_is_blocked_for_as_long_as_agents_may(store: Store, alice: Account) -> None:
    """In the account's group, with the reason, and recorded as every change of a group is."""
    made = block(store, alice, "098123-00001")
    assert made == AgentBlock(
        *(1, CALLER, GroupName(1, "From calls"), None, "rude"),
        *(KeyName(1, made.added_by.label), NOW, NOW + 24 * HOUR, BlockState.LIVE),
        Outcome.ADDED,
    )
    entry = get_blocked_number(store, alice, 1, CALLER)
    assert (entry.expires_at, entry.reason, entry.key_id) == (NOW + 24 * HOUR, "rude", 1)
    last = list_changes(store, alice, None, 1, newest_first=True)[0]
    assert (last.change.action, last.change.subject) == (Action.NUMBERS_ADDED, "1")
    entries = get_change(store, alice, last.change_id).change.entries
    assert entries == {"added": [CALLER], "changed": {}, "removed": {}}
    assert get_agent_block(store, alice, 1, at=NOW) == made


def test_who_blocked_is_told_by_the_key(store: Store, alice: Account) -> None:
    """By its label, or by its first characters."""
    draft = KeyDraft(Role.AGENT, "desk 4")
    key, _ = create_key(store, alice, ORIGIN, draft)
    origin = Origin("v1", key.key_id, NOW)
    made = block_from_call(store, alice, BlockDraft("rude", CALLER), origin)
    assert made.added_by == KeyName(key.key_id, "desk 4")
    assert str(block(store, alice).added_by.label).startswith("rf_")


@pytest.mark.parametrize(
    ("call", "number"),
    [
        (PastCall(NOW, CALLER, DESK), CALLER),
        (PastCall(NOW, DESK, CALLER, Direction.OUTBOUND), CALLER),
        (PastCall(NOW, "withheld", DESK), "withheld"),
    ],
)
def test_a_call_is_blocked_by_its_screening(
    store: Store, alice: Account, call: PastCall, number: str
) -> None:
    """The party outside: who called, or who was called."""
    screening_id = keep_call(store, alice, call)
    made = block_from_call(store, alice, BlockDraft("rude", screening_id=screening_id), ORIGIN)
    assert (made.pattern, made.screening_id, made.outcome) == (number, screening_id, Outcome.ADDED)
    assert get_blocked_number(store, alice, 1, number).reason == "rude"


@pytest.mark.parametrize(
    ("calling", "code"),
    [
        (hash_number("ab" * 32, CALLER), InputCode.NUMBER_UNREADABLE),
        *((text, InputCode.NUMBER_IMPOSSIBLE) for text in ("204", "asha", "", "+91140*", "+12")),
    ],
)
def test_a_screening_without_a_number_is_told(
    store: Store, alice: Account, calling: str, code: InputCode
) -> None:
    """Of a hash nobody knows the number; an extension is none."""
    screening_id = keep_call(store, alice, PastCall(NOW, calling))
    with pytest.raises(InvalidInput) as told:
        block_from_call(store, alice, BlockDraft("rude", screening_id=screening_id), ORIGIN)
    assert code_of(told.value) == (code, "screening_id")


def test_a_screening_of_another_account_is_not_there(store: Store, alice: Account) -> None:
    """As one that never was."""
    theirs = keep_call(store, new_account(store), PastCall(NOW))
    for screening_id in (theirs, 1, 2**63 - 1):
        with pytest.raises(ScreeningNotFound):
            block_from_call(store, alice, BlockDraft("rude", screening_id=screening_id), ORIGIN)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("+91140*", InputCode.NUMBER_UNREADABLE),
        ("junk", InputCode.NUMBER_UNREADABLE),
        ("12", InputCode.NUMBER_IMPOSSIBLE),
        ("", InputCode.NUMBER_UNREADABLE),
    ],
)
def test_only_single_numbers_are_blocked(
    store: Store, alice: Account, number: str, code: InputCode
) -> None:
    """A prefix would block people who never called."""
    with pytest.raises(InvalidInput) as told:
        block(store, alice, number)
    assert code_of(told.value) == (code, "number")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (BlockDraft("rude"), "number"),
        (BlockDraft("rude", CALLER, 5), "number"),
        (BlockDraft("", CALLER), "reason"),
        (BlockDraft(" ", CALLER), "reason"),
        (BlockDraft("a\nb", CALLER), "reason"),
        (BlockDraft("a" * 201, CALLER), "reason"),
        (BlockDraft("rude", CALLER, hours=0), "hours"),
        (BlockDraft("rude", CALLER, hours=25), "hours"),
    ],
)
def test_a_draft_keeps_its_rules(
    store: Store, alice: Account, draft: BlockDraft, field: str
) -> None:
    """One party, a reason, no more hours than the account allows."""
    with pytest.raises(InvalidInput) as told:
        block_from_call(store, alice, draft, ORIGIN)
    assert code_of(told.value)[1] == field
    assert list_agent_blocks(store, alice, BlockQuery(), Window(9), at=NOW).items == ()


def test_protected_numbers_are_not_blocked(store: Store, alice: Account) -> None:
    """By number or from a screening; the refusal names what protects them."""
    own_number(store, alice, "Desk", DESK)
    create_allowed_number(store, alice, AllowedDraft(CALLER, protected=True), ORIGIN)
    protectors = {
        DESK: "a phone number of the account",
        CALLER: "an allowed number",
        "112": "an emergency number",
    }
    for number, protector in protectors.items():
        screening_id = keep_call(store, alice, PastCall(NOW, number))
        by_screening = BlockDraft("rude", screening_id=screening_id)
        for draft in (BlockDraft("rude", number), by_screening):
            with pytest.raises(NumberProtected, match=protector):
                block_from_call(store, alice, draft, ORIGIN)


def test_without_a_group_nobody_is_blocked(store: Store) -> None:
    """None named yet, named no longer, or deleted."""
    account = new_account(store)
    with pytest.raises(AgentGroupMissing):
        block(store, account)
    make_block_group(store, account, GroupSettings("From calls"), ORIGIN)
    set_account(store, account.user_name, AccountChange(agent_group_id=1), ORIGIN)
    assert block(store, account).outcome is Outcome.ADDED  # the setting is read anew
    set_account(store, account.user_name, AccountChange(agent_group_id=None), ORIGIN)
    with pytest.raises(AgentGroupMissing):
        block(store, account)
    set_account(store, account.user_name, AccountChange(agent_group_id=1), ORIGIN)
    delete_block_group(store, account, 1, ORIGIN)
    with pytest.raises(AgentGroupMissing):
        block(store, account)
    [told] = list_agent_blocks(store, account, BlockQuery(), Window(9), at=NOW).items
    assert (told.group, told.state) == (GroupName(1, ""), BlockState.REPLACED)


def test_the_group_and_the_hours_are_settings(store: Store, alice: Account) -> None:
    """A group that is not there is refused; what is not named stays."""
    name = alice.user_name
    with pytest.raises(InvalidInput) as told:
        set_account(store, name, AccountChange(agent_group_id=2), ORIGIN)
    assert code_of(told.value) == (InputCode.GROUP_UNKNOWN, "agent_blocks/group_id")
    for hours in (0, 8761):
        with pytest.raises(InvalidInput):
            set_account(store, name, AccountChange(agent_hours=hours), ORIGIN)
    assert set_account(store, name, AccountChange(agent_hours=8760), ORIGIN) == replace(
        alice, agent_hours=8760
    )
    assert get_account(store, name).agent_group_id == 1
    last = list_changes(store, alice, None, 1, newest_first=True)[0].change
    assert last.after is not None
    assert last.after["agent_blocks"] == {"group_id": 1, "max_hours": 8760}
    assert block(store, alice, hours=8760).expires_at == NOW + 8760 * HOUR


@pytest.mark.parametrize("hours", [None, 48])
def test_what_lasts_longer_already_is_not_shortened(
    store: Store, alice: Account, hours: int | None
) -> None:
    """The agent hears until when."""
    until = None if hours is None else NOW + hours * HOUR
    add_blocked_numbers(store, alice, 1, NumbersDraft([CALLER], until, "fraud"), ORIGIN)
    made = block(store, alice)
    assert (made.outcome, made.expires_at) == (Outcome.ALREADY_THERE, until)
    entry = get_blocked_number(store, alice, 1, CALLER)
    assert (entry.expires_at, entry.reason) == (until, "fraud")


def test_what_ends_sooner_is_extended(store: Store, alice: Account) -> None:
    """And what has ended is added anew."""
    block(store, alice, hours=1)
    assert block(store, alice, hours=3).outcome is Outcome.EXTENDED
    later = replace(ORIGIN, at=NOW + 3 * HOUR)
    again = block_from_call(store, alice, BlockDraft("rude", CALLER, hours=1), later)
    assert (again.outcome, again.expires_at) == (Outcome.ADDED, NOW + 4 * HOUR)


def test_a_list_is_filtered_and_comes_in_pages(store: Store, alice: Account) -> None:
    """By state, number and key; the newest first."""
    other = replace(ORIGIN, key_id=7)
    numbers = [f"+9198123000{n:02}" for n in range(6)]
    for n, number in enumerate(numbers):
        origin = other if n % 2 else ORIGIN
        block_from_call(store, alice, BlockDraft("rude", number, hours=n + 1), origin)
    remove_blocked_number(store, alice, 1, numbers[5], ORIGIN)

    def ids(query: BlockQuery, limit: int = 9) -> list[int]:
        at, found, after = NOW + 2 * HOUR, list[int](), None
        while True:
            page = list_agent_blocks(store, alice, query, Window(limit, after), at=at)
            found += [each.agent_block_id for each in page.items]
            after = page.next
            if after is None:
                return found

    for limit in (1, 2, 9):
        assert ids(BlockQuery(), limit) == [6, 5, 4, 3, 2, 1]
        assert ids(BlockQuery(BlockState.LIVE), limit) == [5, 4, 3]
        assert ids(BlockQuery(BlockState.EXPIRED), limit) == [2, 1]
        assert ids(BlockQuery(BlockState.REPLACED), limit) == [6]
        assert ids(BlockQuery(key_id=7), limit) == [6, 4, 2]
        assert ids(BlockQuery(number="098123 00003"), limit) == [4]
        assert ids(BlockQuery(BlockState.LIVE, numbers[0]), limit) == []
    with pytest.raises(InvalidInput):
        ids(BlockQuery(number="junk"))


def test_a_block_of_another_account_is_not_there(store: Store, alice: Account) -> None:
    """Nor one that never was."""
    block(store, alice)
    with pytest.raises(AgentBlockNotFound):
        get_agent_block(store, new_account(store), 1, at=NOW)
