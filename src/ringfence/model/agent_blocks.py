"""Agent blocks: what agents blocked from a call, for some hours, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ringfence.errors import InputCode, Problem
from ringfence.model.blocked_numbers import Outcome, reason_problems
from ringfence.model.calls import GroupName


class BlockState(StrEnum):
    """What an agent block is by now.

    REPLACED: somebody else changed or removed the entry since.
    """

    LIVE = "live"
    EXPIRED = "expired"
    UNDONE = "undone"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class BlockDraft:
    """Whom to block: `number` in any spelling, or the other party of a screening; one of the two.

    `hours` None is for as many as the account lets agents block.
    """

    reason: str
    number: str | None = None
    screening_id: int | None = None
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class KeyName:
    """A key as people know it: `label`, or its first characters where it has none.

    Both are None for the command line.
    """

    key_id: int | None
    label: str | None


@dataclass(frozen=True, slots=True)
class AgentBlock:
    """What an agent blocked.

    `expires_at` says until when the number is blocked, which is longer than was asked for where
    something else blocks it for longer; None is for good. The name of a group that is gone is "".
    """

    agent_block_id: int
    pattern: str
    group: GroupName
    screening_id: int | None
    reason: str
    added_by: KeyName
    created_at: datetime
    expires_at: datetime | None
    state: BlockState
    outcome: Outcome
    undone_at: datetime | None = None
    undone_by: KeyName | None = None


@dataclass(frozen=True, slots=True)
class BlockQuery:
    """Which agent blocks to list: of one number in any spelling, by one key, in one state."""

    state: BlockState | None = None
    number: str | None = None
    key_id: int | None = None


def draft_problems(draft: BlockDraft) -> Iterator[Problem]:
    """Yield what is wrong with a draft before anything is looked up."""
    if (draft.number is None) is (draft.screening_id is None):
        rule = "give a number or a screening_id: one of the two"
        yield Problem(InputCode.FIELD_INVALID, "number", rule)
    if not draft.reason.strip():
        rule = "a block from a call needs a reason"
        yield Problem(InputCode.REASON_FORMAT, "reason", rule, draft.reason)
    yield from reason_problems(draft.reason)


def hours_problems(hours: int | None, most: int) -> Iterator[Problem]:
    """Yield a problem where agents may not block for so many hours."""
    if hours is not None and not 1 <= hours <= most:
        rule = f"in this account, agents block for 1 to {most} hours"
        yield Problem(InputCode.FIELD_INVALID, "hours", rule, hours)
