"""What /v1 needs of the rest of the house, given to it once."""

from dataclasses import dataclass

from ringfence.http import doors
from ringfence.http.activity import Activity
from ringfence.http.file_threads import FileThreads
from ringfence.http.importing import Importer


@dataclass(frozen=True, slots=True)
class Context(doors.Context):
    """What every door needs; who reads and writes files; who keeps what became of calls."""

    importer: Importer
    files: FileThreads
    activity: Activity
