"""Replay: which calls that passed would a group have blocked, had it enforced what it holds now.

A call counts where the group's direction and scope are for it, and a live entry covers its other
party: the number itself, else the longest prefix of it; or `withheld`. What rang because it was
allowed, protected, the account's own or an emergency number rings all the same, and so does what
would by now: so a number that is allowed after one replay is gone from the next.

Nothing here grows with the calls or with the group but sixteen bytes for each number blocked.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from ringfence.core.replay_findings import Findings
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup, Direction
from ringfence.model.number_hashes import hash_number
from ringfence.model.numbers import E164, is_emergency
from ringfence.model.patterns import WITHHELD
from ringfence.model.replays import ReplayReport
from ringfence.model.screening_ids import first_id_at
from ringfence.model.skills import skill_key
from ringfence.store import (
    Store,
    Transaction,
    block_groups,
    outbound_blocks,
    past_calls,
    screening,
)
from ringfence.store.past_calls import PastCall, Period

_DIRECTIONS = {
    Direction.INBOUND: (Direction.INBOUND,),
    Direction.OUTBOUND: (Direction.OUTBOUND,),
    Direction.BOTH: (Direction.INBOUND, Direction.OUTBOUND),
}
_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}")


def replay(
    store: Store, account: Account, block_group_id: int, since: datetime, at: datetime
) -> ReplayReport:
    """Return what a group would have blocked of the calls from `since` until `at`.

    By the entries that are live at the moment `at`; whatever the group's mode is. Of calls whose
    numbers are hashed, exact entries alone can be told. Raises BlockGroupNotFound.
    """
    kept = at - timedelta(days=account.activity_days)
    period = Period(first_id_at(max(since, kept)), first_id_at(at))

    def run(tx: Transaction) -> ReplayReport:
        group = block_groups.select_block_group(tx, account.account_id, block_group_id)
        look = _Look.of(tx, account, group, at)
        found = Findings()
        _look_at_calls(tx, look, period, found)
        if found.hashed and look.key is not None:
            _look_at_hashes(tx, look, period, found)
        return found.report(group, since, at, kept if kept > since else None)

    return store.read_at_length(run)


@dataclass(frozen=True, slots=True)
class _Look:
    """What every call is looked at by; `prefixes` knows how long those are."""

    account: Account
    group: BlockGroup
    at: datetime
    directions: Sequence[Direction]
    skills: frozenset[str]
    called: frozenset[str]
    key: str | None
    prefixes: screening.Look

    @classmethod
    def of(cls, tx: Transaction, account: Account, group: BlockGroup, at: datetime) -> "_Look":
        key = past_calls.select_activity_key(tx, account.account_id)
        lines = group.scope.called
        hashes = () if key is None else (hash_number(key, line) for line in lines)
        return cls(
            *(account, group, at, _DIRECTIONS[group.direction]),
            frozenset(map(skill_key, group.scope.skills)),
            frozenset(chain(lines, hashes)),
            *(key, screening.Look(screening.select_prefix_lengths(tx, account.account_id))),
        )

    def is_for(self, call: PastCall) -> bool:
        """Whether the group's scope is for a call."""
        if self.skills and (call.skill is None or skill_key(call.skill) not in self.skills):
            return False
        return not self.called or call.called in self.called


def _look_at_calls(tx: Transaction, look: _Look, period: Period, found: Findings) -> None:
    """Find what numbers, prefixes and `withheld` would have blocked of calls with numbers."""
    account_id = look.account.account_id
    for some in past_calls.stream_past_calls(tx, account_id, period, look.directions):
        found.passed += some.passed
        found.hashed += some.hashed
        calls = [call for call in some.calls if look.is_for(call)]
        winners = _winners(tx, look, {call.party for call in calls})
        for call in calls:
            pattern = winners.get(call.party)
            if pattern is not None:
                found.add(call, call.party, pattern)


def _winners(tx: Transaction, look: _Look, parties: Collection[str]) -> Mapping[str, str]:
    """Return by which pattern each of `parties` would have been blocked, where it would."""
    read = [each for each in parties if each == WITHHELD or _NUMBER.fullmatch(each)]
    candidates = {pattern for party in read for pattern in _covering(party, look.prefixes)}
    account_id, group_id = look.account.account_id, look.group.block_group_id
    live = past_calls.select_live_patterns(tx, account_id, group_id, sorted(candidates), look.at)
    if not live:
        return {}
    won = {
        party: next((each for each in _covering(party, look.prefixes) if each in live), None)
        for party in read
    }
    blocked = {party: pattern for party, pattern in won.items() if pattern is not None}
    exempt = _exempt(tx, look, blocked)
    return {party: pattern for party, pattern in blocked.items() if party not in exempt}


def _look_at_hashes(tx: Transaction, look: _Look, period: Period, found: Findings) -> None:
    """Find what single numbers would have blocked of calls whose numbers are hashed."""
    account_id, group_id = look.account.account_id, look.group.block_group_id
    for numbers in past_calls.stream_live_numbers(tx, account_id, group_id, look.at):
        hashed = {hash_number(look.key or "", number): number for number in numbers}
        calls = [
            call
            for direction in look.directions
            for call in past_calls.select_calls_of(tx, account_id, [*hashed], period, direction)
            if look.is_for(call)
        ]
        exempt = _exempt(tx, look, {hashed[call.party] for call in calls})
        for call in calls:
            number = hashed[call.party]
            if number not in exempt:
                found.add(call, number, number)


def _exempt(tx: Transaction, look: _Look, parties: Collection[str]) -> set[str]:
    """Return those of `parties` that would ring now, whatever blocks them."""
    account = look.account
    patterns = {pattern for party in parties for pattern in _covering(party, look.prefixes)}
    found = outbound_blocks.select_exempt_among(
        tx, account.account_id, sorted(patterns), look.at
    ).split(",")
    exempt = set(found)
    return {
        party
        for party in parties
        if not exempt.isdisjoint(_covering(party, look.prefixes))
        or (party != WITHHELD and is_emergency(E164(party), account.region))
    }


def _covering(party: str, prefixes: screening.Look) -> Iterator[str]:
    """Yield the patterns that cover a number, itself first, then prefixes from the longest down."""
    yield party
    if party != WITHHELD:
        yield from reversed(screening.prefixes_of(party, prefixes))
