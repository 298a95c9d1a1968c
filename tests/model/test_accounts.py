"""The rules of an account's settings."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings

from ringfence.errors import InputCode, InvalidInput
from ringfence.model.accounts import (
    check_phone_number_limit,
    check_region,
    check_timezone,
    check_user_name,
)
from tests.model.texts import LETTERS_AND_DIGITS, texts_like


def accepted(check: Callable[[str], None], value: str) -> bool:
    """Tell whether `check` lets `value` pass."""
    try:
        check(value)
    except InvalidInput:
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(texts_like(LETTERS_AND_DIGITS + "@.-_", 64))
def test_a_user_name_has_1_to_64_visible_ascii_characters_and_no_colon(name: str) -> None:
    """The rule holds for any text."""
    visible = all(0x21 <= ord(character) <= 0x7E and character != ":" for character in name)
    assert accepted(check_user_name, name) == (visible and 1 <= len(name) <= 64)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "é", "a\n", "a" * 65, "a\0"])
def test_it_refuses_user_names_that_basic_cannot_carry(name: str) -> None:
    """A colon would end the name, a blank would break the log line."""
    assert not accepted(check_user_name, name)


@pytest.mark.parametrize("region", ["IN", "US", "GB", "GG", "RU"])
def test_it_takes_regions(region: str) -> None:
    """An ISO 3166 code is a region."""
    assert accepted(check_region, region)


@pytest.mark.parametrize("region", ["", "in", "India", "XX", "ZZ", "001"])
def test_it_refuses_what_is_no_region(region: str) -> None:
    """Codes of no country, and the code for none, are refused."""
    assert not accepted(check_region, region)


def test_every_time_zone_it_takes_can_be_loaded() -> None:
    """A zone that passes the check is one that expiry dates can be read in."""
    assert {ZoneInfo(name).key for name in available_timezones()} == available_timezones()


@pytest.mark.parametrize("name", ["Asia/Kolkata", "America/New_York", "UTC"])
def test_it_takes_time_zones(name: str) -> None:
    """A name of the IANA database is a time zone."""
    assert accepted(check_timezone, name)


@pytest.mark.parametrize("name", ["", "Mars/Phobos", "../etc/passwd", "asia/kolkata", "a\0"])
def test_it_refuses_what_is_no_time_zone(name: str) -> None:
    """Only names of the database pass, in their own spelling."""
    assert not accepted(check_timezone, name)


@pytest.mark.parametrize("limit", [0, 1, 500, 10_000_000])
def test_it_takes_limits(limit: int) -> None:
    """The bounds themselves pass."""
    check_phone_number_limit(limit)


@pytest.mark.parametrize("limit", [-1, 10_000_001])
def test_it_refuses_limits_out_of_bounds(limit: int) -> None:
    """One below and one above are refused."""
    with pytest.raises(InvalidInput):
        check_phone_number_limit(limit)


def test_a_refusal_names_the_field() -> None:
    """The caller learns which setting was refused."""
    with pytest.raises(InvalidInput) as refused:
        check_region("XX")
    problems = [(problem.code, problem.field) for problem in refused.value.problems]
    assert problems == [(InputCode.SETTING_INVALID, "region")]
