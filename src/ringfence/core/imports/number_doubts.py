"""Cells that might be read as a number, and most likely are something else."""

import re
import unicodedata

from ringfence.core.imports.row_problems import RowProblem, row_problem
from ringfence.errors import InputCode
from ringfence.model.addresses import is_wrapped
from ringfence.model.spellings import read_number

_EXPONENT = row_problem(
    InputCode.NUMBER_EXPONENT,
    "Excel has cut the digits of this number: format the column as text and fill it in again",
)
_TWO_VALUES = row_problem(
    InputCode.NUMBER_UNREADABLE,
    "two values are in one cell, or the file has another delimiter: write one number in it",
)
_DATE = row_problem(InputCode.NUMBER_UNREADABLE, "it is a date, and no phone number")
_DECIMAL = row_problem(
    InputCode.NUMBER_UNREADABLE, "it has a decimal point: write the number as text, in digits alone"
)

_EXPONENT_FORM = re.compile(r"[+-]?[0-9]+([.,][0-9]*)?e[+-]?[0-9]+", re.IGNORECASE)
_DAY, _MONTH, _YEAR = "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])", "(19|20)[0-9]{2}"
_ANY_DATE = (
    rf"({_YEAR}[-./]{_MONTH}[-./]{_DAY}|{_DAY}[-./]{_MONTH}[-./]{_YEAR}"
    rf"|{_MONTH}[/-]{_DAY}[/-]{_YEAR}|{_DAY}[./]{_MONTH}[./][0-9]{{2}}|{_MONTH}/{_DAY}/[0-9]{{2}})"
)
_DATE_FORM = re.compile(_ANY_DATE)
# Digits in groups of one kind may end in a point and two digits, as in French numbers.
_DECIMAL_FORM = re.compile(r"\+?[0-9]{7,}[.,][0-9]+|\+?[0-9 ()/-]+[.,]([0-9]{1,2}|000)")
# The name before an address may be a number too, and is none of its own.
_NAME = re.compile(r'"[^"]*"(?=\s*<)')
_BETWEEN_NUMBERS = re.compile(r"[\s,/]+")
# A full number, and one that begins as such a number does.
_POSSIBLE_DIGITS, _LED_DIGITS = 7, 6
# Each begins with one character, which is looked for quickly: what goes before it comes second.
_MAY_BE_DATE = re.compile(
    r"-((?<=(19|20)[0-9][0-9]-)[0-9]{1,2}-[0-9]{1,2}(?![0-9])"
    r"|[0-9]{1,2}-(19|20)[0-9]{2}(?![0-9]))"
)
_MAY_BE_TWO = re.compile(r" (?<=[0-9()-]{6} ) *[+()-]*(?:[0-9][()-]*){6}")


def number_doubt(text: str, region: str) -> RowProblem | None:
    """Return why `text`, tidied, is not to be read as a number of `region`, or None."""
    if _EXPONENT_FORM.fullmatch(text):
        return _EXPONENT
    if ";" in text and not is_wrapped(text):
        return _TWO_VALUES
    plain = _in_ascii(text)
    if _DATE_FORM.fullmatch(plain):
        return _DATE
    if _DECIMAL_FORM.fullmatch(plain):
        return _DECIMAL
    return _TWO_VALUES if _are_two(plain, region) else None


def may_be_doubtful(text: str) -> bool:
    """Whether a line of `text`, of digits, blanks, brackets and dashes, may have a doubt."""
    return _MAY_BE_DATE.search(text) is not None or _MAY_BE_TWO.search(text) is not None


def _are_two(text: str, region: str) -> bool:
    parts = _BETWEEN_NUMBERS.split(_NAME.sub("", text, count=1))
    if len(parts) != 2:  # noqa: PLR2004  two numbers
        return False
    least = min(sum(map(str.isdecimal, part)) for part in parts)
    if least >= _LED_DIGITS and all(part.startswith(("0", "+")) for part in parts):
        return True
    return least >= _POSSIBLE_DIGITS and all(read_number(part, region) for part in parts)


def _in_ascii(text: str) -> str:
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in plain)
