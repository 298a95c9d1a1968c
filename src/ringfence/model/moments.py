"""Moments: what is stored of them is whole milliseconds, and how they are written."""

from datetime import UTC, datetime

_MICROSECONDS = 1000


def to_the_millisecond(moment: datetime) -> datetime:
    """Return the last whole millisecond that is not after `moment`."""
    return moment.replace(microsecond=moment.microsecond // _MICROSECONDS * _MICROSECONDS)


def write_moment(moment: datetime) -> str:
    """Return a moment in UTC as RFC 3339 writes it, with milliseconds where it has any."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
