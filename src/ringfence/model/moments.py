"""Moments: what is stored of them is whole milliseconds."""

from datetime import datetime

_MICROSECONDS = 1000


def to_the_millisecond(moment: datetime) -> datetime:
    """Return the last whole millisecond that is not after `moment`."""
    return moment.replace(microsecond=moment.microsecond // _MICROSECONDS * _MICROSECONDS)
