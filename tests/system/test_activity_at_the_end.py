"""What became of calls just before a server is stopped is stored when it has ended."""

import sys
from pathlib import Path

import pytest

from tests.system.server_process import ServerProcess, command
from tests.system.stores import rows

CALLS = 4_321

# Calls that come behind the first turn of the queue; the next would be in an hour.
CALLED_BEFORE_THE_END = f"""
from ringfence.http import activity
from ringfence.model.calls import Call, Disposition, Reason, Screened
from ringfence.model.screening_ids import ScreeningIds

activity.PAUSE_S = 3600.0
drain = activity.Activity.drain
ids = ScreeningIds()
passed = (Disposition.PASS, Reason.NOT_BLOCKED, None, None, (), None, 100)
left = [Call("+919812300001", "+918041230001")] * {CALLS}

async def drain_first(self, *rest):
    await drain(self, *rest)
    while left:
        self.record(Screened(1, ids.next(1_767_225_600_000), left.pop(), "+919812300001", *passed))

activity.Activity.drain = drain_first
from ringfence.cli.main import main
main()
"""


class CalledServer(ServerProcess):
    """A server that is called before it is stopped."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        script = [sys.executable, "-c", CALLED_BEFORE_THE_END]
        self._command = [*script, *command(folder, "serve", "--port", "0")[3:]]


@pytest.mark.parametrize("is_asked", [True, False], ids=["after a request", "at once"])
def test_what_waits_at_the_end_is_stored(folder: Path, *, is_asked: bool) -> None:
    """All of it, in rows and in counts."""
    with CalledServer(folder) as server:
        assert not is_asked or server.is_well()
        assert server.stop() == 0
    assert rows(server.store, "select count(*) from screening") == [(CALLS,)]
    assert rows(server.store, "select calls from screening_count") == [(CALLS,)]
