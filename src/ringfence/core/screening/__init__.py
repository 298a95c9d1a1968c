"""Screening: may this call ring, and by what was that decided.

`deciding.py` has the rules. `calls.py` has the verbs for a store and an account; `nearby.py` lets
the event loop ask a store that is a file. `policies.py` remembers what is the same from call to
call, `explaining.py` tells a decision in full, `many.py` makes thousands at once.
"""

from ringfence.core.screening.calls import screen, screen_many
from ringfence.core.screening.deciding import (
    Case,
    Contender,
    Decision,
    answer_of,
    decide,
    decide_by,
    read_party,
    screened,
)
from ringfence.core.screening.explaining import explain
from ringfence.core.screening.nearby import Guest, NearbyScreening, credential_of
from ringfence.core.screening.policies import Policies

__all__ = [
    "Case",
    "Contender",
    "Decision",
    "Guest",
    "NearbyScreening",
    "Policies",
    "answer_of",
    "credential_of",
    "decide",
    "decide_by",
    "explain",
    "read_party",
    "screen",
    "screen_many",
    "screened",
]
