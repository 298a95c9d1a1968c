"""Values that do not keep their rules: what can be wrong with each, and where."""

from dataclasses import dataclass
from enum import StrEnum

from ringfence.errors.base import RingfenceError


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
    CSV_UNREADABLE = "csv_unreadable"
    CSV_COLUMN = "csv_column"
    CSV_EMPTY = "csv_empty"
    CSV_TOO_MANY_ROWS = "csv_too_many_rows"
    CSV_ROW = "csv_row"
    NUMBER_EXPONENT = "number_exponent"
    GROUP_UNKNOWN = "group_unknown"


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
