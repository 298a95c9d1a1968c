"""What is told of a screening, as JSON: written by hand, for it is written for every call."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from ringfence.core.screening import Decision
from ringfence.core.screening.deciding import Contender
from ringfence.model.calls import Disposition, Reason, Screening
from ringfence.model.moments import write_moment
from ringfence.model.screening_facts import facts_of, verdict_of
from ringfence.model.sip_answers import SipAnswer
from ringfence.store.screening import expiry_of

SCREENING_HEADER = "ringfence-screening"
"""The header with the id under which a call is in /v1/screenings."""

_quote = json.JSONEncoder(ensure_ascii=False).encode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@lru_cache(maxsize=4096)
def write_verdict(disposition: Disposition, reason: Reason, answer: SipAnswer | None) -> bytes:
    """Return what a switch needs, and no more."""
    return _encode(verdict_of(disposition, reason, answer)).encode()


def write_explanation(screening: Screening) -> bytes:
    """Return all that led to a decision."""
    return _encode(facts_of(screening)).encode()


def write_results(numbers: Sequence[str], decisions: Sequence[Decision]) -> bytes:
    """Return what becomes of each number, as it was sent, and how often each happens."""
    results = ",".join(
        f'{{"number":{_quote(number)},{_tail(decision.reason, decision.winner)}}}'
        for number, decision in zip(numbers, decisions, strict=True)
    )
    counts = Counter(decision.disposition for decision in decisions)
    told = {each: counts[each] for each in Disposition}
    return f'{{"results":[{results}],"counts":{_encode(told)}}}'.encode()


@lru_cache(maxsize=4096)
def _tail(reason: Reason, winner: Contender | None) -> str:
    until = None if winner is None else expiry_of(winner.match)
    told = {
        "disposition": Disposition.PASS if winner is None else Disposition.BLOCK,
        "reason": reason,
        "group_id": None if winner is None else winner.rule.block_group_id,
        "entry": None if winner is None else winner.match.pattern,
        "expires_at": None if until is None else write_moment(until),
    }
    return _encode(told)[1:-1]
