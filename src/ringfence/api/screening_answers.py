"""What is told of a screening, as JSON: written by hand, for it is written for every call."""

import json
from collections.abc import Sequence
from functools import lru_cache
from json.encoder import encode_basestring as _quote

from ringfence.core.screening import Decision
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
    results = ",".join(
        [
            f'{{"number":{_quote(number)},{_rest_of(decision)}}}'
            for number, decision in zip(numbers, decisions, strict=True)
        ]
    )
    blocked = sum(decision.winner is not None for decision in decisions)
    told = {Disposition.PASS: len(decisions) - blocked, Disposition.BLOCK: blocked}
    return f'{{"results":[{results}],"counts":{_encode(told)}}}'.encode()


def _rest_of(decision: Decision) -> str:
    winner = decision.winner
    if winner is None:
        return _rest_of_passed(decision.reason)
    until = expiry_of(winner.match)
    return _rest(
        Disposition.BLOCK,
        decision.reason,
        winner.rule.block_group_id,
        winner.match.pattern,
        None if until is None else write_moment(until),
    )


@lru_cache
def _rest_of_passed(reason: Reason) -> str:
    return _rest(Disposition.PASS, reason, None, None, None)


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
