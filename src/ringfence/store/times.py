"""Moments in the database: whole milliseconds since 1970, UTC, as integers in every dialect."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Two days before the calendar ends, so that any time zone can still show what is stored.
_LAST = datetime(9999, 12, 30, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Return the stored form of an aware `moment`; the last two days of 9999 become one moment."""
    return (min(moment, _LAST) - _EPOCH) // _MILLISECOND


def to_optional_ms(moment: datetime | None) -> int | None:
    """Return the stored form of `moment`, None staying None."""
    return None if moment is None else to_ms(moment)


def from_ms(stored: int) -> datetime:
    """Return the moment that `stored` stands for, in UTC."""
    return _EPOCH + timedelta(milliseconds=stored)


def from_optional_ms(stored: int | None) -> datetime | None:
    """Return the moment that `stored` stands for, None staying None."""
    return None if stored is None else from_ms(stored)
