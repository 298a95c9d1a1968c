"""Accounts, their API keys, and whoever calls with one."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import available_timezones

from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.keep import KEEP, Keep
from ringfence.model.numbers import is_region
from ringfence.model.sip_answers import DECLINE, SipAnswer, answer_problems

DEFAULT_REGION = "IN"
DEFAULT_TIMEZONE = "Asia/Kolkata"
DEFAULT_PHONE_NUMBER_LIMIT = 500
MAX_PHONE_NUMBER_LIMIT = 10_000_000
MAX_KEY_LABEL = 100
DEFAULT_ACTIVITY_DAYS = 90
MAX_ACTIVITY_DAYS = 3650
DEFAULT_AGENT_HOURS = 24
MAX_AGENT_HOURS = 8760

# A colon would end the user name in HTTP Basic (RFC 7617, section 2).
_USER_NAME = re.compile(r"[!-9;-~]{1,64}")


class ApiAuthentication(StrEnum):
    """What lets a caller of an account in, at the doors that ask for this setting."""

    KEY = "key"
    TOKEN = "token"  # noqa: S105  not a password


class Role(StrEnum):
    """What the holder of an API key may do; the doors say which call is for whom."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    ENFORCER = "enforcer"


@dataclass(frozen=True, slots=True)
class Account:
    """Who owns phone numbers, skills and block number groups.

    What became of its calls is kept for `activity_days`, with the other party's number hashed where
    `activity_hashed` is set. What agents block goes into the group `agent_group_id`, None where
    they block nobody, for up to `agent_hours`.
    """

    account_id: int
    user_name: str
    region: str
    timezone: str
    phone_number_limit: int
    phone_numbers_used: int
    api_authentication: ApiAuthentication = ApiAuthentication.KEY
    answer: SipAnswer = DECLINE
    activity_days: int = DEFAULT_ACTIVITY_DAYS
    activity_hashed: bool = False
    agent_group_id: int | None = None
    agent_hours: int = DEFAULT_AGENT_HOURS


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """An account to be made; `skills` come beside `General`, which every account has."""

    user_name: str
    region: str = DEFAULT_REGION
    timezone: str = DEFAULT_TIMEZONE
    phone_number_limit: int = DEFAULT_PHONE_NUMBER_LIMIT
    skills: tuple[str, ...] = ()
    api_authentication: ApiAuthentication = ApiAuthentication.KEY


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What to set on an account; None leaves a setting as it is.

    `agent_group_id` None means that agents block nobody.
    """

    region: str | None = None
    timezone: str | None = None
    phone_number_limit: int | None = None
    api_authentication: ApiAuthentication | None = None
    answer: SipAnswer | None = None
    activity_days: int | None = None
    activity_hashed: bool | None = None
    agent_group_id: int | Keep | None = KEEP
    agent_hours: int | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key for display; the key itself is shown once and not kept."""

    key_id: int
    prefix: str
    created_at: datetime
    revoked_at: datetime | None
    role: Role = Role.ADMIN
    label: str = ""


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """A key to be made: what it may do, and what people call it."""

    role: Role = Role.ADMIN
    label: str = ""


ADMIN_KEY = KeyDraft()


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account just made and its first key in plain text, which is never shown again."""

    account: Account
    key: str


@dataclass(frozen=True, slots=True)
class Caller:
    """An account, which of its keys was used, and what that key may do."""

    account: Account
    key_id: int
    role: Role = Role.ADMIN


def is_user_name(text: str) -> bool:
    """Whether an account may have `text` as its user name."""
    return _USER_NAME.fullmatch(text) is not None


def check_user_name(user_name: str) -> None:
    """Raise InvalidInput unless `user_name` can be used in a URL and in HTTP Basic."""
    if not is_user_name(user_name):
        raise _invalid("user_name", "a user name has 1 to 64 visible ASCII characters, no colon")


def check_region(region: str) -> None:
    """Raise InvalidInput unless `region` is an ISO 3166 code that libphonenumber knows."""
    if not is_region(region):
        raise _invalid("region", f"{region} is not a region code such as IN, US or GB")


def check_timezone(name: str) -> None:
    """Raise InvalidInput unless `name` is in the IANA time zone database."""
    if name not in available_timezones():
        raise _invalid("timezone", f"{name} is not a time zone such as Asia/Kolkata")


def check_phone_number_limit(limit: int) -> None:
    """Raise InvalidInput unless `limit` is from 0 to 10,000,000."""
    if not 0 <= limit <= MAX_PHONE_NUMBER_LIMIT:
        rule = f"a phone number limit is from 0 to {MAX_PHONE_NUMBER_LIMIT}"
        raise _invalid("phone_number_limit", rule)


def check_activity_days(days: int) -> None:
    """Raise InvalidInput unless `days` is from 1 to 3650."""
    if not 1 <= days <= MAX_ACTIVITY_DAYS:
        raise _invalid("activity.days", f"activity is kept for 1 to {MAX_ACTIVITY_DAYS} days")


def check_agent_hours(hours: int) -> None:
    """Raise InvalidInput unless agents may block for `hours`: from 1 to 8,760, which is a year."""
    if not 1 <= hours <= MAX_AGENT_HOURS:
        raise _invalid("agent_blocks/max_hours", f"agents block for 1 to {MAX_AGENT_HOURS} hours")


def check_answer(answer: SipAnswer) -> None:
    """Raise InvalidInput unless `answer` is one that a switch can give."""
    found = tuple(answer_problems(answer))
    if found:
        raise InvalidInput(*found)


def check_key_label(label: str) -> None:
    """Raise InvalidInput unless `label` is up to 100 printable characters; it may be empty."""
    if len(label) > MAX_KEY_LABEL or not label.isprintable():
        raise _invalid("label", f"a key's label has up to {MAX_KEY_LABEL} printable characters")


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(Problem(InputCode.SETTING_INVALID, field, message))
