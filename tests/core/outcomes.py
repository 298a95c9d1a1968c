"""What came of a verb, as a value to compare."""

from collections.abc import Callable
from typing import TypeVar

from ringfence.errors import RingfenceError

T = TypeVar("T")


def outcome(verb: Callable[[], T]) -> T | RingfenceError:
    """Return what `verb` returns, or the error it raises."""
    try:
        return verb()
    except RingfenceError as error:
        return error
