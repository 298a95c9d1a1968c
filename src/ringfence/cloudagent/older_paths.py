"""The paths that have a successor: what they say of their end, and who still uses them.

A use is counted in memory, where the request runs anyway, and stored in the background: a request
costs a dictionary's entry more, and the store one small write in FLUSH_S at most.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from threading import Lock

import structlog

from ringfence.config import Settings, read_date
from ringfence.core.path_uses import add_path_uses
from ringfence.errors import Unavailable
from ringfence.http.answers import Answer
from ringfence.http.handover import Handover
from ringfence.model.accounts import Caller
from ringfence.store import Store

_log = structlog.get_logger("ringfence.older_paths")

FLUSH_S = 10.0
"""How long a use waits to be stored, at most; a process that is killed forgets as much."""


@dataclass(frozen=True, slots=True)
class OlderPath:
    """A path that has a successor, for each of its methods."""

    path: str
    successors: Mapping[str, str]


class Announcement:
    """The headers that announce the end of a path; none where the settings do not.

    RFC 9745 (Deprecation), RFC 8594 (Sunset) and RFC 5829 (successor-version).
    """

    def __init__(self, settings: Settings, older: OlderPath) -> None:
        self._dates = _dates(settings)
        self._by_method = {
            method: {**self._dates, "link": f'<{successor}>; rel="successor-version"'}
            for method, successor in older.successors.items()
            if self._dates
        }

    def headers(self, method: str) -> Mapping[str, str]:
        """Return what is announced in an answer; a method that is not allowed has no successor."""
        return self._by_method.get(method, self._dates)

    def added_to(self, answer: Answer, method: str) -> Answer:
        """Return `answer` with what is announced."""
        headers = self.headers(method)
        return replace(answer, headers={**answer.headers, **headers}) if headers else answer


def _dates(settings: Settings) -> dict[str, str]:
    headers: dict[str, str] = {}
    deprecated_at = read_date(settings.legacy_deprecated_at)
    sunset_at = read_date(settings.legacy_sunset_at)
    if deprecated_at is not None:
        headers["deprecation"] = f"@{int(deprecated_at.timestamp())}"
    if sunset_at is not None:
        headers["sunset"] = format_datetime(sunset_at, usegmt=True)
    return headers


class PathUses:
    """Counts who uses the older paths, and stores that now and then."""

    def __init__(self, store: Store, handover: Handover, flush_s: float = FLUSH_S) -> None:
        self._store = store
        self._handover = handover
        self._flush_s = flush_s
        self._counting = Lock()
        self._counted: dict[tuple[int, str], tuple[int, datetime]] = {}
        self._flushing: asyncio.Task[None] | None = None

    def count(self, caller: Caller, older: OlderPath, at: datetime) -> None:
        """Count a request of somebody who proved who it is; in any thread."""
        self._add((caller.account.account_id, older.path), 1, at)

    def flush_later(self) -> None:
        """See to it that what was counted is stored; called in the event loop."""
        if self._counted and (self._flushing is None or self._flushing.done()):
            self._flushing = asyncio.get_running_loop().create_task(self._flush_after_a_while())

    async def flush(self) -> None:
        """Store what was counted. Where the store cannot take it, it is kept for the next time."""
        with self._counting:
            counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            await self._handover.run(lambda: add_path_uses(self._store, counted))
        except BaseException as error:
            for key, (requests, last_at) in counted.items():
                self._add(key, requests, last_at)
            if not isinstance(error, Unavailable):
                raise
            _log.warning("uses of older paths are not stored yet", reason=str(error))

    async def close(self) -> None:
        """Store what is left, once what is under way has ended."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.wait([self._flushing])
        await self.flush()

    async def _flush_after_a_while(self) -> None:
        while self._counted:
            await asyncio.sleep(self._flush_s)
            await self.flush()

    def _add(self, key: tuple[int, str], requests: int, at: datetime) -> None:
        with self._counting:
            before, last_at = self._counted.get(key, (0, at))
            self._counted[key] = (before + requests, max(at, last_at))
