"""What the wire says for each thing that can go wrong: one table per family of paths.

Left the code of an error, right the contract's literal and the HTTP status that is sent where the
setting `legacy_http_codes` asks for real ones. A test walks every error through each table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from ringfence.cloudagent.replies import Reply
from ringfence.errors import InputCode, InvalidInput, RingfenceError

BAD_REQUEST = HTTPStatus.BAD_REQUEST
CONFLICT = HTTPStatus.CONFLICT
INVALID = HTTPStatus.UNPROCESSABLE_ENTITY
MISSING = HTTPStatus.NOT_FOUND
REFUSED = HTTPStatus.UNAUTHORIZED
TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Text:
    """A message of the contract, and its HTTP status where real ones are asked for, and else."""

    message: str
    status: HTTPStatus
    usual: HTTPStatus = HTTPStatus.OK

    def reply(self, **more: object) -> Reply:
        """Return the answer of an error of A and B, with `more` beside the message."""
        content = {"status": "error", "message": self.message, **more}
        return Reply(content, self.status, self.usual)

    def gateway_reply(self) -> Reply:
        """Return the answer of an error in the other shape, that of the newer door's gateway."""
        content = {"status": "false", "message": self.message, "data": None}
        return Reply(content, self.status, self.usual)


PHONE_SAVED = "record inserted successfully"
PHONE_SAVED_WITHOUT_SKILLS = (
    "record inserted successfully and failed to insert skills please pass the valid skills"
)

_PHONE_REFUSED = Text("userName or apiKey not valid", REFUSED)
_PHONE_UNKNOWN = Text("phone_name or phone_number does not exist", MISSING)
_PHONE_TAKEN = Text("phone_name or phone_number already exist", CONFLICT)
_PHONE_NUMBER_BLANK = Text("phoneNumber cannot be empty", INVALID)
_PHONE_LIMIT = Text(
    " Phone Number Limit Exceeded. Please refer to the 'Phone Number Creation Limit' option "
    "under 'Edit Profile' for reference. ",
    CONFLICT,
)
_UNAVAILABLE = Text("service temporarily unavailable", UNAVAILABLE, UNAVAILABLE)

PHONE_TEXTS: Mapping[str, Text] = {
    "not_authenticated": _PHONE_REFUSED,
    "not_allowed": _PHONE_REFUSED,
    "not_found": _PHONE_UNKNOWN,
    "conflict": _PHONE_TAKEN,
    "limit_reached": _PHONE_LIMIT,
    "precondition_failed": _PHONE_TAKEN,
    "invalid_input": Text("invalid data", INVALID),
    "unavailable": _UNAVAILABLE,
    InputCode.ACTION_UNKNOWN: Text("action not valid", INVALID),
    InputCode.PHONE_NAME_BLANK: Text("phoneName cannot be empty", INVALID),
    InputCode.PHONE_NUMBER_BLANK: _PHONE_NUMBER_BLANK,
    InputCode.NOTHING_TO_CHANGE: _PHONE_NUMBER_BLANK,
    InputCode.PHONE_NUMBER_NOT_NUMERIC: Text("phoneNumber must be numeric", INVALID),
    InputCode.PHONE_NUMBER_LENGTH: Text(
        "phoneNumber should be between 3 to 17 digits long and allows prefix +", INVALID
    ),
    InputCode.PHONE_NAME_INVALID: Text(
        "phoneName should be between 2 to 50 alphanumeric characters long allows prefix + and "
        "special characters like .,@,_,- and Name cannot start and end with Special characters.",
        INVALID,
    ),
}

_MANDATORY = Text("Parameters are mandatory", BAD_REQUEST)
_GROUP_REFUSED = Text("Authentication failed", REFUSED)

BLOCK_TEXTS: Mapping[str, Text] = {
    "not_authenticated": _GROUP_REFUSED,
    "not_allowed": _GROUP_REFUSED,
    "not_found": Text("Invalid group id", MISSING),
    "conflict": Text("invalid data", CONFLICT),
    "limit_reached": Text("invalid data", CONFLICT),
    "precondition_failed": Text("invalid data", CONFLICT),
    "invalid_input": Text("invalid data", INVALID),
    "unavailable": _UNAVAILABLE,
    InputCode.FIELD_MISSING: _MANDATORY,
}

# In the order of the contract: of two problems under one key the first is told.
BLOCK_FIELD_TEXTS: Mapping[str, tuple[str, str]] = {
    InputCode.GROUP_NAME_LENGTH: ("name", "Name ({value}) allows 2 to 50 characters only"),
    InputCode.GROUP_NAME_TAKEN: ("name", "Name ({value}) already exists"),
    InputCode.GROUP_DESCRIPTION_LENGTH: ("name", "Name ({value}) allows 2 to 50 characters only"),
    InputCode.BLOCKED_NUMBERS_FORMAT: (
        "blockNumbers",
        "Blocknumbers data contains invalid format of numbers",
    ),
    InputCode.BLOCKED_NUMBERS_TOO_MANY: (
        "blockNumbers",
        "Blocknumbers allows up to 100 numbers in a single request",
    ),
    InputCode.EXPIRY_FORMAT: (
        "expiryDate",
        "Expirydate should be in YYYY-MM-DD HH:MM:SS format",
    ),
    InputCode.EXPIRY_PAST: ("expiryDate", "Expirydate should be a future date"),
}


# What the gateway of the newer door says before a family is asked; all else is the family's.
GATEWAY_TEXTS: Mapping[str, Text] = {
    "user_name_missing": Text("Username Should Not be Null or Empty.", REFUSED, REFUSED),
    "api_key_missing": Text("Api Key Should Not be Null or Empty.", REFUSED, REFUSED),
    "token_missing": Text("Token Should Not be Null or Empty.", REFUSED, REFUSED),
    "token_invalid": Text("Invalid Token", REFUSED, REFUSED),
    "token_expired": Text("Token Expired", REFUSED, REFUSED),
}

_TOKEN_REFUSED = Text("Invalid userName or apiKey", REFUSED)

TOKEN_TEXTS: Mapping[str, Text] = {
    **GATEWAY_TEXTS,
    "user_name_missing": Text("UserName is null", BAD_REQUEST),
    "not_authenticated": _TOKEN_REFUSED,
    "not_allowed": _TOKEN_REFUSED,
    "not_found": _TOKEN_REFUSED,
    "conflict": Text("invalid data", CONFLICT),
    "invalid_input": Text("invalid data", INVALID),
    "limit_reached": Text("Max limit exceeded", TOO_MANY, TOO_MANY),
    "precondition_failed": Text("invalid data", CONFLICT),
    "unavailable": _UNAVAILABLE,
}


def text_of(error: RingfenceError, texts: Mapping[str, Text]) -> Text:
    """Return what `texts` says for `error`: for its problem, else its class, else its parents."""
    for code in _codes(error):
        if code in texts:
            return texts[code]
    raise LookupError(f"no text for {type(error).__name__}")


def _codes(error: RingfenceError) -> list[str]:
    problems = error.problems[:1] if isinstance(error, InvalidInput) else ()
    classes = [kind for kind in type(error).__mro__ if issubclass(kind, RingfenceError)]
    return [*(problem.code for problem in problems), *(kind.code for kind in classes)]
