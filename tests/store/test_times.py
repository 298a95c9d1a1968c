"""Moments as the database keeps them."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from ringfence.store.times import from_ms, from_optional_ms, to_ms, to_optional_ms

LAST = datetime(9999, 12, 30, tzinfo=UTC)
MOMENTS = st.datetimes(max_value=LAST.replace(tzinfo=None), timezones=st.just(UTC))


def test_it_counts_milliseconds_since_1970() -> None:
    """The zone of a moment does not matter, the moment does."""
    assert to_ms(datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)) == 1500
    india = timezone(timedelta(hours=5, minutes=30))
    assert to_ms(datetime(1970, 1, 1, 5, 30, tzinfo=india)) == 0
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)) == -1


@given(MOMENTS)
def test_what_is_kept_is_the_moment_to_the_millisecond(moment: datetime) -> None:
    """Nothing is rounded up, so nothing kept lies later than it was."""
    lost = moment - from_ms(to_ms(moment))
    assert timedelta(0) <= lost < timedelta(milliseconds=1)
    assert from_ms(to_ms(moment)).tzinfo is UTC


@given(st.timedeltas(timedelta(0), timedelta(days=2, microseconds=-1)))
def test_the_end_of_the_calendar_can_be_shown_in_any_zone(after: timedelta) -> None:
    """Its last two days are kept as their first moment, which is as good as for ever."""
    kept = from_ms(to_ms(LAST + after))
    assert kept == LAST
    assert kept.astimezone(timezone(timedelta(hours=23, minutes=59))) == LAST


@given(MOMENTS, MOMENTS)
def test_the_order_of_moments_is_kept(one: datetime, other: datetime) -> None:
    """Of two moments the later is never kept as the earlier."""
    assert (to_ms(one) <= to_ms(other)) or one > other


@given(st.none() | MOMENTS)
def test_no_moment_stays_none(moment: datetime | None) -> None:
    """None is kept as null, anything else as itself."""
    kept = to_optional_ms(moment)
    assert (kept is None) == (moment is None)
    assert from_optional_ms(kept) == (None if moment is None else from_ms(to_ms(moment)))
