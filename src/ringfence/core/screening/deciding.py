"""The decision: may this call ring, and by what was it made.

The party looked up is the calling number of an inbound call, the called one of an outbound call.

1. An emergency number, a number of the account's own, and an allowed number ring.
2. A live entry of a group that enforces, for calls of this direction and in its scope, blocks. The
   most specific one decides: the number itself or `withheld`, then the longest prefix; of those
   alike the longest-lasting, then the one of the lowest group.
3. Groups that only monitor block nothing; what they would have blocked is noted.
4. Every other call rings, also one of digits that are no possible phone number.

An entry is live while its expiry is in the future at the moment asked, so nothing has to be done
when that comes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ringfence.core.screening.policies import Policy
from ringfence.model.block_groups import Direction, Mode
from ringfence.model.calls import Call, Disposition, Lost, Reason, Screened
from ringfence.model.numbers import E164, is_emergency
from ringfence.model.patterns import WITHHELD, Kind, kind_of, read_caller
from ringfence.model.sip_answers import SipAnswer
from ringfence.model.spellings import is_emergency_spelling, read_number
from ringfence.store import Transaction
from ringfence.store.screening import ALLOWED, BLOCKED, OWN, GroupRule, Match, select_matches

_BLOCKED_BY = {
    Kind.EXACT: Reason.NUMBER_BLOCKED,
    Kind.PREFIX: Reason.PREFIX_BLOCKED,
    Kind.WITHHELD: Reason.WITHHELD_BLOCKED,
}


class Case(NamedTuple):
    """A call to decide about at the moment `at_ms`, in milliseconds since 1970, and by what."""

    tx: Transaction
    policy: Policy
    call: Call
    at_ms: int


class Contender(NamedTuple):
    """An entry that covers the number, what its group does, and why it lost; None is the winner."""

    match: Match
    rule: GroupRule
    lost: Lost | None


class Decision(NamedTuple):
    """What to do with a call, in ids: `explaining.py` tells the rest.

    `number` is the party looked up: in E.164, `withheld`, or as given where it is no number.
    `contenders` are all entries that cover it, best first.
    """

    number: str
    disposition: Disposition
    reason: Reason
    contenders: Sequence[Contender] = ()
    winner: Contender | None = None


def decide(case: Case) -> Decision:
    """Decide about a call."""
    policy, text = case.policy, case.call.party
    number, exempt = policy.read_plain(text), None
    if number is None:
        number, exempt = read_party(text, policy.account.region)
    if number is None:
        return Decision(text, Disposition.PASS, exempt or Reason.NO_NUMBER)
    matches = select_matches(case.tx, policy.account.account_id, number, policy.look)
    return decide_by(case, number, exempt, matches)


def read_party(text: str, region: str) -> tuple[str | None, Reason | None]:
    """Return who is looked up, None for no number; and what the number alone is exempt by."""
    found = read_caller(text, region)
    if found is None:
        return None, Reason.EMERGENCY if is_emergency_spelling(text, region) else None
    is_exempt = found != WITHHELD and is_emergency(E164(found), region)
    return found, Reason.EMERGENCY if is_exempt else None


def decide_by(case: Case, number: str, exempt: Reason | None, matches: Sequence[Match]) -> Decision:
    """Decide about a call by the rows that cover its number."""
    if not matches:
        return Decision(number, Disposition.PASS, exempt or Reason.NOT_BLOCKED)
    if len(matches) == 1 and exempt is None and (alone := _alone(case, number, matches[0])):
        return alone
    exempt = exempt or _exempt(matches, case.at_ms)
    contenders = _ranked(_judged(case, matches, exempt))
    winner = next((each for each in contenders if each.lost is None), None)
    if winner is None:
        return Decision(number, Disposition.PASS, exempt or Reason.NOT_BLOCKED, contenders)
    return _blocked(number, contenders, winner)


def _blocked(number: str, contenders: Sequence[Contender], winner: Contender) -> Decision:
    reason = _BLOCKED_BY[kind_of(winner.match.pattern)]
    return Decision(number, Disposition.BLOCK, reason, contenders, winner)


def _alone(case: Case, number: str, match: Match) -> Decision | None:
    """Return what one entry decides by itself, as most do; None where more has to be looked at."""
    rule = case.policy.rule(case.tx, match.row_id) if match.source == BLOCKED else None
    if rule is None or not rule.is_for_all or not match.is_live(case.at_ms):
        return None
    winner = Contender(match, rule, None)
    return _blocked(number, (winner,), winner)


def screened(
    policy: Policy,
    screening_id: int,
    call: Call,
    decision: Decision,
    key_id: int | None,
    latency_us: int,
) -> Screened:
    """Return what is kept of a call; who asked, and in how many microseconds they were answered."""
    account_id, change_id = policy.account.account_id, policy.change_id
    number, disposition, reason, contenders, about = decision
    if not contenders:
        return Screened(
            *(account_id, screening_id, call, number, disposition, reason),
            *(None, None, (), key_id, latency_us, change_id),
        )
    watching = [each for each in contenders if each.lost is Lost.MONITORED]
    monitors = tuple(dict.fromkeys(each.rule.block_group_id for each in watching))
    about = about or next(iter(watching), None)
    group_id, pattern = (None, None) if about is None else (about.match.row_id, about.match.pattern)
    return Screened(
        *(account_id, screening_id, call, number, disposition, reason),
        *(group_id, pattern, monitors, key_id, latency_us, change_id),
    )


def answer_of(policy: Policy, decision: Decision) -> SipAnswer | None:
    """Return what a switch answers a call that is blocked, None for one that rings."""
    winner = decision.winner
    return None if winner is None else winner.rule.answer or policy.account.answer


def _exempt(matches: Sequence[Match], at_ms: int) -> Reason | None:
    """Return what lets the call ring whatever blocks it, the strongest first."""
    sources = {each.source for each in matches}
    if OWN in sources:
        return Reason.OWN_NUMBER
    allowed = [each for each in matches if each.source == ALLOWED and each.is_live(at_ms)]
    if any(each.more for each in allowed):
        return Reason.PROTECTED
    return Reason.ALLOWED if allowed else None


def _judged(case: Case, matches: Sequence[Match], exempt: Reason | None) -> Iterator[Contender]:
    for match in matches:
        if match.source == BLOCKED:
            rule = case.policy.rule(case.tx, match.row_id)
            if rule is not None:
                yield Contender(match, rule, _lost(case, match, rule, exempt))


def _lost(case: Case, match: Match, rule: GroupRule, exempt: Reason | None) -> Lost | None:
    """Return why an entry loses by itself; None where only another entry may be before it."""
    if not match.is_live(case.at_ms):
        return Lost.EXPIRED
    if (elsewhere := _elsewhere(case, rule)) is not None:
        return elsewhere
    if exempt is not None:
        return Lost.CALL_EXEMPT
    return Lost.MONITORED if rule.mode is Mode.MONITOR else None


def _elsewhere(case: Case, rule: GroupRule) -> Lost | None:
    """Return why a group is not for this call, None where it is."""
    if rule.mode is Mode.OFF:
        return Lost.GROUP_OFF
    if rule.direction not in {Direction.BOTH, case.call.direction}:
        return Lost.OTHER_DIRECTION
    if rule.skill_ids and not _has_skill(case, rule):
        return Lost.OTHER_SKILL
    return Lost.OTHER_CALLED if rule.called and not _is_called(case, rule) else None


def _has_skill(case: Case, rule: GroupRule) -> bool:
    skill = case.call.skill
    return skill is not None and case.policy.skill_id(case.tx, skill) in rule.skill_ids


def _is_called(case: Case, rule: GroupRule) -> bool:
    return read_number(case.call.called, case.policy.account.region) in rule.called


def _ranked(judged: Iterable[Contender]) -> list[Contender]:
    """Return entries best first, and say of all but the first in the running what it is behind."""
    ordered = list(judged)
    if len(ordered) < 2:  # noqa: PLR2004  as it nearly always is
        return ordered
    ordered.sort(key=lambda each: rank(each.match))
    first = next((each for each in ordered if each.lost is None), None)
    if first is None:
        return ordered
    return [
        each if each is first or each.lost else each._replace(lost=_behind(each.match, first.match))
        for each in ordered
    ]


def rank(match: Match) -> tuple[bool, int, bool, int, int]:
    """Return what entries that cover a number are sorted by, the best first."""
    is_prefix = match.pattern.endswith("*")
    until = match.expires_at
    return is_prefix, -len(match.pattern), until is not None, -(until or 0), match.row_id


def _behind(match: Match, winner: Match) -> Lost:
    if rank(match)[:2] != rank(winner)[:2]:
        return Lost.LESS_SPECIFIC
    return Lost.LATER_GROUP if match.expires_at == winner.expires_at else Lost.ENDS_SOONER
