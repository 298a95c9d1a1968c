"""What is not there, is there already, or may not be one more."""

from ringfence.errors.base import RingfenceError


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


class ScreeningNotFound(NotFound):
    """The account has no such screening, not yet or not any more."""

    code = "screening_not_found"
    sentence = (
        "there is no such screening: one is stored a moment after its call, and kept for as long "
        "as the account says"
    )


class AgentBlockNotFound(NotFound):
    """The account has no such agent block."""

    code = "agent_block_not_found"
    sentence = "there is no such agent block"


class ImportNotFound(NotFound):
    """The account has no such import."""

    code = "import_not_found"
    sentence = "there is no such import"


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
    sentence = "this number is protected, as {protector}: it cannot be blocked, or for longer"


class ImportNotApplicable(Conflict):
    """What an import has become cannot be put into the store any more."""

    code = "import_not_applicable"
    sentence = "this import is {state}: send the file again to apply it"


class AgentGroupMissing(Conflict):
    """The account names no group for what agents block, or one that is gone."""

    code = "agent_group_missing"
    sentence = (
        "the account names no block number group for what agents block; an admin names one, "
        "as agent_blocks of the account"
    )


class AgentBlockUndone(Conflict):
    """An agent block that was undone lasts no longer."""

    code = "agent_block_undone"
    sentence = "this agent block was undone; to block the number, block it again"


class AgentBlockReplaced(Conflict):
    """Somebody else changed or removed what an agent blocked."""

    code = "agent_block_replaced"
    sentence = (
        "the entry was changed or removed by somebody else since the agent's block, "
        "so nothing was done; see what the group holds of this number now"
    )


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
