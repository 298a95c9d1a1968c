"""Repeated wrong keys are answered ever more slowly, in bounded memory."""

import tracemalloc
from dataclasses import dataclass

import pytest

from ringfence.http.failure_delay import (
    FIRST_DELAY_S,
    FORGET_AFTER_S,
    FREE_FAILURES,
    MAX_TRACKED,
    FailureDelay,
)

ADDRESS = "192.0.2.1"


@dataclass
class Stopwatch:
    """Seconds that pass when a test says so."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        """Return the seconds that passed."""
        return self.now_s


@pytest.fixture
def stopwatch() -> Stopwatch:
    """Return a stopwatch that stands still."""
    return Stopwatch()


@pytest.fixture
def delay(stopwatch: Stopwatch) -> FailureDelay:
    """Return a delay of up to one second."""
    return FailureDelay(1.0, stopwatch)


def delays(delay: FailureDelay, count: int, address: str = ADDRESS, user: str = "a") -> list[float]:
    """Return the delays of `count` failures in a row."""
    return [delay.after_failure(address, user) for _ in range(count)]


def test_a_few_failures_are_free_then_each_costs_twice_as_much(delay: FailureDelay) -> None:
    """Up to the longest delay, at which it stays."""
    free = [0.0] * FREE_FAILURES
    rising = [FIRST_DELAY_S * factor for factor in (1, 2, 4, 8, 16)]
    assert delays(delay, FREE_FAILURES + 8) == [*free, *rising, 1.0, 1.0, 1.0]


def test_no_delay_is_longer_than_the_setting(stopwatch: Stopwatch) -> None:
    """However many failures there were, and whatever the longest is."""
    assert max(delays(FailureDelay(0.3, stopwatch), 5000)) == 0.3
    assert max(delays(FailureDelay(0.01, stopwatch), 10)) == 0.01


def test_zero_turns_delays_off(stopwatch: Stopwatch) -> None:
    """No failure waits, nor is it counted."""
    assert set(delays(FailureDelay(0.0, stopwatch), 100)) == {0.0}


def test_failures_of_one_address_count_whoever_they_name(delay: FailureDelay) -> None:
    """Trying one key on many users is slowed down."""
    told = [delay.after_failure(ADDRESS, f"user{n}") for n in range(10)]
    assert told == delays(FailureDelay(1.0, Stopwatch()), 10)


def test_failures_for_one_user_count_wherever_they_come_from(delay: FailureDelay) -> None:
    """Trying many keys from many addresses is slowed down."""
    told = [delay.after_failure(f"192.0.2.{n}", "alice") for n in range(10)]
    assert told == delays(FailureDelay(1.0, Stopwatch()), 10)


def test_others_are_not_slowed_down(delay: FailureDelay) -> None:
    """Another user at another address starts afresh; an address is not taken for a user."""
    delays(delay, 20)
    assert delays(delay, FREE_FAILURES, "192.0.2.2", "b") == [0.0] * FREE_FAILURES
    assert delays(delay, FREE_FAILURES, "a", ADDRESS) == [0.0] * FREE_FAILURES


def test_a_quiet_minute_forgets(delay: FailureDelay, stopwatch: Stopwatch) -> None:
    """Just short of it nothing is forgotten, and each failure starts the minute anew."""
    delays(delay, 10)
    for _ in range(3):
        stopwatch.now_s += FORGET_AFTER_S
        assert delay.after_failure(ADDRESS, "a") == 1.0
    stopwatch.now_s += FORGET_AFTER_S + 0.001
    assert delays(delay, FREE_FAILURES + 1)[-1] == FIRST_DELAY_S


def test_many_addresses_fill_no_memory(delay: FailureDelay) -> None:
    """Of 20,000 the latest are remembered, the earliest forgotten."""
    tracemalloc.start()
    for n in range(20_000):
        delay.after_failure(f"2001:db8::{n:x}", f"user{n}" + "x" * 10_000)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < MAX_TRACKED * 500
    assert delays(delay, FREE_FAILURES, "2001:db8::0", "other") == [0.0] * FREE_FAILURES
    assert delays(delay, FREE_FAILURES, f"2001:db8::{19_999:x}", "another")[-1] == FIRST_DELAY_S


def test_whoever_goes_on_is_not_forgotten_for_others(delay: FailureDelay) -> None:
    """The one that failed least recently makes room, not the one that failed first."""
    delays(delay, 10)
    for n in range(2 * MAX_TRACKED):
        delay.after_failure("192.0.2.2", f"user{n}")
        if n % 1000 == 0:
            assert delay.after_failure(ADDRESS, "a") == 1.0


def test_where_nobody_says_a_user_name_the_address_counts(delay: FailureDelay) -> None:
    """One key alone says who calls at /v1; nobody of no name is slowed down by others."""
    told = [delay.after_failure(ADDRESS) for _ in range(10)]
    assert told == delays(FailureDelay(1.0, Stopwatch()), 10)
    assert [delay.after_failure(f"192.0.2.{n}") for n in range(2, 50)] == [0.0] * 48
    assert delay.after_failure("192.0.2.99", "") == 0.0
