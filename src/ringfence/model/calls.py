"""Calls: what is asked of each, and what is decided, with every reason for it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ringfence.model.block_groups import Direction
from ringfence.model.patterns import Kind
from ringfence.model.phone_numbers import PhoneNumber
from ringfence.model.sip_answers import SipAnswer

MAX_HUNT = 20
"""How many phone numbers a decision lists; /v1/hunt has all of them."""

MAX_OTHERS = 100
"""How many entries that did not decide are told of: the best ones."""

MAX_CALLS = 10_000
"""How many numbers one request may ask about."""


UNKNOWN_CHANGE = -1
"""Stands for the last change of an account where nobody says which it was."""


class Call(NamedTuple):
    """A call that asks to ring; numbers in any spelling, as a switch has them.

    The party looked up is `calling` on an inbound call, `called` on an outbound one. `direction` is
    INBOUND or OUTBOUND. An empty `calling` is a caller who withholds theirs. `skill` is the name of
    the one that the call is for, None where nobody said.
    """

    calling: str = ""
    called: str = ""
    direction: Direction = Direction.INBOUND
    skill: str | None = None

    @property
    def party(self) -> str:
        """The number of the other side, as it was given."""
        return self.called if self.direction is Direction.OUTBOUND else self.calling


class Disposition(StrEnum):
    """What to do with a call."""

    PASS = "pass"  # noqa: S105  not a password
    BLOCK = "block"


class Reason(StrEnum):
    """Why a call may ring, or may not."""

    NOT_BLOCKED = "not_blocked"
    NO_NUMBER = "no_number"
    EMERGENCY = "emergency"
    OWN_NUMBER = "own_number"
    PROTECTED = "protected"
    ALLOWED = "allowed"
    NUMBER_BLOCKED = "number_blocked"
    PREFIX_BLOCKED = "prefix_blocked"
    WITHHELD_BLOCKED = "withheld_blocked"


class Lost(StrEnum):
    """Why an entry that covers a number did not decide about the call.

    The first that is true of it, in this order.
    """

    EXPIRED = "expired"
    GROUP_OFF = "group_off"
    OTHER_DIRECTION = "other_direction"
    OTHER_SKILL = "other_skill"
    OTHER_CALLED = "other_called"
    CALL_EXEMPT = "call_exempt"
    MONITORED = "monitored"
    LESS_SPECIFIC = "less_specific"
    ENDS_SOONER = "ends_sooner"
    LATER_GROUP = "later_group"


class GroupName(NamedTuple):
    """A group as it is told of beside an entry."""

    block_group_id: int
    name: str


class EntryStory(NamedTuple):
    """An entry as it is explained: by whom it was put there, when, and why.

    `added_by` is the label of the key, or its prefix where it has no label; None is the command
    line or a key that is gone. `note` is the reason that was given.
    """

    group: GroupName
    pattern: str
    kind: Kind
    expires_at: datetime | None
    added_at: datetime
    added_by: str | None
    door: str
    note: str
    lost: Lost | None = None


class Screening(NamedTuple):
    """A decision, by what it was made.

    `number` is the party looked up: in E.164, `withheld`, or as given where it is no number.
    `answer` is what a switch answers a blocked call. `winner` decided a block. `others` are the
    other entries that cover the number, up to MAX_OTHERS, `would_block` those of them whose groups
    only monitor, each best first. `hunt` are the phone numbers that ring for the skill of the call,
    in their order, up to MAX_HUNT; None where no skill was named, nothing for a blocked call.
    """

    number: str
    disposition: Disposition
    reason: Reason
    answer: SipAnswer | None = None
    winner: EntryStory | None = None
    others: tuple[EntryStory, ...] = ()
    would_block: tuple[EntryStory, ...] = ()
    hunt: tuple[PhoneNumber, ...] | None = None


class Screened(NamedTuple):
    """What is kept of a call that was screened.

    `screening_id` has the moment in its upper bits, see `screening_ids`. `number` is the party
    looked up, as in `Screening`; `calling` and `called` as they were given. `block_group_id` and
    `pattern` are those of the winner, or, of a call that passed, of the best entry that a
    monitoring group had for it; `monitors` are the ids of all such groups. `change_id` is the
    account's last change at the decision, or UNKNOWN_CHANGE.
    """

    account_id: int
    screening_id: int
    call: Call
    number: str
    disposition: Disposition
    reason: Reason
    block_group_id: int | None
    pattern: str | None
    monitors: tuple[int, ...]
    key_id: int | None
    latency_us: int
    change_id: int = UNKNOWN_CHANGE
