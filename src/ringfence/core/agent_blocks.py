"""Blocking from a call: an agent asks for a number to be blocked for some hours, and says why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ringfence.core.agent_stories import tell_block, tell_blocks
from ringfence.core.blocked_numbers import outcome_of
from ringfence.core.group_entries import Terms, put_entries
from ringfence.core.protection import refuse_protected
from ringfence.errors import (
    AgentGroupMissing,
    BlockGroupNotFound,
    InputCode,
    InvalidInput,
    NumberProtected,
    Problem,
)
from ringfence.model.accounts import Account
from ringfence.model.agent_blocks import (
    AgentBlock,
    BlockDraft,
    BlockQuery,
    draft_problems,
    hours_problems,
)
from ringfence.model.blocked_numbers import Outcome, number_problem
from ringfence.model.changes import Origin
from ringfence.model.moments import to_the_millisecond
from ringfence.model.number_hashes import is_hashed
from ringfence.model.pages import Page, Window
from ringfence.model.patterns import Kind, kind_of, read_pattern
from ringfence.model.protection import EMERGENCY, PROTECTOR_NAMES
from ringfence.model.spellings import is_emergency_spelling
from ringfence.store import (
    Store,
    Transaction,
    accounts,
    agent_blocks,
    block_groups,
    blocked_numbers,
    past_calls,
    phone_numbers,
)
from ringfence.store.agent_blocks import BlockRow, Held
from ringfence.store.times import to_ms, to_optional_ms

MAX_SCANNED = 2_000
"""How many blocks are looked at for one page."""

_BEHIND_ALL = 2**31 - 1
_NO_PREFIX = "a prefix is not blocked from a call: give one number, or withheld"
_NO_NUMBER = "this call had no number that can be blocked"
_HASHED = "of this call only a hash of the number is kept: give the number itself"


def block_from_call(
    store: Store, account: Account, draft: BlockDraft, origin: Origin
) -> AgentBlock:
    """Block one number, or withheld ones, in the group that the account names for it.

    What is blocked there for longer already is not made to end sooner. Raises InvalidInput,
    ScreeningNotFound, AgentGroupMissing, and NumberProtected.
    """
    found = tuple(draft_problems(draft))
    if found:
        raise InvalidInput(*found)
    # Slow, so before the lock.
    pattern = None if draft.number is None else _read_number(account, draft.number)

    def block(tx: Transaction) -> AgentBlock:
        tx.lock_account(account.account_id)
        phone_numbers.check_region(tx, account)
        owner = accounts.select_account(tx, account.user_name)
        problems = tuple(hours_problems(draft.hours, owner.agent_hours))
        if problems:
            raise InvalidInput(*problems)
        group_id = _agent_group(tx, owner)
        wanted = pattern or _party_of(tx, owner, draft.screening_id or 0)
        hours = timedelta(hours=draft.hours or owner.agent_hours)
        asked = _Asked(group_id, wanted, draft, to_the_millisecond(origin.at + hours))
        made = _block(tx, owner, asked, origin)
        return tell_block(tx, owner, made, origin.at)

    return store.write(block)


def list_agent_blocks(
    store: Store, account: Account, query: BlockQuery, window: Window, *, at: datetime
) -> Page[AgentBlock]:
    """Return a page of agent blocks, the newest first, as they are at the moment `at`.

    A page is short where it took MAX_SCANNED blocks to find what it has. Raises InvalidInput where
    the query's number is none.
    """
    pattern = None if query.number is None else read_pattern(query.number, account.region)
    if query.number is not None and pattern is None:
        raise InvalidInput(number_problem(query.number, account.region, "query:number"))
    before = _BEHIND_ALL if window.after is None else int(window.after[0])
    return store.read(
        lambda tx: _list(tx, account, query, pattern, Window(window.limit, (before,)), at)
    )


def get_agent_block(
    store: Store, account: Account, agent_block_id: int, *, at: datetime
) -> AgentBlock:
    """Return an agent block as it is at the moment `at`. Raises AgentBlockNotFound."""
    return store.read(lambda tx: tell_block(tx, account, agent_block_id, at))


class _Asked(NamedTuple):
    """What is to be blocked, where, and until when."""

    block_group_id: int
    pattern: str
    draft: BlockDraft
    until: datetime


def _block(tx: Transaction, account: Account, asked: _Asked, origin: Origin) -> int:
    account_id, group_id, pattern, reason = (
        *(account.account_id, asked.block_group_id, asked.pattern),
        asked.draft.reason,
    )
    refuse_protected(tx, account, pattern, origin.at)
    entry = _entry(tx, account, group_id, pattern)
    outcome = outcome_of(entry, asked.until, origin.at)
    if outcome is Outcome.ALREADY_THERE:
        # Should what lasts longer be taken back, the number stays blocked in this one's name.
        batch_id = blocked_numbers.insert_batch(tx, account_id, origin, reason)
    else:
        put_entries(tx, account, group_id, {pattern: entry}, Terms(asked.until, reason), origin)
        written = _entry(tx, account, group_id, pattern)
        assert written is not None, "it was just put there"
        batch_id = written.batch_id
    made = BlockRow(
        accounts.next_id(tx, account_id, "last_agent_block_id"),
        *(group_id, pattern, asked.draft.screening_id, reason, origin.key_id),
        *(to_ms(origin.at), to_optional_ms(asked.until), batch_id, outcome.value, Held.of(entry)),
    )
    agent_blocks.insert_agent_block(tx, account_id, made)
    return made.agent_block_id


def _list(
    tx: Transaction,
    account: Account,
    query: BlockQuery,
    pattern: str | None,
    window: Window,
    at: datetime,
) -> Page[AgentBlock]:
    found: list[AgentBlock] = []
    before, left = int((window.after or (0,))[0]), MAX_SCANNED
    while left > 0:
        size = min(window.limit + 1, left)
        rows = agent_blocks.select_agent_blocks(tx, account.account_id, pattern, before, size)
        for each in tell_blocks(tx, account, rows, at):
            if len(found) == window.limit:
                return Page(tuple(found), (before,))
            before = each.agent_block_id
            found += [each] if _is_wanted(each, query) else []
        if len(rows) < size:
            return Page(tuple(found), None)
        left -= len(rows)
    return Page(tuple(found), (before,))


def _is_wanted(block: AgentBlock, query: BlockQuery) -> bool:
    return query.state in (None, block.state) and query.key_id in (None, block.added_by.key_id)


def _read_number(account: Account, number: str) -> str:
    """Return the pattern of a number. Raises InvalidInput, NumberProtected."""
    pattern = read_pattern(number, account.region)
    if pattern is None:
        _refuse_emergency(number, account)
        raise InvalidInput(number_problem(number, account.region, "number"))
    if kind_of(pattern) is Kind.PREFIX:
        raise InvalidInput(Problem(InputCode.NUMBER_UNREADABLE, "number", _NO_PREFIX, number))
    return pattern


def _party_of(tx: Transaction, account: Account, screening_id: int) -> str:
    """Return the pattern of a screening's other side.

    Raises ScreeningNotFound, InvalidInput, NumberProtected.
    """
    party = past_calls.select_party(tx, account.account_id, screening_id)
    if is_hashed(party):
        raise InvalidInput(Problem(InputCode.NUMBER_UNREADABLE, "screening_id", _HASHED))
    # What was read as a number is kept in the form of a pattern; all else, as it was sent.
    if read_pattern(party, account.region) == party and kind_of(party) is not Kind.PREFIX:
        return party
    _refuse_emergency(party, account)
    raise InvalidInput(Problem(InputCode.NUMBER_IMPOSSIBLE, "screening_id", _NO_NUMBER))


def _refuse_emergency(number: str, account: Account) -> None:
    if is_emergency_spelling(number, account.region):
        raise NumberProtected(protector=PROTECTOR_NAMES[EMERGENCY.kind])


def _agent_group(tx: Transaction, account: Account) -> int:
    group_id = account.agent_group_id
    if group_id is None:
        raise AgentGroupMissing
    try:
        block_groups.select_block_group(tx, account.account_id, group_id)
    except BlockGroupNotFound:
        raise AgentGroupMissing from None
    return group_id


def _entry(
    tx: Transaction, account: Account, group_id: int, pattern: str
) -> blocked_numbers.Entry | None:
    found: Sequence[blocked_numbers.Entry] = blocked_numbers.select_entries(
        tx, account.account_id, [pattern], group_id
    )
    return found[0] if found else None
