"""Changes: what the audit trail says of each, and what another node needs to follow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Facts = Mapping[str, Any]
"""What JSON can hold, by the names that /v1 uses."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes something, through which door, when; `key_id` is None at the command line."""

    door: str
    key_id: int | None
    at: datetime


class Action(StrEnum):
    """What a change did: the noun, then the verb."""

    ACCOUNT_SET = "account.set"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    SKILL_CREATED = "skill.created"
    SKILL_DELETED = "skill.deleted"
    PHONE_NUMBER_CREATED = "phone_number.created"
    PHONE_NUMBER_EDITED = "phone_number.edited"
    PHONE_NUMBER_DELETED = "phone_number.deleted"
    PHONE_NUMBERS_IMPORTED = "phone_numbers.imported"
    PHONE_NUMBERS_TAKEN_BACK = "phone_numbers.taken_back"
    BLOCK_GROUP_CREATED = "block_group.created"
    BLOCK_GROUP_EDITED = "block_group.edited"
    BLOCK_GROUP_DELETED = "block_group.deleted"
    NUMBERS_ADDED = "blocked_numbers.added"
    NUMBERS_EDITED = "blocked_numbers.edited"
    NUMBERS_REMOVED = "blocked_numbers.removed"
    NUMBERS_IMPORTED = "blocked_numbers.imported"
    NUMBERS_TAKEN_BACK = "blocked_numbers.taken_back"
    NUMBER_ALLOWED = "allowed_number.created"
    NUMBER_DISALLOWED = "allowed_number.deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, told by itself.

    `subject` is the id of what changed, as text (of a group, for its numbers). `before` and
    `after` are None where there was or is nothing. `entries` says for a change of many numbers
    what became of each, by the pattern of the number:

        {"added": [PATTERN, …], "changed": {PATTERN: HELD, …}, "removed": {PATTERN: HELD, …}}

    where HELD is what the group held before: [expiry in ms or null, batch id]. What it holds
    after, the same for all, is `after`: {"expires_at": …, "batch_id": …, "reason": …}. Of an edit,
    which is of one number, `before` says the same of before. Moments are milliseconds since 1970,
    as in the database.

    Of numbers imported, the entries may differ in what is held of each after, so they are

        {"rows": [[PATTERN, expiry, place of its reason], …], "changed": {PATTERN: HELD, …},
         "reasons": [REASON, …]}

    and `after` is {"import_id": …, "first_batch_id": …}: the batch of a row is the first one plus
    the place of its reason. Where an import is taken back, they are "removed" and
    "changed" as above, and "restored", with what the group holds of each changed one after.

    Of phone numbers imported, `subject` is the id of the import and the entries are, by their ids,

        {"added": {ID: FACTS, …}, "changed": {ID: [FACTS, FACTS], …}}

    where FACTS are what a change of one says of it, before and after; of what was changed, they
    have before also "updated_at". Where the import is taken back, "removed" has those that are
    gone.
    """

    action: Action
    subject: str
    before: Facts | None = None
    after: Facts | None = None
    entries: Facts | None = None


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change as it was recorded: `change_id` grows by one with each commit of its account."""

    change_id: int
    origin: Origin
    change: Change
