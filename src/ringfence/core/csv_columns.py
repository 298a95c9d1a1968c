"""Which column of a CSV file is which: by the names in its first record, or by their places."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ringfence.errors import InputCode, InvalidInput, Problem

NUMBER, EXPIRES_AT, REASON, GROUP = "number", "expires_at", "reason", "group"

NAMES: Mapping[str, Sequence[str]] = {
    NUMBER: (
        *("number", "phone number", "phone", "phone no", "mobile number", "mobile", "mobile no"),
        *("msisdn", "telephone number", "telephone", "tel", "blocked number", "block number"),
        *("pattern", "caller number", "caller id", "cli", "contact number", "contact no"),
        *("caller", "contact"),
    ),
    EXPIRES_AT: (
        *("expires at", "expires", "expiry", "expiry date", "expires on", "expiration"),
        *("expiration date", "valid until", "valid till", "until", "till", "end date", "end"),
        *("expire date", "expire", "expires date", "valid to", "valid thru", "blocked until"),
    ),
    REASON: ("reason", "note", "notes", "comment", "comments", "remark", "remarks", "description"),
    GROUP: ("group", "block group", "group name", "block group name", "list", "list name"),
}
"""What the columns of blocked numbers are called, the likeliest names first."""

POSITIONS = (NUMBER, EXPIRES_AT, REASON)
"""Which columns a file without names has, in their order."""

_NO_PART_OF_A_NAME = re.compile(r"[\W_]+")
_WORD_WITHIN = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_LIKE_AN_EXPIRY = re.compile(r"valid|expir|until|enddate|\b(end|ends|ending|dates?|till)\b")
_PLACE = re.compile(r"[1-9][0-9]{0,4}")
_MOST_DIGITS_OF_A_NAME = 2
_MOST_NAMES_TOLD = 20
_LONGEST_NAME_TOLD = 50


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column is, from 0, by what it is; how many there are; whether they are named."""

    places: Mapping[str, int]
    width: int
    are_named: bool


def read_columns(
    first: Sequence[str],
    is_number: Callable[[str], bool],
    names: Mapping[str, Sequence[str]] = NAMES,
    positions: Sequence[str] = POSITIONS,
) -> Columns:
    """Return which column is which in a file that has `first` as its first record.

    `names` are what each column may be called; case, blanks and punctuation aside. Where `first`
    is a row already, for it begins with a number or has many digits somewhere, the columns are at
    `positions`. Raises InvalidInput where the first column of `names` is not among the names.
    """
    needed = next(iter(names))
    places = {} if is_number(first[0]) else _places(first, names)
    if needed in places:
        return Columns(places, len(first), are_named=True)
    if is_number(first[0]) or has_digits(first):
        positioned = {name: place for place, name in enumerate(positions)}
        return Columns(positioned, len(positions), are_named=False)
    raise missing_column(needed, first)


def refuse_doubt(
    first: Sequence[str], columns: Columns, names: Mapping[str, Sequence[str]] = NAMES
) -> None:
    """Raise InvalidInput where the names in `first` leave a doubt which column is which.

    That is where several may be one of `names`, or one that is not known is like that of an expiry,
    which `names` have and the file has not: what it says would not be heard.
    """
    if not columns.are_named:
        return
    keys, known = [_key(cell) for cell in first], set[str]()
    for column, called in names.items():
        its_keys = set(map(_key, called))
        found = [cell for cell, key in zip(first, keys, strict=True) if key in its_keys]
        if len(found) > 1:
            raise _several(column, found)
        known |= its_keys
    if EXPIRES_AT in names and EXPIRES_AT not in columns.places:
        for cell, key in zip(first, keys, strict=True):
            if key not in known and _is_like_an_expiry(cell):
                raise _unknown_expiry(cell, names[EXPIRES_AT])


def find_column(first: Sequence[str], name: str) -> int:
    """Return the place, from 0, of the column called exactly `name`, or which `name` counts from 1.

    Raises InvalidInput where the first record of the file, `first`, has no such column.
    """
    told = [cell.strip() for cell in first]
    if name in told:
        return told.index(name)
    if _PLACE.fullmatch(name) and int(name) <= len(first):
        return int(name) - 1
    raise missing_column(name, first)


def missing_column(name: str, first: Iterable[str]) -> InvalidInput:
    """Return the error that a file with the columns `first` has no column `name`."""
    rule = f"the file has no column {name}; it has {_listed(first)}"
    return InvalidInput(Problem(InputCode.CSV_COLUMN, "file", rule, name))


def has_digits(first: Sequence[str]) -> bool:
    """Whether a cell has more digits than a name does: it is a row, though a wrong one."""
    digits = (sum(map(str.isdecimal, cell)) for cell in first)
    return max(digits) > _MOST_DIGITS_OF_A_NAME


def shown_name(cell: str) -> str:
    """Return a name in a file as it is told: what is printable of it, and not too much."""
    text = "".join(each if each.isprintable() else "\ufffd" for each in cell.strip())
    return text if len(text) <= _LONGEST_NAME_TOLD else f"{text[:_LONGEST_NAME_TOLD]}…"


def _listed(first: Iterable[str]) -> str:
    told = [shown_name(cell) for cell in first if cell.strip()]
    more = f" and {len(told) - _MOST_NAMES_TOLD} more" if len(told) > _MOST_NAMES_TOLD else ""
    return f"{', '.join(told[:_MOST_NAMES_TOLD])}{more}"


def _several(name: str, found: Sequence[str]) -> InvalidInput:
    rule = f"the file has several columns that may be {name}: {_listed(found)}"
    advice = f"call one of them {name}, and the others by names that say something else"
    return InvalidInput(Problem(InputCode.CSV_COLUMN, "file", f"{rule}; {advice}", name))


def _unknown_expiry(cell: str, known: Sequence[str]) -> InvalidInput:
    rule = f"the file has a column {shown_name(cell)}: is it the expiry?"
    advice = f"then call it by a name that is known ({', '.join(known)}), or else take it out"
    return InvalidInput(Problem(InputCode.CSV_COLUMN, "file", f"{rule} {advice}", EXPIRES_AT))


def _is_like_an_expiry(name: str) -> bool:
    words = _WORD_WITHIN.sub(" ", unicodedata.normalize("NFKC", name))
    return _LIKE_AN_EXPIRY.search(words.casefold()) is not None


def _places(first: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    keys = [_key(cell) for cell in first]
    found = (
        (column, next((keys.index(key) for key in map(_key, known) if key in keys), None))
        for column, known in names.items()
    )
    return {column: place for column, place in found if place is not None}


def _key(name: str) -> str:
    """Return what makes two names of columns one; a digit at its end is of `Phone 1`."""
    key = _NO_PART_OF_A_NAME.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return key.rstrip("0123456789") or key
