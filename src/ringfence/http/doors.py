"""What every door needs of the rest of the house, given to it once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ringfence.config import Settings
from ringfence.http.failure_delay import FailureDelay
from ringfence.http.handover import Handover
from ringfence.store import OpenStore

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the settings, the time, and the way to the store's threads."""

    store: OpenStore
    settings: Settings
    clock: Clock
    handover: Handover
    delay: FailureDelay
