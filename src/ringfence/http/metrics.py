"""What the service tells about itself, for Prometheus.

Several processes may share the figures: where PROMETHEUS_MULTIPROC_DIR names a folder before this
module is imported, each keeps its own there, and any of them tells the sums. Whoever starts the
processes makes the folder, empties it before, and calls `mark_process_dead` of prometheus_client
when one has ended. Gauges are as old there as the last `refresh` of their process, and the figures
of the process itself (processor time, memory) are left out.
"""

import os
from collections.abc import Callable, Collection, Mapping
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import Scope

from ringfence import __version__

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "other"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_SHARED = "PROMETHEUS_MULTIPROC_DIR"

Reading = Callable[[], float]
_Series = tuple[Callable[[], None], Callable[[float], None]]
_Key = tuple[str, str, int | None, str]

disable_created_metrics()  # type: ignore[no-untyped-call]


class Tally:
    """Requests that are answered alike, counted where every microsecond counts."""

    __slots__ = ("count", "told")

    def __init__(self) -> None:
        self.count = self.told = 0


class Metrics:
    """Every figure of one process, in one place.

    `routes` are the paths that are told apart; all others are one, so that nobody who asks for
    paths at random makes new series.
    """

    def __init__(self, routes: Collection[str]) -> None:
        self._routes = frozenset(routes)
        # Where processes share their figures, what is told comes from the folder instead.
        self._registry = None if _SHARED in os.environ else CollectorRegistry()
        self._series: dict[_Key, _Series] = {}
        self._followed: list[tuple[Gauge, Reading]] = []
        self._tallies: list[tuple[Tally, Counter]] = []
        self._busy: Callable[[], Mapping[str, int]] = dict
        self._busy_gauges: dict[str, Gauge] = {}
        self._count_requests()
        self._screenings, self._screening_seconds = self._screening_counters()
        self._tell_build()
        if self._registry is not None:
            ProcessCollector(registry=self._registry)

    def _count_requests(self) -> None:
        self._requests = Counter(
            "ringfence_requests",
            "Requests that were answered, or given up.",
            ["route", "method", "status", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "ringfence_request_seconds",
            "How long requests took.",
            ["route"],
            buckets=BUCKETS_S,
            registry=self._registry,
        )

    def _screening_counters(self) -> tuple[Counter, Counter]:
        return (
            Counter(
                "ringfence_screenings",
                "Calls that were screened, by what became of them.",
                ["disposition"],
                registry=self._registry,
            ),
            Counter(
                "ringfence_screening_seconds",
                "How long it took to decide about calls, in all.",
                registry=self._registry,
            ),
        )

    def _tell_build(self) -> None:
        build = Gauge(
            "ringfence_build_info",
            "Which version this is.",
            ["version"],
            registry=self._registry,
            multiprocess_mode="livemax",
        )
        build.labels(__version__).set(1)

    def observe(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Count a request; its place in the log tells the outcome."""
        # A framework says by which of its routes it answered; the rest have no parameters.
        route = getattr(scope.get("route"), "path", scope["path"])
        method = scope["method"]
        key = (
            route if route in self._routes else OTHER,
            method if method in METHODS else OTHER,
            status,
            scope["log"].get("outcome") or _outcome(status),
        )
        count, take_time = self._series.get(key) or self._new_series(key)
        count()
        take_time(seconds)

    def _new_series(self, key: _Key) -> _Series:
        route, method, status, outcome = key
        requests = self._requests.labels(route, method, status or "none", outcome)
        series = requests.inc, self._seconds.labels(route).observe
        self._series[key] = series
        return series

    def tally(self, route: str, method: str, status: int) -> Tally:
        """Return what counts requests that `observe` is not told of, nor how long they took."""
        labels = (route, method, status, _outcome(status))
        made = Tally()
        self._tallies.append((made, self._requests.labels(*labels)))
        return made

    def count_screenings(self, by_disposition: Mapping[str, int], seconds: float) -> None:
        """Count calls that were screened, many at once, and how long that took in all."""
        for disposition, calls in by_disposition.items():
            self._screenings.labels(disposition).inc(calls)
        self._screening_seconds.inc(seconds)

    def follow(
        self,
        name: str,
        meaning: str,
        reading: Reading,
        among_processes: Literal["livesum", "livemin"] = "livesum",
    ) -> None:
        """Tell `reading` as ringfence_NAME; of several processes their sum, or the least."""
        self._followed.append((self._gauge(name, meaning, among_processes), reading))

    def follow_store(self, stats: Callable[[], Mapping[str, int]]) -> None:
        """Tell each of `stats` as ringfence_store_NAME."""
        self._busy = stats

    def refresh(self) -> None:
        """Read everything that is followed."""
        for gauge, reading in self._followed:
            gauge.set(reading())
        for tally, counter in self._tallies:
            count = tally.count
            counter.inc(count - tally.told)
            tally.told = count
        for name, value in self._busy().items():
            if name not in self._busy_gauges:
                self._busy_gauges[name] = self._gauge(f"store_{name}", "Of the store.", "livesum")
            self._busy_gauges[name].set(value)

    def text(self) -> bytes:
        """Return all figures, of all processes that share them."""
        self.refresh()
        registry = self._registry
        if registry is None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _gauge(self, name: str, meaning: str, mode: Literal["livesum", "livemin"]) -> Gauge:
        return Gauge(f"ringfence_{name}", meaning, registry=self._registry, multiprocess_mode=mode)


def _outcome(status: int | None) -> str:
    """Return in a word what became of a request that no door said more about."""
    if status is None:
        return "given_up"
    if status >= 500:  # noqa: PLR2004  the classes of RFC 9110, 15
        return "failed"
    return "refused" if status >= 400 else "ok"  # noqa: PLR2004
