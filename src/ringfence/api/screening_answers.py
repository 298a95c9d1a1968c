"""What is told of a screening, as JSON: written by hand, for it is written for every call."""

import json
from collections.abc import Sequence
from functools import lru_cache
from json.encoder import encode_basestring as _quote

from ringfence.core.screening import Contender, Decision
from ringfence.model.calls import Disposition, Reason, Screening
from ringfence.model.moments import write_moment
from ringfence.model.screening_facts import facts_of, verdict_of
from ringfence.model.sip_answers import SipAnswer
from ringfence.store.screening import expiry_of

SCREENING_HEADER = "ringfence-screening"
"""The header with the id under which a call is in /v1/screenings."""

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
    rests = [
        _PASSED[decision.reason]
        if decision.winner is None
        else _rest_of(decision.winner, decision.reason)
        for decision in decisions
    ]
    results = ",".join(
        [
            f'{{"number":{_quote(number)},{rest}}}'
            for number, rest in zip(numbers, rests, strict=True)
        ]
    )
    blocked = sum([decision.winner is not None for decision in decisions])
    told = {Disposition.PASS: len(decisions) - blocked, Disposition.BLOCK: blocked}
    return f'{{"results":[{results}],"counts":{_encode(told)}}}'.encode()


def _rest_of(winner: Contender, reason: Reason) -> str:
    until = expiry_of(winner.match)
    return _rest(
        Disposition.BLOCK,
        reason,
        winner.rule.block_group_id,
        winner.match.pattern,
        None if until is None else write_moment(until),
    )


def _rest(
    disposition: Disposition,
    reason: Reason,
    group_id: int | None,
    entry: str | None,
    until: str | None,
) -> str:
    told = {
        "disposition": disposition,
        "reason": reason,
        "group_id": group_id,
        "entry": entry,
        "expires_at": until,
    }
    return _encode(told)[1:-1]


_PASSED = {reason: _rest(Disposition.PASS, reason, None, None, None) for reason in Reason}
