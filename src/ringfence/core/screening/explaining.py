"""Explaining a decision: which entry made it, who put that there, and why every other one lost."""

from collections.abc import Iterator, Sequence
from itertools import islice

from ringfence.core.screening.deciding import Case, Contender, Decision, answer_of
from ringfence.core.screening.policies import Policy
from ringfence.model.calls import (
    MAX_HUNT,
    MAX_OTHERS,
    Disposition,
    EntryStory,
    GroupName,
    Lost,
    Screening,
)
from ringfence.model.patterns import kind_of
from ringfence.model.phone_numbers import PhoneNumber
from ringfence.store import Transaction, hunting, phone_numbers
from ringfence.store.screening import Provenance, expiry_of


def explain(case: Case, decision: Decision) -> Screening:
    """Return a decision with all that led to it, and what rings where the call names a skill."""
    number, disposition, reason, contenders, winner = decision
    skill = case.call.skill
    hunt = None if skill is None else _hunt(case, decision, skill)
    if not contenders:
        return Screening(number, disposition, reason, hunt=hunt)
    # The winner is the first that is in the running; a number may be in any number of groups.
    told = [*([winner] if winner is not None else []), *_others(contenders, winner)]
    stories = _stories(case.tx, case.policy, told)
    return Screening(
        *(number, disposition, reason, answer_of(case.policy, decision)),
        stories[0] if winner is not None else None,
        tuple(each for each in stories if each.lost is not None),
        tuple(each for each in stories if each.lost is Lost.MONITORED),
        hunt,
    )


def _others(contenders: Sequence[Contender], winner: Contender | None) -> Iterator[Contender]:
    return islice((each for each in contenders if each is not winner), MAX_OTHERS)


def _stories(
    tx: Transaction, policy: Policy, contenders: Sequence[Contender]
) -> Sequence[EntryStory]:
    provenances = policy.provenances(tx, [each.match.more for each in contenders])
    return [_story(each, provenances[each.match.more]) for each in contenders]


def _story(contender: Contender, provenance: Provenance) -> EntryStory:
    match, rule, lost = contender
    return EntryStory(
        GroupName(rule.block_group_id, rule.name),
        match.pattern,
        kind_of(match.pattern),
        expiry_of(match),
        provenance.added_at,
        provenance.added_by,
        provenance.door,
        provenance.note,
        lost,
    )


def _hunt(case: Case, decision: Decision, skill: str) -> tuple[PhoneNumber, ...]:
    """Return what rings for a skill; nothing for one that the account has not: a call goes on."""
    account_id = case.policy.account.account_id
    skill_id = case.policy.skill_id(case.tx, skill)
    if skill_id is None or decision.disposition is Disposition.BLOCK:
        return ()
    rows = hunting.select_hunt(case.tx, account_id, skill_id, "", MAX_HUNT)
    ids = [phone_number_id for phone_number_id, _ in rows]
    return tuple(phone_numbers.select_phone_numbers(case.tx, account_id, ids))
