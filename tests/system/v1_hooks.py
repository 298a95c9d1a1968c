"""Loaded by schemathesis: generated requests meet what there is, and let themselves in to the end.

Of the ids that are generated, every other is moved to one that the tests made; and nobody revokes
the key that the requests are sent with.
"""

import os
from typing import Any

import schemathesis

SEEDED = 3
"""The ids from 1 to this are there, of everything, until a request deletes one."""

OWN_KEY = "OWN_KEY_ID"
"""The variable that says which key the requests are sent with."""


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext,
    case: schemathesis.Case[Any],
    _kwargs: dict[str, Any],
) -> None:
    """Move ids, just before a request is sent."""
    for name, value in (case.path_parameters or {}).items():
        if name == "key_id" and str(value) == os.environ[OWN_KEY]:
            case.path_parameters[name] = 1
        elif isinstance(value, int) and value > SEEDED and value % 2:
            case.path_parameters[name] = value % SEEDED + 1
