"""Settings that are more than a number or a word."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from ringfence.config import Settings, read_date, read_listen_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", None),
        ("127.0.0.1:9090", ("127.0.0.1", 9090)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_an_address_has_a_host_and_a_port(text: str, address: tuple[str, int] | None) -> None:
    """Or there is none."""
    assert read_listen_address(text) == address


@pytest.mark.parametrize("text", ["9090", "host", "host:", ":1", "host:65536", "::1:9090", "a b:1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """The rule shows how one is written."""
    with pytest.raises(ValueError, match="127\\.0\\.0\\.1:9090"):
        read_listen_address(text)


def test_a_day_begins_in_utc() -> None:
    """Or there is none."""
    assert read_date("") is None
    assert read_date("2028-02-29") == datetime(2028, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-13-01", "20260101", "2026-1-1", "soon", "2026-W01-1", "0000-01-01"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    """Wherever one is a setting."""
    with pytest.raises(ValueError):  # noqa: PT011  the calendar has words of its own
        read_date(text)
    for name in ("legacy_deprecated_at", "legacy_sunset_at"):
        with pytest.raises(ValidationError):
            Settings.model_validate({name: text})


@pytest.mark.parametrize("sunset", ["2026-06-30", "2026-07-01"])
def test_paths_do_not_end_before_they_are_deprecated(sunset: str) -> None:
    """On the same day they may."""
    days = {"legacy_deprecated_at": "2026-07-01", "legacy_sunset_at": sunset}
    if sunset < "2026-07-01":
        with pytest.raises(ValidationError, match="do not end before"):
            Settings.model_validate(days)
    else:
        assert Settings.model_validate(days).legacy_sunset_at == sunset
