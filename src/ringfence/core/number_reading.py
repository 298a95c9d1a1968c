"""Reading numbers to be blocked, or blocked no longer: slow, and before any transaction."""

from collections.abc import Sequence

from ringfence.model.accounts import Account
from ringfence.model.blocked_numbers import (
    MAX_NUMBERS,
    NumberResult,
    Outcome,
    ReadNumber,
    ReadNumbers,
    number_problem,
)
from ringfence.model.patterns import read_pattern
from ringfence.model.protection import EMERGENCY
from ringfence.model.spellings import is_emergency_spelling


def read_numbers(account: Account, numbers: Sequence[str] | ReadNumbers) -> ReadNumbers:
    """Return what numbers spell in the account's region; what was read already stays as it is.

    Of more numbers than one request may carry none is read: every verb refuses them.
    """
    if isinstance(numbers, ReadNumbers):
        return numbers
    if len(numbers) > MAX_NUMBERS:
        return ReadNumbers(tuple(ReadNumber(number) for number in numbers))
    return ReadNumbers(tuple(_read(account, number) for number in numbers))


def told_of_emergency(number: ReadNumber) -> NumberResult:
    """Return what is told of an emergency number that was to be blocked."""
    return NumberResult(number.text, Outcome.PROTECTED, number.pattern, protected_by=EMERGENCY)


def told_of_none(account: Account, number: ReadNumber) -> NumberResult:
    """Return what is told of what spells no number."""
    problem = number_problem(number.text, account.region)
    return NumberResult(number.text, Outcome.INVALID, problem=problem)


def _read(account: Account, number: str) -> ReadNumber:
    pattern = read_pattern(number, account.region)
    # Of what is a possible number too, `protections_of` says whether it is an emergency number.
    is_emergency = pattern is None and is_emergency_spelling(number, account.region)
    return ReadNumber(number, pattern, is_emergency)
