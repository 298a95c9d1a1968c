"""Repeated wrong keys are answered ever more slowly; the right key never is.

The delay comes after the check and the answer stays the same, so it tells nothing. Failures are
counted by address and by user name, both in bounded memory; a quiet minute forgets them.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

FREE_FAILURES = 3
FIRST_DELAY_S = 0.05
FORGET_AFTER_S = 60.0
MAX_TRACKED = 10_000
_MAX_DOUBLINGS = 10
_MAX_KEY = 64


@dataclass(slots=True)
class _Failures:
    count: int
    last_at_s: float


class FailureDelay:
    """Tells how long the answer to a failed authentication waits."""

    def __init__(self, max_s: float, now_s: Callable[[], float] = monotonic) -> None:
        self._max_s = max_s
        self._now_s = now_s
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def after_failure(self, address: str, user_name: str | None = None) -> float:
        """Count a failure from `address` for `user_name`; return the seconds to wait.

        None is for a door where nobody says a user name.
        """
        if self._max_s == 0:
            return 0.0
        count = self._count("address", address)
        if user_name is not None:
            count = max(count, self._count("user", user_name))
        return self._delay(count)

    def _count(self, kind: str, name: str) -> int:
        key = (kind, name[:_MAX_KEY])
        now_s = self._now_s()
        failures = self._failures.pop(key, None)
        if failures is None or now_s - failures.last_at_s > FORGET_AFTER_S:
            failures = _Failures(0, now_s)
        failures.count += 1
        failures.last_at_s = now_s
        self._failures[key] = failures
        if len(self._failures) > MAX_TRACKED:
            self._failures.popitem(last=False)
        return failures.count

    def _delay(self, count: int) -> float:
        over = count - FREE_FAILURES
        if over <= 0:
            return 0.0
        return min(FIRST_DELAY_S * 2.0 ** min(over - 1, _MAX_DOUBLINGS), self._max_s)
