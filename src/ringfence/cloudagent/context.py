"""What the wire needs of the rest of the house, given to it once."""

from dataclasses import dataclass

from ringfence.cloudagent.older_paths import PathUses
from ringfence.http import doors
from ringfence.model.accounts import Caller
from ringfence.model.changes import Origin

DOOR = "cloudagent"


@dataclass(frozen=True, slots=True)
class Context(doors.Context):
    """What every door needs, and who still uses the older paths."""

    uses: PathUses

    def origin(self, caller: Caller) -> Origin:
        """Return who changes something now, for the record."""
        return Origin(DOOR, caller.key_id, self.clock())
