"""Allowed numbers: calls of theirs always ring, whatever blocks them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ringfence.errors import InputCode, Problem
from ringfence.model.block_groups import expiry_problems
from ringfence.model.blocked_numbers import number_problem, reason_problems
from ringfence.model.changes import Facts
from ringfence.model.patterns import Kind, kind_of, read_pattern


@dataclass(frozen=True, slots=True)
class AllowedNumber:
    """An allowed number, prefix or `withheld`; a protected number cannot even be blocked.

    `expires_at` is None where it is allowed for good.
    """

    allowed_number_id: int
    pattern: str
    kind: Kind
    protected: bool
    expires_at: datetime | None
    reason: str
    door: str
    key_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AllowedDraft:
    """A number to be allowed, in any spelling."""

    number: str
    expires_at: datetime | None = None
    protected: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AllowedQuery:
    """Which allowed numbers to list: by their leading digits, and whether protected."""

    search: str | None = None
    protected: bool | None = None


def allowed_problems(draft: AllowedDraft, region: str, at: datetime) -> Iterator[Problem]:
    """Yield what is wrong with a number to be allowed from the moment `at` on."""
    pattern = read_pattern(draft.number, region)
    if pattern is None:
        yield number_problem(draft.number, region, "number")
    elif draft.protected and kind_of(pattern) is not Kind.EXACT:
        rule = "only a single number can be protected, no prefix and not withheld"
        yield Problem(InputCode.PROTECTED_NOT_EXACT, "protected", rule, draft.protected)
    yield from expiry_problems(draft.expires_at, at)
    yield from reason_problems(draft.reason)


def facts_of(allowed: AllowedNumber, expires_ms: int | None) -> Facts:
    """Return what the record of changes says of an allowed number."""
    return {
        "number": allowed.pattern,
        "protected": allowed.protected,
        "expires_at": expires_ms,
        "reason": allowed.reason,
    }
