"""Readiness and metrics of a real server, at the main address and at one of their own."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.system.client import PHONES, Answer
from tests.system.server_process import (
    PATIENCE_S,
    ServerProcess,
    run_ringfence,
    wait_until,
)
from tests.system.stores import opened

FREE_PORT = "127.0.0.1:0"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Give a server with an address for operations and room for a few connections."""
    folder = tmp_path_factory.mktemp("apart")
    with ServerProcess(folder, operations_listen=FREE_PORT, max_connections=4) as server:
        yield server


def gauge(answer: Answer, wanted: str) -> float:
    """Return the figure of this name, of all its labels together."""
    families = text_string_to_metric_families(answer.body.decode())
    samples = (sample for family in families for sample in family.samples)
    return sum(sample.value for sample in samples if sample.name == wanted)


def test_they_are_at_the_main_address_by_default(server: ServerProcess) -> None:
    """Nothing has to be set to look at them."""
    assert server.request("GET", "/readyz").content == {"status": "ready"}
    metrics = server.request("GET", "/metrics")
    assert gauge(metrics, "ringfence_build_info") == 1
    assert gauge(metrics, "ringfence_connections") >= 1


def test_an_address_of_their_own_is_in_the_banner(apart: ServerProcess) -> None:
    """The first line stays what it was."""
    first, second = apart.banner.splitlines()[:2]
    address = "http://{}:{}".format(*apart.operations)
    assert first == f"Ringfence is listening on {apart.address}"
    assert second == f"Readiness and metrics: {address}/readyz and {address}/metrics"


def test_at_an_address_of_their_own_only_they_are_answered(apart: ServerProcess) -> None:
    """And at the main address they are not, so a firewall can tell them apart."""
    paths = ("/healthz", "/readyz", "/metrics", PHONES)
    assert [apart.operation(path).status for path in paths] == [200, 200, 200, 404]
    assert [apart.request("GET", path).status for path in paths] == [200, 404, 404, 200]


def test_requests_of_both_addresses_are_counted(apart: ServerProcess) -> None:
    """There is one place to look at."""
    before = gauge(apart.operation("/metrics"), "ringfence_requests_total")
    assert apart.request("GET", "/healthz").status == 200
    wait_until(
        lambda: gauge(apart.operation("/metrics"), "ringfence_requests_total") >= before + 2,
        "both are counted",
    )


def test_a_full_main_address_does_not_hide_them(apart: ServerProcess) -> None:
    """That is when they are wanted."""
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(socket.create_connection((apart.host, apart.port), PATIENCE_S))
        wait_until(lambda: apart.request("GET", "/healthz").status == 503, "it is full")
        assert apart.operation("/readyz").status == 200
        assert gauge(apart.operation("/metrics"), "ringfence_connections") >= 5


def test_the_bounds_of_a_connection_hold_there_too(apart: ServerProcess) -> None:
    """A line without end is cut off, and a fifth connection is refused."""
    with socket.create_connection(apart.operations, PATIENCE_S) as client:
        client.sendall(b"GET /" + b"x" * 70_000)
        assert b" 431 " in client.recv(65536)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(socket.create_connection(apart.operations, PATIENCE_S))
        wait_until(lambda: apart.operation("/healthz").status == 503, "it is full")


def test_a_store_that_does_not_answer_is_told_in_time(tmp_path: Path) -> None:
    """Another process holds the database, and what came first waits for it."""
    with (
        ServerProcess(tmp_path, busy_timeout_s=PATIENCE_S) as server,
        opened(server.store) as other,
        socket.create_connection((server.host, server.port), PATIENCE_S) as writing,
    ):
        other.lock()
        target = server.account.phone_target("create", phoneName="Desk", phoneNumber="8041234567")
        writing.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: waiting(server) == 1, "the write waits")
        started = monotonic()
        answer = server.request("GET", "/readyz")
        assert monotonic() - started < 3
        assert (answer.status, answer.content["status"]) == (503, "unavailable")
        other.rows("rollback")
        assert b" 200 " in writing.recv(65536)
        assert server.request("GET", "/readyz").status == 200


def waiting(server: ServerProcess) -> float:
    """Return how many requests wait for the store."""
    return gauge(server.request("GET", "/metrics"), "ringfence_requests_waiting")


def test_a_taken_address_is_refused_before_a_demo_is_made(tmp_path: Path) -> None:
    """In one line that names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / ".env").write_text(f"RINGFENCE_OPERATIONS_LISTEN=127.0.0.1:{port}\n")
        refused = run_ringfence(tmp_path, "serve", "--port", "0")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in refused.stderr
    assert not (tmp_path / "ringfence.db").exists()


@pytest.mark.parametrize("text", ["9090", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:90"])
def test_what_is_no_address_is_refused(tmp_path: Path, text: str) -> None:
    """In one line that names the setting and shows how an address is written."""
    (tmp_path / ".env").write_text(f"RINGFENCE_OPERATIONS_LISTEN={text}\n")
    refused = run_ringfence(tmp_path, "serve", "--port", "0")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "RINGFENCE_OPERATIONS_LISTEN" in refused.stderr
    assert "[::1]:9090" in refused.stderr


def test_sigterm_ends_both_addresses(tmp_path: Path) -> None:
    """An open connection at either does not hold the server up."""
    with (
        ServerProcess(tmp_path, operations_listen=FREE_PORT) as server,
        socket.create_connection(server.operations, PATIENCE_S),
    ):
        assert server.operation("/readyz").status == 200
        assert server.stop() == 0
