"""Until when a row blocks: the spellings of a moment that leave no doubt."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from ringfence.core.imports.cells import tidied
from ringfence.core.imports.row_problems import RowProblem, problem_of, row_problem
from ringfence.errors import InputCode
from ringfence.model.block_groups import expiry_problems
from ringfence.store.times import to_ms

_FOR_GOOD = frozenset({"", "-", "never", "permanent"})
_YEAR_FIRST = r"(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})"
_YEAR_LAST = (
    r"(?P<one>[0-9]{1,2})(?P<between>[-/.])(?P<two>[0-9]{1,2})(?P=between)(?P<end>[0-9]{4})"
)
_TIME = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<part>[0-9]{1,9}))?)?"
)
_OFFSET = r"(?P<offset>z|[+-][0-9]{2}:?[0-9]{2})"
_EXPIRY = re.compile(
    rf"(?:{_YEAR_FIRST}|{_YEAR_LAST})(?:(?:t| +){_TIME}(?: *{_OFFSET})?)?", re.IGNORECASE | re.ASCII
)
_MONTHS = 12
_LAST_OF_DAY = (23, 59, 59, 999_000)
_FORM = row_problem(
    InputCode.EXPIRY_FORMAT,
    "an expiry is a day such as 2026-12-31, or a moment such as 2026-12-31 18:00",
)
_AMBIGUOUS = row_problem(
    InputCode.EXPIRY_FORMAT,
    "which is the day and which the month cannot be known: write the year first, as in 2026-12-31",
)


class ExpiryCells:
    """Reads cells with an expiry by the clock of one time zone; it lies after `at`."""

    def __init__(self, zone: str, at: datetime) -> None:
        """Take the time zone of moments without an offset, and the moment of reading."""
        self._zone = ZoneInfo(zone)
        self._at = at

    def read(self, cell: str) -> int | RowProblem | None:
        """Return the expiry of a cell in ms since 1970, None for good, or what is wrong with it.

        A day alone is meant to its end.
        """
        text = tidied(cell)
        if text.casefold() in _FOR_GOOD:
            return None
        found = _EXPIRY.fullmatch(text)
        if found is None:
            return _FORM
        try:
            day = _day(found)
            moment = day if isinstance(day, RowProblem) else self._moment(day, found)
        except ValueError:
            return _FORM
        if isinstance(moment, RowProblem):
            return moment
        problem = next(expiry_problems(moment, self._at), None)
        return to_ms(moment) if problem is None else problem_of(problem)

    def _moment(self, day: date, found: re.Match[str]) -> datetime:
        year, month, of_month = day.year, day.month, day.day
        if found["hour"] is None:
            # Where a clock change repeats the end of a day, the later one is its end.
            return datetime(year, month, of_month, *_LAST_OF_DAY, tzinfo=self._zone, fold=1)
        clock = (
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
            int((found["part"] or "").ljust(6, "0")[:6]),
        )
        zone = _offset(found["offset"]) or self._zone
        return datetime(year, month, of_month, *clock, tzinfo=zone)


def _day(found: re.Match[str]) -> date | RowProblem:
    """Return the day of an expiry; one with its year last only where there is but one reading."""
    if found["year"] is not None:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    one, two = int(found["one"]), int(found["two"])
    if one <= _MONTHS and two <= _MONTHS and one != two:
        return _AMBIGUOUS
    return date(int(found["end"]), min(one, two), max(one, two))


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in "zZ":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
