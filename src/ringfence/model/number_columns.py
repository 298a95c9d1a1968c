"""Columns of numbers: many spellings read at a time.

Where all spellings of a column are of one plain make, which is checked by one regular expression,
reading them is nothing, or to put the country code before each. Others are read one by one.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ringfence.model.number_plans import NumberPlan, plans_of
from ringfence.model.spellings import read_number

NONE = ""
"""What stands for a cell that spells no number."""


@dataclass(frozen=True, slots=True)
class _Make:
    """A plain make of spellings: `lead` before each is E.164. `column` has one a line."""

    lead: str
    one: re.Pattern[str]
    column: re.Pattern[str]


def read_column(
    cells: Sequence[str], region: str, decode: Callable[[str], str] | None = None
) -> Sequence[str]:
    """Return what `read_number` makes of each of `cells`, NONE instead of None.

    `decode` is applied first to each that has more than plain digits. No cell has a line end.
    """
    makes = _makes(region)
    column = "\n".join([*cells, ""])
    for make in makes:
        if make.column.fullmatch(column):
            return [make.lead + cell for cell in cells] if make.lead else cells
    return [_read(cell, makes, region, decode) for cell in cells]


def _read(
    cell: str, makes: Sequence[_Make], region: str, decode: Callable[[str], str] | None
) -> str:
    for make in makes:
        if make.one.fullmatch(cell):
            return make.lead + cell
    text = cell if decode is None or cell.isascii() else decode(cell)
    return read_number(text, region) or NONE


@lru_cache(maxsize=16)
def _makes(region: str) -> Sequence[_Make]:
    """Return the makes that `number_plans` would take as they stand, the likeliest first."""
    international, national = plans_of(region)
    if international is None or national is None:
        return ()
    code = national.country_code
    not_abroad = f"(?!{national.international_prefix.pattern})"
    return (
        _make("", rf"\+{code}", international),
        _make(f"+{code}", not_abroad, national),
    )


def _make(lead: str, first: str, plan: NumberPlan) -> _Make:
    one, line = (f"{first}{_digits(plan, end)}" for end in (r"\Z", r"\n"))
    return _Make(lead, re.compile(one), re.compile(rf"(?:{line})*+"))


def _digits(plan: NumberPlan, end: str) -> str:
    """Return the pattern of what `plan` has, up to an end."""
    lengths = "|".join(f"[0-9]{{{low},{high}}}" for low, high in _spans(plan.lengths)) or "(?!)"
    pattern = f"(?!{plan.national_prefix.pattern})(?=(?:{lengths}){end})(?:{plan.pattern.pattern})"
    # Else it would be a digit of any script.
    return f"{pattern}{end}".replace(r"\d", "[0-9]")


def _spans(lengths: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the lowest and the highest of those of `lengths` that follow each other."""
    lows = (each for each in sorted(lengths) if each - 1 not in lengths)
    highs = (each for each in sorted(lengths) if each + 1 not in lengths)
    return zip(lows, highs, strict=True)
