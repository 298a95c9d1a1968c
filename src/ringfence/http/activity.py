"""What becomes of calls, on its way to the store."""

from collections import deque

from ringfence.model.calls import Screened

MAX_QUEUED = 10_000


class Activity:
    """Takes what is kept of each call."""

    def __init__(self) -> None:
        self._queue: deque[Screened] = deque()

    def record(self, screened: Screened) -> None:
        """Keep what became of a call."""
        if len(self._queue) < MAX_QUEUED:
            self._queue.append(screened)
