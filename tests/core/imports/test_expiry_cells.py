"""An expiry is read where there is no doubt of it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core.imports.expiry_cells import ExpiryCells
from ringfence.core.imports.row_problems import RowProblem
from ringfence.store.times import from_ms, to_ms

AT = datetime(2026, 6, 1, tzinfo=UTC)
KOLKATA = ExpiryCells("Asia/Kolkata", AT)


def code(cell: str) -> str:
    """Return the code of what is wrong with a cell."""
    problem = KOLKATA.read(cell)
    assert isinstance(problem, RowProblem)
    return problem.code


@pytest.mark.parametrize(
    ("zone", "cell", "expected"),
    [
        ("Asia/Kolkata", "2026-12-31", "2026-12-31T18:29:59.999+00:00"),
        ("UTC", "2026-12-31", "2026-12-31T23:59:59.999+00:00"),
        # In Havana the first hour of a day comes twice; in Beirut the last, and a day begins at 1.
        ("America/Havana", "2026-10-31", "2026-11-01T03:59:59.999+00:00"),
        ("Asia/Beirut", "2026-10-24", "2026-10-24T21:59:59.999+00:00"),
        ("Asia/Beirut", "2027-03-27", "2027-03-27T21:59:59.999+00:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00+00:00"),
        ("Asia/Kolkata", "2026-11-01t01:30:00.123456-05:00", "2026-11-01T06:30:00.123+00:00"),
        ("Asia/Kolkata", "2026-11-01 01:30 +0530", "2026-10-31T20:00:00+00:00"),
        ("Asia/Kolkata", "'2026-11-01", "2026-11-01T18:29:59.999+00:00"),
        ("Pacific/Honolulu", "9999-12-31", "9999-12-30T00:00:00+00:00"),
        ("Asia/Kolkata", "9999-12-31T23:59:59-12:00", "9999-12-30T00:00:00+00:00"),
    ],
)
def test_a_moment_is_read(zone: str, cell: str, expected: str) -> None:
    """In the account's time zone, where it has no offset; a day to its end."""
    found = ExpiryCells(zone, AT).read(cell)
    assert isinstance(found, int)
    assert from_ms(found) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("cell", ["", " ", "-", "never", "Permanent", "\u200bNEVER\u00a0"])
def test_for_good_has_words(cell: str) -> None:
    """And none at all."""
    assert KOLKATA.read(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "1/2/2027",
        "01.02.2027",
        "2027",
        "2027-13-01",
        "32/01/2027",
        "31/12/27",
        "2027-1-1 1",
        "0-0-0",
    ],
)
def test_what_leaves_a_doubt_is_refused(cell: str) -> None:
    """With the form to use."""
    problem = KOLKATA.read(cell)
    assert isinstance(problem, RowProblem)
    assert problem.code == "expiry_format"
    assert "2026-12-31" in problem.sentence


@pytest.mark.parametrize(
    "cell", ["2026-06-01T00:00:00Z", "0001-01-01", "0001-01-01T00:00:00+14:00"]
)
def test_it_lies_in_the_future(cell: str) -> None:
    """The moment of reading is past."""
    assert code(cell) == "expiry_past"


@settings(max_examples=300, deadline=None)
@given(st.datetimes(datetime(2026, 7, 1), datetime(9999, 1, 1)), st.booleans())  # noqa: DTZ001
def test_every_moment_that_is_written_is_read(moment: datetime, by_offset: bool) -> None:  # noqa: FBT001
    """To the millisecond, as it is stored."""
    aware = moment.replace(tzinfo=UTC)
    cells = ExpiryCells("UTC", AT)
    assert cells.read(aware.isoformat() if by_offset else str(moment)) == to_ms(aware)


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("0123456789-/.: TZ+"), max_size=30) | st.text(max_size=20))
def test_no_text_is_too_much(cell: str) -> None:
    """It is read or refused."""
    found = KOLKATA.read(cell)
    assert found is None or isinstance(found, int | RowProblem)
