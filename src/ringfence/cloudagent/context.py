"""What the wire needs of the rest of the house, given to it once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ringfence.cloudagent.older_paths import PathUses
from ringfence.config import Settings
from ringfence.http.failure_delay import FailureDelay
from ringfence.http.handover import Handover
from ringfence.model.accounts import Caller
from ringfence.model.changes import Origin
from ringfence.store import Store

Clock = Callable[[], datetime]

DOOR = "cloudagent"


@dataclass(frozen=True, slots=True)
class Context:
    """The store, the time, the settings, and the way to the store's threads."""

    store: Store
    settings: Settings
    clock: Clock
    handover: Handover
    delay: FailureDelay
    uses: PathUses

    def origin(self, caller: Caller) -> Origin:
        """Return who changes something now, for the record."""
        return Origin(DOOR, caller.key_id, self.clock())
