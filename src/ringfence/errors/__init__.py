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
│  ├─ ChangeNotFound
│  ├─ ScreeningNotFound
│  ├─ AgentBlockNotFound
│  └─ ImportNotFound
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
│  ├─ ImportNotApplicable
│  ├─ AgentGroupMissing
│  ├─ AgentBlockUndone
│  ├─ AgentBlockReplaced
│  ├─ BackupExists
│  └─ StoreNotEmpty
├─ LimitReached
│  ├─ PhoneNumberLimitReached
│  └─ TokenLimitReached
├─ PreconditionFailed
└─ Unavailable
   ├─ TooManyFiles
   ├─ StoreMissing
   ├─ StoreTooNew
   ├─ StoreTooOld
   ├─ CopyFailed
   └─ BackupFailed

`code` is stable and safe to match on; `facts` holds what the sentence is about.
"""

from ringfence.errors.base import (
    RingfenceError,
)
from ringfence.errors.callers import (
    ApiKeyInvalid,
    ApiKeyMissing,
    NotAllowed,
    NotAuthenticated,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    UserNameMissing,
)
from ringfence.errors.inputs import (
    InputCode,
    InvalidInput,
    Problem,
)
from ringfence.errors.records import (
    AccountExists,
    AccountNotFound,
    AgentBlockNotFound,
    AgentBlockReplaced,
    AgentBlockUndone,
    AgentGroupMissing,
    AllowedNumberExists,
    AllowedNumberNotFound,
    ApiKeyExists,
    ApiKeyNotFound,
    BlockedNumberNotFound,
    BlockGroupExists,
    BlockGroupNotFound,
    ChangeNotFound,
    Conflict,
    IdempotencyKeyReused,
    ImportNotApplicable,
    ImportNotFound,
    LimitReached,
    NotFound,
    NumberProtected,
    PhoneNumberExists,
    PhoneNumberLimitReached,
    PhoneNumberNotFound,
    PreconditionFailed,
    ScreeningNotFound,
    SkillExists,
    SkillInUse,
    SkillNotFound,
    TokenLimitReached,
)
from ringfence.errors.stores import (
    BackupExists,
    BackupFailed,
    CopyFailed,
    StoreMissing,
    StoreNotEmpty,
    StoreTooNew,
    StoreTooOld,
    TooManyFiles,
    Unavailable,
)

__all__ = [
    "AccountExists",
    "AccountNotFound",
    "AgentBlockNotFound",
    "AgentBlockReplaced",
    "AgentBlockUndone",
    "AgentGroupMissing",
    "AllowedNumberExists",
    "AllowedNumberNotFound",
    "ApiKeyExists",
    "ApiKeyInvalid",
    "ApiKeyMissing",
    "ApiKeyNotFound",
    "BackupExists",
    "BackupFailed",
    "BlockGroupExists",
    "BlockGroupNotFound",
    "BlockedNumberNotFound",
    "ChangeNotFound",
    "Conflict",
    "CopyFailed",
    "IdempotencyKeyReused",
    "ImportNotApplicable",
    "ImportNotFound",
    "InputCode",
    "InvalidInput",
    "LimitReached",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "NumberProtected",
    "PhoneNumberExists",
    "PhoneNumberLimitReached",
    "PhoneNumberNotFound",
    "PreconditionFailed",
    "Problem",
    "RingfenceError",
    "ScreeningNotFound",
    "SkillExists",
    "SkillInUse",
    "SkillNotFound",
    "StoreMissing",
    "StoreNotEmpty",
    "StoreTooNew",
    "StoreTooOld",
    "TokenExpired",
    "TokenInvalid",
    "TokenLimitReached",
    "TokenMissing",
    "TooManyFiles",
    "Unavailable",
    "UserNameMissing",
]
