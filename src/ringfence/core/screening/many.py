"""The same decision about many numbers at once: looked up by one statement each table."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from ringfence.core.screening.deciding import Case, Decision, decide_by, read_party
from ringfence.core.screening.policies import Policy
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Disposition, Reason
from ringfence.store.screening import Match, prefixes_of, select_many_matches

_Party = tuple[str | None, Reason | None]


def decide_many(case: Case, numbers: Sequence[str]) -> list[Decision]:
    """Decide about a call of each of `numbers`, otherwise like that of `case`."""
    parties = _read_parties(numbers, case.policy)
    # Not sorted: that takes longer than looking them up as they come.
    found = dict.fromkeys(number for number, _ in parties if number is not None)
    patterns = chain(found, _prefixes(found, case.policy))
    look = case.policy.look
    matches = select_many_matches(case.tx, case.policy.account.account_id, patterns, look)
    beginnings = tuple(pattern[:-1] for pattern in matches if pattern.endswith("*"))
    passes, not_blocked = Disposition.PASS, Reason.NOT_BLOCKED
    return [
        # Most numbers are covered by nothing, which is told at once.
        Decision(number, passes, exempt or not_blocked)
        if number is not None and number not in matches and not number.startswith(beginnings)
        else _decide(case, text, (number, exempt), matches, beginnings)
        for text, (number, exempt) in zip(numbers, parties, strict=True)
    ]


def _read_parties(numbers: Sequence[str], policy: Policy) -> list[_Party]:
    region = policy.account.region
    lines = "\n".join(numbers)
    # As many lines as numbers: one that has two lines is none.
    if lines.count("\n") < len(numbers) and policy.plain.international.fullmatch(lines):
        return [(number, None) for number in numbers]
    return [read_party(number, region) for number in numbers]


def _prefixes(numbers: Iterable[str], policy: Policy) -> list[str]:
    """Return every prefix of any of `numbers` that has to be looked up."""
    if policy.look.few is not None:
        return []
    return list({each for number in numbers for each in prefixes_of(number, policy.look)})


def _decide(
    case: Case,
    text: str,
    party: _Party,
    matches: Mapping[str, Sequence[Match]],
    beginnings: tuple[str, ...],
) -> Decision:
    number, exempt = party
    if number is None:
        return Decision(text, Disposition.PASS, exempt or Reason.NO_NUMBER)
    if case.call.direction is Direction.OUTBOUND:
        case = case._replace(call=case.call._replace(called=text))
    found = matches.get(number, ())
    if number.startswith(beginnings):
        prefixes = prefixes_of(number, case.policy.look)
        found = [*found, *chain.from_iterable(matches.get(each, ()) for each in prefixes)]
    return decide_by(case, number, exempt, found)
