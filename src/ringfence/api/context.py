"""What /v1 needs of the rest of the house, given to it once."""

from dataclasses import dataclass, field

from ringfence.core.screening import Policies
from ringfence.http import doors
from ringfence.http.activity import Activity
from ringfence.http.file_threads import FileThreads
from ringfence.http.importing import Importer
from ringfence.model.screening_ids import ScreeningIds


@dataclass(frozen=True, slots=True)
class Context(doors.Context):
    """What every door needs, and who reads files for imports, and writes those of exports.

    Calls are decided about by `policies`, and what becomes of them goes to `activity`, by their
    ids.
    """

    importer: Importer
    files: FileThreads
    activity: Activity
    policies: Policies = field(default_factory=Policies)
    screening_ids: ScreeningIds = field(default_factory=ScreeningIds)
