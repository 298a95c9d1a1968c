"""Which errors are tried again, which say that the database is to blame, and which are ours."""

from time import monotonic

import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from ringfence.errors import RingfenceError, Unavailable
from ringfence.store.postgres.connection import UncertainCommitError
from ringfence.store.postgres.patience import (
    Patience,
    explain,
    is_gone,
    is_silent,
    is_transient,
    is_unavailable,
)

TRANSIENT = [
    *("08000", "08003", "08006", "25006", "25P03", "40001", "40P01"),
    *("57P01", "57P02", "57P03", "57P05"),
]
UNAVAILABLE = [
    *("25P04", "28P01", "28000", "3D000", "42501", "53100", "53200", "53300", "55P03", "55000"),
    *("57014", "57000", "58030", "F0000", "XX000", "XX001"),
]
OURS = ["23505", "23503", "23502", "22001", "22P02", "25P02", "42601", "42P01", "0A000", "P0001"]
GONE = ["08006", "25006", "57P01", "57P02", "57P03", "57P05"]
MUTE = psycopg.OperationalError("wait timeout expired")
HUNG_UP = psycopg.OperationalError("server closed the connection unexpectedly\n\tThis probably...")


def error_of(state: str) -> psycopg.Error:
    """Return an error with the SQLSTATE `state`."""
    kind = type("Told", (errors.DatabaseError,), {"sqlstate": state})
    assert issubclass(kind, psycopg.Error)
    return kind("told by the server")


@pytest.mark.parametrize("state", TRANSIENT)
def test_what_may_pass_is_tried_again(state: str) -> None:
    """And where it does not pass, the database is to blame."""
    assert is_transient(error_of(state))
    assert is_unavailable(error_of(state))


@pytest.mark.parametrize("state", UNAVAILABLE)
def test_what_will_not_pass_in_a_moment_is_told_at_once(state: str) -> None:
    """The database is to blame; it is not asked again for this request."""
    assert not is_transient(error_of(state))
    assert is_unavailable(error_of(state))


@pytest.mark.parametrize("state", OURS)
def test_a_mistake_of_ours_is_not_blamed_on_the_database(state: str) -> None:
    """It comes out as it is."""
    assert not is_transient(error_of(state))
    assert not is_unavailable(error_of(state))


@pytest.mark.parametrize("error", [MUTE, HUNG_UP, psycopg.InterfaceError("closed"), PoolTimeout()])
def test_an_error_of_the_connection_is_tried_again(error: Exception) -> None:
    """It has no state, for no server said anything."""
    assert is_transient(error)


@pytest.mark.parametrize("error", [ValueError("mine"), Unavailable(reason="no"), MemoryError()])
def test_what_work_raises_is_not_judged(error: Exception) -> None:
    """Whatever its kind."""
    assert not is_transient(error)
    assert not is_unavailable(error)


def test_a_closed_pool_is_not_asked_again() -> None:
    """It is an OperationalError without a state as well."""
    assert not is_transient(PoolClosed("closed"))
    assert is_unavailable(PoolClosed("closed"))


def test_a_value_that_psycopg_refuses_is_ours() -> None:
    """An error without a state is not always one of the connection."""
    assert not is_unavailable(psycopg.DataError("cannot contain NUL"))


@pytest.mark.parametrize("state", [*TRANSIENT, *UNAVAILABLE])
def test_older_connections_are_dead_where_the_server_went(state: str) -> None:
    """Not where it gave one transaction up."""
    assert is_gone(error_of(state)) == (state in GONE or state.startswith("08"))


def test_a_mute_server_is_told_from_one_that_hung_up() -> None:
    """And neither from a commit of which only one server has heard."""
    assert (is_silent(MUTE), is_gone(MUTE)) == (True, False)
    assert (is_silent(HUNG_UP), is_gone(HUNG_UP)) == (False, True)
    for error in (ValueError(), UncertainCommitError("canceling wait")):
        assert (is_silent(error), is_gone(error)) == (False, False)
    assert is_transient(UncertainCommitError("canceling wait"))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PoolTimeout("no connection in time; x\ny"), "no connection in time; x; y"),
        (PoolClosed("x"), "it is closed"),
        (MUTE, "PostgreSQL did not answer within the time allowed"),
        (HUNG_UP, "server closed the connection unexpectedly; This probably..."),
    ],
)
def test_the_reason_is_one_line(error: Exception, told: str) -> None:
    """Whatever libpq says in how many lines."""
    assert explain(error) == told


def test_it_gives_up_at_the_deadline() -> None:
    """What is transient becomes Unavailable then, and was tried more than once."""
    attempts: list[float] = []

    def fail(deadline: float) -> None:
        attempts.append(deadline)
        raise HUNG_UP

    started = monotonic()
    with pytest.raises(Unavailable, match="unexpectedly"):
        Patience(0.4).keep_trying(fail)
    assert monotonic() - started < 1.0
    assert len(attempts) > 1
    assert len(set(attempts)) == 1


def test_a_request_that_is_late_is_not_begun() -> None:
    """It would spoil a connection in vain."""
    patience = Patience(10)
    with patience.until(monotonic()), pytest.raises(Unavailable, match="too long"):
        patience.keep_trying(lambda _: pytest.fail("it was begun"))
    assert patience.keep_trying(lambda deadline: deadline) > monotonic()


@pytest.mark.parametrize("error", [error_of("23503"), Unavailable(reason="mine"), KeyError()])
def test_other_errors_come_out_at_once(error: Exception) -> None:
    """As the very objects that they are."""

    def fail(_: float) -> None:
        raise error

    with pytest.raises((psycopg.Error, RingfenceError, KeyError)) as raised:
        Patience(10).keep_trying(fail)
    assert raised.value is error
