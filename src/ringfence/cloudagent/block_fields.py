"""The fields of block number groups, read as the contract reads them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

from ringfence.cloudagent.wire import Fields
from ringfence.errors import BlockGroupNotFound, InputCode, InvalidInput, Problem
from ringfence.http.answers import write_json

_SPELLINGS = {"blockNumbers": ("blockNumbers", "blockNumber"), "id": ("Id", "id")}
_EXPIRY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_GROUP_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class NumbersField:
    """Numbers as sent: `echo` for the answer, then one by one, raw and as text."""

    echo: list[Any]
    sent: list[Any]
    texts: list[str]


def require(fields: Fields, *names: str) -> None:
    """Raise InvalidInput unless each of `names` is there, in any of its spellings."""
    for name in names:
        if not any(spelling in fields for spelling in _spellings(name)):
            raise InvalidInput(Problem(InputCode.FIELD_MISSING, name, f"{name} is missing"))


def read_text(value: object) -> str:
    """Return a value as text: null is blank, and JSON's other values are their JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else write_json(value).decode()


def not_texts(fields: Fields) -> list[Problem]:
    """Say which of `name` and `description` is no text: true, a float, a list or an object."""
    codes = {
        "name": InputCode.GROUP_NAME_LENGTH,
        "description": InputCode.GROUP_DESCRIPTION_LENGTH,
    }
    return [
        Problem(code, name, f"{name} is a text", read_text(fields[name]))
        for name, code in codes.items()
        if type(fields.get(name)) not in {str, int, NoneType}
    ]


def has_group_id(fields: Fields) -> bool:
    """Whether the caller names a group by its id, in either spelling."""
    return any(spelling in fields for spelling in _spellings("id"))


def read_group_id(fields: Fields) -> int:
    """Return the group's id. Raises BlockGroupNotFound for what cannot be one."""
    value = _value(fields, "id")
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BlockGroupNotFound
    if _GROUP_ID.fullmatch(str(value)) is None:
        raise BlockGroupNotFound
    return int(value)


def read_numbers(fields: Fields) -> NumbersField:
    """Return the numbers: comma-joined ones are split wherever they stand.

    What cannot be a number (null, a float, an object) has the text of none.
    """
    value = _value(fields, "blockNumbers")
    echo: list[Any] = value if isinstance(value, list) else [value]
    sent = [part for element in echo for part in _split(element)]
    return NumbersField(echo, sent, [_number_text(part) for part in sent])


def read_expiry(fields: Fields, timezone: str) -> tuple[datetime | None, list[Problem]]:
    """Return the moment of `expiryDate`, in the account's time zone, and what is wrong with it.

    A local time that a clock change skips moves forward, and one that occurs twice is the first:
    both are what Python means by fold=0 (PEP 495).
    """
    if "expiryDate" not in fields:
        return None, []
    text = read_text(fields["expiryDate"])
    moment = _moment(text)
    if moment is None:
        rule = "an expiry is written YYYY-MM-DD HH:MM:SS"
        return None, [Problem(InputCode.EXPIRY_FORMAT, "expires_at", rule, text)]
    return moment.replace(tzinfo=ZoneInfo(timezone)), []


def _moment(text: str) -> datetime | None:
    if _EXPIRY.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _spellings(name: str) -> tuple[str, ...]:
    return _SPELLINGS.get(name, (name,))


def _value(fields: Fields, name: str) -> object:
    return next(fields[spelling] for spelling in _spellings(name) if spelling in fields)


def _split(element: object) -> Iterable[object]:
    return element.split(",") if isinstance(element, str) else (element,)


def _number_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return str(value)
