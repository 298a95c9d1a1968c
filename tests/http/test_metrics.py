"""What the service tells about itself: few series, right figures, of one process or of several."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ringfence import __version__
from ringfence.http.metrics import BUCKETS_S, Metrics

PATIENCE_S = 30
KNOWN = "/known"

ONE_OF_SEVERAL = """
import sys
from ringfence.http.metrics import Metrics

metrics = Metrics(["/known"])
metrics.follow("connections", "Open connections.", lambda: 3)
metrics.follow("expires", "The least of all.", lambda: float(sys.argv[1]), "livemin")
metrics.follow_store(lambda: {"jobs_waiting": 2})
for _ in range(int(sys.argv[1])):
    metrics.observe({"path": "/known", "method": "GET", "log": {}}, 200, 0.003)
metrics.refresh()
print("counted", flush=True)
sys.stdin.read()
print(metrics.text().decode(), flush=True)
"""


def scope(path: str = KNOWN, method: str = "GET", **log: str) -> dict[str, Any]:
    """Return what is known of a request when it is over."""
    return {"path": path, "method": method, "log": log}


def samples(text: bytes | str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return every figure of a text by its name and labels."""
    text = text.decode() if isinstance(text, bytes) else text
    families = text_string_to_metric_families(text)
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value
        for family in families
        for each in family.samples
    }


def requests(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Return how many requests there were by method, outcome, route and status."""
    told = samples(metrics.text())
    return {
        tuple(value for _, value in labels): count
        for (name, labels), count in told.items()
        if name == "ringfence_requests_total"
    }


def test_a_request_is_counted() -> None:
    """By its method, what became of it, its path and its status."""
    metrics = Metrics([KNOWN])
    for _ in range(3):
        metrics.observe(scope(), 200, 0.01)
    metrics.observe(scope(outcome="not_authenticated"), 200, 0.01)
    assert requests(metrics) == {
        ("GET", "ok", KNOWN, "200"): 3,
        ("GET", "not_authenticated", KNOWN, "200"): 1,
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "ok"), (404, "refused"), (413, "refused"), (500, "failed"), (None, "given_up")],
)
def test_an_outcome_that_no_door_told_is_the_status_s(status: int | None, outcome: str) -> None:
    """A client that went away has no status."""
    metrics = Metrics([KNOWN])
    metrics.observe(scope(), status, 0.01)
    assert requests(metrics) == {("GET", outcome, KNOWN, str(status or "none")): 1}


def test_whatever_is_asked_makes_few_series() -> None:
    """Anybody can ask for any path by any method."""
    metrics = Metrics([KNOWN])
    for n in range(1000):
        metrics.observe(scope(f"/{n}", f"M{n}"), 404, 0.01)
    assert requests(metrics) == {("other", "refused", "other", "404"): 1000}


def test_the_time_that_requests_took_is_told() -> None:
    """Each bucket has what took no longer."""
    metrics = Metrics([KNOWN])
    for seconds in (0.0004, 0.003, 11.0):
        metrics.observe(scope(), 200, seconds)
    told = samples(metrics.text())
    counts = [
        told["ringfence_request_seconds_bucket", (("le", str(bound)), ("route", KNOWN))]
        for bound in BUCKETS_S
    ]
    assert counts == [1, 1, 1, *[2] * (len(BUCKETS_S) - 3)]
    assert told["ringfence_request_seconds_count", (("route", KNOWN),)] == 3


def test_what_is_followed_is_told_as_it_is_now() -> None:
    """Not as it was when it was last told."""
    readings = {"jobs_waiting": 1}
    metrics = Metrics([])
    metrics.follow("connections", "Open connections.", lambda: readings["jobs_waiting"])
    metrics.follow_store(lambda: readings)
    metrics.text()
    readings["jobs_waiting"] = 7
    told = samples(metrics.text())
    assert told["ringfence_connections", ()] == 7
    assert told["ringfence_store_jobs_waiting", ()] == 7


def test_the_version_and_the_process_are_told() -> None:
    """As every Prometheus dashboard expects them."""
    told = samples(Metrics([]).text())
    assert told["ringfence_build_info", (("version", __version__),)] == 1
    if sys.platform == "linux":
        assert told["process_resident_memory_bytes", ()] > 0


def test_several_processes_tell_their_sums(tmp_path: Path) -> None:
    """Whichever of them is asked; both still run."""
    processes = [one_of_several(tmp_path, count) for count in (2, 5)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "counted\n"
        told = samples(processes[1].communicate("", PATIENCE_S)[0])
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    labels = (("method", "GET"), ("outcome", "ok"), ("route", KNOWN), ("status", "200"))
    assert told["ringfence_requests_total", labels] == 7
    assert told["ringfence_request_seconds_bucket", (("le", "0.005"), ("route", KNOWN))] == 7
    assert told["ringfence_connections", ()] == 6
    assert told["ringfence_expires", ()] == 2
    assert told["ringfence_store_jobs_waiting", ()] == 4
    assert told["ringfence_build_info", (("version", __version__),)] == 1


def one_of_several(folder: Path, count: int) -> "subprocess.Popen[str]":
    """Start a process that counts requests, and tells all figures once its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", ONE_OF_SEVERAL, str(count)],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_route_with_parameters_is_counted_as_it_is_written() -> None:
    """A framework says which it was; whatever the caller wrote there makes no series."""

    class Route:
        path = "/things/{thing_id}"

    metrics = Metrics([KNOWN, Route.path])
    for n in range(100):
        metrics.observe({**scope(f"/things/{n}"), "route": Route()}, 200, 0.01)
    metrics.observe({**scope("/things/x"), "route": None}, 404, 0.01)
    assert requests(metrics) == {
        ("GET", "ok", Route.path, "200"): 100,
        ("GET", "refused", "other", "404"): 1,
    }
