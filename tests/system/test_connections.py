"""No client keeps a connection, or the memory behind it, without paying for it."""

import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest

from tests.system.server_process import ServerProcess

PATIENCE_S = 15
MEGABYTES = 24
PART = 64 * 1024
GROUPS = "/CAServicesV3/blockNumberGroupV2.php"
EARLY = (f"PATCH {GROUPS} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n".encode(), b"abc")
PIPELINED = (
    f"GET {GROUPS} HTTP/1.1\r\nHost: x\r\n\r\n"
    f"POST {GROUPS} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Give a server that waits a second for a request."""
    with ServerProcess(tmp_path_factory.mktemp("quick"), request_timeout_s=1) as server:
        yield server


def until_closed(server: ServerProcess, request: bytes) -> bytes:
    """Send `request` and read until the server hangs up."""
    address = urlsplit(server.address)
    with socket.create_connection((address.hostname, address.port), PATIENCE_S) as client:
        client.sendall(request)
        received = b""
        while more := client.recv(65536):
            received += more
    return received


def test_a_body_that_ends_after_its_answer_leaves_no_open_connection(quick: ServerProcess) -> None:
    """The answer came early, for another method; what follows does not keep the line."""
    address = urlsplit(quick.address)
    with socket.create_connection((address.hostname, address.port), PATIENCE_S) as client:
        client.sendall(EARLY[0])
        answer = b""
        while not answer.endswith(b"}"):
            answer += client.recv(65536)
        client.sendall(EARLY[1])
        assert client.recv(65536) == b""


def test_a_request_behind_another_has_its_time_too(quick: ServerProcess) -> None:
    """It came in one segment with the first, and its body never comes."""
    received = until_closed(quick, PIPELINED)
    assert b" 405 " in received
    assert b" 408 " in received


def test_a_large_body_has_time_for_each_part(quick: ServerProcess) -> None:
    """It takes longer than a request may, but comes all the time; then it stops."""
    address = urlsplit(quick.address)
    with socket.create_connection((address.hostname, address.port), PATIENCE_S) as client:
        client.sendall(f"POST {GROUPS} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n".encode())
        client.sendall(b"Authorization: Basic eDp5\r\n\r\n")
        began = monotonic()
        while monotonic() - began < 2:
            client.sendall(b"a" * PART)
            sleep(0.25)
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(PATIENCE_S)
        assert b" 408 " in client.recv(65536)


@pytest.mark.parametrize("start", [b"\r\nGET /", b"M-SEARCH /", b"GET", b"get /"])
def test_what_does_not_begin_like_a_request_is_bounded(tmp_path: Path, start: bytes) -> None:
    """However it begins, a line without end is cut off and held by nobody."""
    with ServerProcess(tmp_path) as server:
        assert server.is_well()
        before = server.peak_memory_mb()
        send_without_end(server, start)
        assert server.is_well()
        assert server.peak_memory_mb() - before < MEGABYTES / 2


def send_without_end(server: ServerProcess, start: bytes) -> None:
    """Send a line of many megabytes, or as much of it as the server takes."""
    address = urlsplit(server.address)
    with socket.create_connection((address.hostname, address.port), PATIENCE_S) as client:
        try:
            client.sendall(start)
            deadline = monotonic() + PATIENCE_S
            for _ in range(MEGABYTES):
                assert monotonic() < deadline
                client.sendall(b"a" * 2**20)
        except (BrokenPipeError, ConnectionResetError):
            return
