"""Every error that Ringfence raises on purpose. Knows no HTTP.

RingfenceError
├─ InvalidInput            one or more Problems, each with a code and the field it is about
├─ NotAuthenticated
│  ├─ UserNameMissing
│  ├─ ApiKeyMissing
│  ├─ ApiKeyInvalid
│  ├─ TokenMissing
│  ├─ TokenInvalid
│  └─ TokenExpired
├─ NotAllowed
├─ NotFound
│  ├─ AccountNotFound
│  ├─ ApiKeyNotFound
│  ├─ SkillNotFound
│  ├─ PhoneNumberNotFound
│  ├─ BlockGroupNotFound
│  ├─ BlockedNumberNotFound
│  ├─ AllowedNumberNotFound
│  └─ ChangeNotFound
├─ Conflict
│  ├─ AccountExists
│  ├─ ApiKeyExists
│  ├─ SkillExists
│  ├─ SkillInUse
│  ├─ PhoneNumberExists
│  ├─ BlockGroupExists
│  ├─ AllowedNumberExists
│  ├─ NumberProtected
│  ├─ IdempotencyKeyReused
│  ├─ BackupExists
│  └─ StoreNotEmpty
├─ LimitReached
│  ├─ PhoneNumberLimitReached
│  └─ TokenLimitReached
├─ PreconditionFailed
└─ Unavailable
   ├─ StoreMissing
   ├─ StoreTooNew
   ├─ StoreTooOld
   ├─ CopyFailed
   └─ BackupFailed

`code` is stable and safe to match on; `facts` holds what the sentence is about.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class RingfenceError(Exception):
    """Something that Ringfence refuses or cannot do, said in one sentence."""

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = "the request failed"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence.format(**facts))


class InputCode(StrEnum):
    """What can be wrong with a value that a caller sent."""

    ACTION_UNKNOWN = "action_unknown"
    FIELD_MISSING = "field_missing"
    NOTHING_TO_CHANGE = "nothing_to_change"
    PHONE_NAME_BLANK = "phone_name_blank"
    PHONE_NAME_INVALID = "phone_name_invalid"
    PHONE_NUMBER_BLANK = "phone_number_blank"
    PHONE_NUMBER_NOT_NUMERIC = "phone_number_not_numeric"
    PHONE_NUMBER_LENGTH = "phone_number_length"
    GROUP_NAME_LENGTH = "group_name_length"
    GROUP_DESCRIPTION_LENGTH = "group_description_length"
    GROUP_NAME_TAKEN = "group_name_taken"
    BLOCKED_NUMBERS_FORMAT = "blocked_numbers_format"
    BLOCKED_NUMBERS_TOO_MANY = "blocked_numbers_too_many"
    EXPIRY_FORMAT = "expiry_format"
    EXPIRY_PAST = "expiry_past"
    SETTING_INVALID = "setting_invalid"
    ANSWER_CODE = "answer_code"
    ANSWER_PHRASE = "answer_phrase"
    FIELD_INVALID = "field_invalid"
    FIELD_UNKNOWN = "field_unknown"
    CURSOR_INVALID = "cursor_invalid"
    IDEMPOTENCY_KEY_FORMAT = "idempotency_key_format"
    PHONE_NUMBER_INVALID = "phone_number_invalid"
    PRIORITY_RANGE = "priority_range"
    SEARCH_FORMAT = "search_format"
    SKILL_UNKNOWN = "skill_unknown"
    SKILLS_TOO_MANY = "skills_too_many"
    SCOPE_TOO_LONG = "scope_too_long"
    NUMBER_IMPOSSIBLE = "number_impossible"
    NUMBER_UNREADABLE = "number_unreadable"
    NUMBERS_COUNT = "numbers_count"
    REASON_FORMAT = "reason_format"
    PROTECTED_NOT_EXACT = "protected_not_exact"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field: `value` is what was sent, `message` says the rule."""

    code: InputCode
    field: str
    message: str
    value: object = None


class InvalidInput(RingfenceError):
    """A value does not keep its rule."""

    code = "invalid_input"
    sentence = "{message}"

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(message="; ".join(problem.message for problem in problems))


class NotAuthenticated(RingfenceError):
    """The user name or the key is missing or wrong; never says which."""

    code = "not_authenticated"
    sentence = "the user name or the key is not valid"


class UserNameMissing(NotAuthenticated):
    """The caller does not say who it is."""

    code = "user_name_missing"
    sentence = "a user name is needed"


class ApiKeyMissing(NotAuthenticated):
    """The account lets in by a key, and none was sent."""

    code = "api_key_missing"
    sentence = "account {user_name} lets in by an API key, and none was sent"


class ApiKeyInvalid(NotAuthenticated):
    """A key alone says who calls, and it is missing or none that is live; never says which."""

    code = "api_key_invalid"
    sentence = "the API key is missing, or none that is live"


class TokenMissing(NotAuthenticated):
    """The account lets in by a token, and none was sent."""

    code = "token_missing"
    sentence = "account {user_name} lets in by a token, and none was sent"


class TokenInvalid(NotAuthenticated):
    """The token is none that this account was ever given."""

    code = "token_invalid"
    sentence = "the token is none that account {user_name} was given"


class TokenExpired(NotAuthenticated):
    """The account was given this token, but it has ended: by time, by a newer one, with its key."""

    code = "token_expired"
    sentence = "the token of account {user_name} has ended"


class NotAllowed(RingfenceError):
    """The key is right but its role may not do this."""

    code = "not_allowed"
    sentence = "a key of the role {role} may not do that"


class NotFound(RingfenceError):
    """What was named does not exist in this account."""

    code = "not_found"
    sentence = "not found"


class AccountNotFound(NotFound):
    """No account has this user name."""

    code = "account_not_found"
    sentence = "there is no account {user_name}"


class ApiKeyNotFound(NotFound):
    """The account has no such key, or it is revoked already."""

    code = "api_key_not_found"
    sentence = "account {user_name} has no live key {key_id}"


class SkillNotFound(NotFound):
    """The account has no such skill."""

    code = "skill_not_found"
    sentence = "account {user_name} has no skill {name}"


class PhoneNumberNotFound(NotFound):
    """The account has no such phone number."""

    code = "phone_number_not_found"
    sentence = "there is no such phone number"


class ChangeNotFound(NotFound):
    """The account has no change of this id."""

    code = "change_not_found"
    sentence = "there is no such change"


class BlockGroupNotFound(NotFound):
    """The account has no such block number group."""

    code = "block_group_not_found"
    sentence = "there is no such block number group"


class BlockedNumberNotFound(NotFound):
    """The group has no such entry."""

    code = "blocked_number_not_found"
    sentence = "the block number group has no such number"


class AllowedNumberNotFound(NotFound):
    """The account has no such allowed number."""

    code = "allowed_number_not_found"
    sentence = "there is no such allowed number"


class Conflict(RingfenceError):
    """Something of that name is there already."""

    code = "conflict"
    sentence = "it exists already"


class AccountExists(Conflict):
    """The user name is taken."""

    code = "account_exists"
    sentence = "account {user_name} exists already"


class ApiKeyExists(Conflict):
    """The key is in use, or was and is revoked; a revoked key never comes back."""

    code = "api_key_exists"
    sentence = "this key was stored before; a revoked key cannot come back"


class SkillExists(Conflict):
    """The account has a skill of that name, letter case aside."""

    code = "skill_exists"
    sentence = "account {user_name} has a skill {name} already"


class SkillInUse(Conflict):
    """A block group is for calls of this skill."""

    code = "skill_in_use"
    sentence = "a block number group is for calls of the skill {name}; change its scope first"


class PhoneNumberExists(Conflict):
    """The name or the number is taken in this account."""

    code = "phone_number_exists"
    sentence = "a phone number with this name or this number exists already"


class BlockGroupExists(Conflict):
    """The group name is taken in this account, letter case aside."""

    code = "block_group_exists"
    sentence = "a block number group of this name exists already"


class IdempotencyKeyReused(Conflict):
    """An idempotency key stands for one request, and this is another one."""

    code = "idempotency_key_reused"
    sentence = "this Idempotency-Key was sent with another request within the last 24 hours"


class AllowedNumberExists(Conflict):
    """The account allows this number already."""

    code = "allowed_number_exists"
    sentence = "this number is allowed already, as allowed number {allowed_number_id}"


class NumberProtected(Conflict):
    """Something protects this number, so it cannot be blocked for longer than it is."""

    code = "number_protected"
    sentence = "this number is protected, as {protector}: it cannot be blocked for longer"


class BackupExists(Conflict):
    """A backup never overwrites a file."""

    code = "backup_exists"
    sentence = "there is something at {path} already; a backup overwrites nothing"


class StoreNotEmpty(Conflict):
    """A store is copied into an empty one only, so that two are never mixed."""

    code = "store_not_empty"
    sentence = "the store to copy into holds accounts already; it has to be new or empty"


class LimitReached(RingfenceError):
    """The account may not have more of these."""

    code = "limit_reached"
    sentence = "the account's limit is reached"


class PhoneNumberLimitReached(LimitReached):
    """The account has as many phone numbers as it may."""

    code = "phone_number_limit_reached"
    sentence = "the account has as many phone numbers as its limit allows"


class TokenLimitReached(LimitReached):
    """The account was given as many tokens within the hour as it may be."""

    code = "token_limit_reached"
    sentence = "the account was given as many tokens within the hour as it may be"


class PreconditionFailed(RingfenceError):
    """The caller had read an older state of what it would change; nothing was changed."""

    code = "precondition_failed"
    sentence = "it was changed since it was read"


class Unavailable(RingfenceError):
    """The store cannot answer now; nothing was changed; trying again later is right."""

    code = "unavailable"
    sentence = "the store cannot answer now: {reason}"


class StoreMissing(Unavailable):
    """There is no store at this address."""

    code = "store_missing"
    sentence = "there is no store at {url}; make one with: ringfence db upgrade --database {url}"


class StoreTooNew(Unavailable):
    """A newer Ringfence wrote this store."""

    code = "store_too_new"
    sentence = (
        "the store is at schema {found} and this Ringfence knows schemas up to {known}: "
        "run the newer Ringfence that upgraded it"
    )


class StoreTooOld(Unavailable):
    """An older Ringfence wrote this store, and nobody asked for an upgrade."""

    code = "store_too_old"
    sentence = (
        "the store is at schema {found} and this Ringfence needs {known}; "
        "run: ringfence db upgrade --database {url}"
    )


class CopyFailed(Unavailable):
    """A table did not arrive as it left; the target keeps nothing of the copy."""

    code = "copy_failed"
    sentence = "table {name} could not be copied, and nothing was kept: {reason}"


class BackupFailed(Unavailable):
    """A backup cannot be written or read."""

    code = "backup_failed"
    sentence = "backup {path}: {reason}"
