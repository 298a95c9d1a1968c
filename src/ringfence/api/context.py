"""What /v1 needs of the rest of the house, given to it once."""

from dataclasses import dataclass

from ringfence.http import doors
from ringfence.http.importing import Importer


@dataclass(frozen=True, slots=True)
class Context(doors.Context):
    """What every door needs, and who reads files and makes the steps of imports."""

    importer: Importer
