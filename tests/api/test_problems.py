"""Whatever goes wrong is told as a problem (RFC 9457), with what a program needs to act on it."""

import json
import re
from collections.abc import Iterator

import pytest

from ringfence.api.problems import KINDS, door_answer, error_answer, kind_of
from ringfence.errors import (
    InputCode,
    InvalidInput,
    NotAllowed,
    Problem,
    RingfenceError,
    Unavailable,
)
from tests.api.examples import EXAMPLES
from tests.api.house import House, all_routes, build, problem_of
from tests.asgi import Answer
from tests.conftest import Clock
from tests.store.conftest import OpenStore

FACTS = (
    *("user_name", "key_id", "name", "url", "found", "known", "reason", "limit", "path"),
    *("allowed_number_id", "role"),
)


def subclasses(kind: type[RingfenceError]) -> Iterator[type[RingfenceError]]:
    """Yield every class of error from `kind` down."""
    yield kind
    for each in kind.__subclasses__():
        yield from subclasses(each)


def example(kind: type[RingfenceError]) -> RingfenceError:
    """Return an error of this class."""
    if issubclass(kind, InvalidInput):
        return kind(Problem(InputCode.FIELD_INVALID, "name", "the rule", "value"))
    return kind(**dict.fromkeys(FACTS, "x"))
