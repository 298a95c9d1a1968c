"""The present moment, for the outermost: what is within is given it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)
