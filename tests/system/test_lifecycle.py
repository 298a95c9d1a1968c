"""From the first start to the last signal: the banner, the demo, refusals to start, the drain."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.system.client import PHONES, SAVED
from tests.system.server_process import (
    PATIENCE_S,
    ServerProcess,
    command,
    environment,
    ringfence,
    run_ringfence,
    store_url,
    wait_until,
)
from tests.system.stores import opened, rows

PHONE_SAVED = f'{{"status":"success","message":"{SAVED}"}}'
GROUP_CREATED = (
    '{"status":"success","message":"created",'
    '"input":{"name":"Spam","description":"Spam callers",'
    '"blockNumbers":["9812345678,9812345679"]},'
    '"output":{"affectedRows":1,"lastInsertId":1,'
    '"succes":["+919812345678","+919812345679"],"error":[]}}'
)

# A server that does not wait for its callers would be gone by then.
NOTICEABLE_S = 0.7

# SIGTERM, sent by the process to itself just as the HTTP server is about to be made.
STOPPED_WHILE_STARTING = """
import os, signal, sys
import uvicorn

make = uvicorn.Server.__init__

def make_late(self, *arguments, **options):
    os.kill(os.getpid(), signal.SIGTERM)
    make(self, *arguments, **options)

uvicorn.Server.__init__ = make_late
from ringfence.cli.main import main
main()
"""


def test_the_banner_of_an_empty_store_shows_the_demo(server: ServerProcess) -> None:
    """Address, user name, key and two curl lines: all that a first try needs."""
    curls = [line for line in server.banner.splitlines() if line.startswith("  curl ")]
    assert server.banner.splitlines()[0] == f"Ringfence is listening on {server.address}"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.address)
    assert server.account.user_name == "demo"
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,}", server.account.key)
    assert len(curls) == server.banner.count("curl") == 2
    assert all(server.address in line and server.account.key in line for line in curls)


def test_the_banner_comes_through_a_pipe(server: ServerProcess) -> None:
    """A supervisor reads it while the server runs, though standard output is no terminal."""
    assert server.banner.endswith("\n")
    assert server.process.poll() is None


def test_the_curl_lines_work_as_pasted(folder: Path) -> None:
    """Each line of the banner, pasted into a shell, gets the contract's answer."""
    with ServerProcess(folder) as server:
        lines = [line for line in server.banner.splitlines() if "curl " in line]
        answers = [pasted(line, folder) for line in lines]
    assert answers == [PHONE_SAVED, GROUP_CREATED]


def test_a_second_start_makes_no_second_demo(folder: Path) -> None:
    """On a store with an account nothing is made and no key is shown; the old key still works."""
    with ServerProcess(folder) as first:
        account = first.account
        assert first.stop() == 0
    with ServerProcess(folder) as second, second.client(account) as client:
        assert second.banner == f"Ringfence is listening on {second.address}\n"
        assert client.phone("create", phoneName="Desk", phoneNumber="8041234567").message == SAVED
    assert rows(second.store, "select user_name from account") == [("demo",)]


def test_no_demo_makes_no_account(folder: Path) -> None:
    """The banner says how to make an account instead."""
    with ServerProcess(folder, "--no-demo") as server:
        hint = "There are no accounts yet; make one with: ringfence account create NAME"
        assert server.banner.splitlines() == [f"Ringfence is listening on {server.address}", hint]
    assert rows(server.store, "select * from account") == []


def test_healthz_says_ok(server: ServerProcess) -> None:
    """A prober needs no account."""
    answer = server.request("GET", "/healthz")
    assert (answer.status, answer.content) == (200, {"status": "ok"})


def test_a_taken_port_is_refused_before_a_demo_is_made(folder: Path) -> None:
    """A demo key made then would never be seen again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run_ringfence(folder, "serve", "--port", str(port))
    assert_refused(refused, f"cannot listen on 127.0.0.1 port {port}")
    assert refused.stdout == ""
    with ServerProcess(folder) as server:
        assert server.account.user_name == "demo"


def test_a_store_of_a_newer_ringfence_is_refused(folder: Path) -> None:
    """An old server must not write into a schema that it does not know."""
    ringfence(folder, "account", "create", "demo")
    with opened(store_url(folder)) as store:
        store.rows("insert into schema_migration values (9999, '9999_post_later.sql', 0)")
    refused = run_ringfence(folder, "serve", "--port", "0")
    assert_refused(refused, "schema 9999")


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    """A wrong path must not cost its owner a file."""
    letter = b"Dear all, this is no database.\n" * 200
    (tmp_path / "ringfence.db").write_bytes(letter)
    refused = run_ringfence(tmp_path, "serve", "--port", "0")
    assert_refused(refused, "not a database")
    assert (tmp_path / "ringfence.db").read_bytes() == letter


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A file stands where a directory would have to be made."""
    (tmp_path / "file").touch()
    refused = run_ringfence(tmp_path / "file" / "below", "serve", "--port", "0", cwd=tmp_path)
    assert_refused(refused, "cannot be made")


def test_a_directory_in_place_of_the_store_is_refused(tmp_path: Path) -> None:
    """The path names a directory."""
    (tmp_path / "ringfence.db").mkdir()
    assert_refused(run_ringfence(tmp_path, "serve", "--port", "0"), "ringfence.db")


def test_sigterm_ends_an_idle_server_at_once(folder: Path) -> None:
    """A caller that keeps its connection does not hold the server up."""
    with ServerProcess(folder) as server, server.client() as client:
        assert client.phone("create", phoneName="Desk", phoneNumber="8041234567").message == SAVED
        assert server.stop() == 0
        assert server.later_output() == ""


def test_sigterm_while_a_body_is_on_its_way_lets_it_be_answered(folder: Path) -> None:
    """What was begun before SIGTERM is finished, stored and answered; then the exit is clean."""
    with ServerProcess(folder) as server, begun_request(server) as (connection, body):
        begin_to_stop(server)
        connection.sendall(body)
        assert read_all(connection).endswith(PHONE_SAVED.encode())
        assert server.wait() == 0
    assert rows(server.store, "select name from phone_number") == [("Front.Desk",)]


def test_sigterm_while_a_write_waits_lets_it_be_answered(folder: Path) -> None:
    """Another process holds the database; the write waits for it, and the server for the write."""
    with (
        ServerProcess(folder, busy_timeout_s=PATIENCE_S, postgres_timeout_s=PATIENCE_S) as server,
        begun_request(server) as (connection, body),
    ):
        with opened(server.store) as other:
            other.lock()
            connection.sendall(body)
            begin_to_stop(server)
        assert read_all(connection).endswith(PHONE_SAVED.encode())
        assert server.wait() == 0


def test_sigterm_with_half_a_request_open_ends_after_the_drain_time(folder: Path) -> None:
    """A caller that never finishes its request cannot keep the server alive."""
    with ServerProcess(folder, drain_timeout_s=1) as server, begun_request(server):
        assert server.stop() == 0


def test_sigterm_is_heeded_while_the_server_is_still_starting(folder: Path) -> None:
    """A supervisor that changes its mind early must not be ignored."""
    script = [sys.executable, "-c", STOPPED_WHILE_STARTING, *command(folder, "serve")[3:]]
    started = subprocess.Popen(
        [*script, "--port", "0"], cwd=folder, env=environment(), stdout=subprocess.DEVNULL
    )
    try:
        assert started.wait(PATIENCE_S / 3) in {0, -15}
    finally:
        started.kill()
        started.wait(PATIENCE_S)


def pasted(line: str, folder: Path) -> str:
    """Return what a line prints that is pasted into a shell."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    shell = ["bash", "-c", line]
    done = subprocess.run(shell, env=clean, capture_output=True, timeout=PATIENCE_S, check=True)
    return done.stdout.decode()


def assert_refused(done: subprocess.CompletedProcess[str], reason: str) -> None:
    """Check that a command failed with one line that gives the reason."""
    assert done.returncode == 2, done
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("ringfence: ")
    assert reason in done.stderr


@contextmanager
def begun_request(server: ServerProcess) -> Iterator[tuple[socket.socket, bytes]]:
    """Begin a request up to its body, which is given back; the server is known to wait for it."""
    fields = {"phoneName": "Front.Desk", "phoneNumber": "+918041234567", "action": "create"}
    account = server.account
    named = {**fields, "userName": account.user_name, "apiKey": account.key}
    body = urlencode(named).encode()
    head = (
        f"POST {PHONES} HTTP/1.1\r\nHost: ringfence\r\nExpect: 100-continue\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((server.host, server.port), PATIENCE_S) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        yield connection, body


def begin_to_stop(server: ServerProcess) -> None:
    """Send SIGTERM, and see that the server takes no new callers but waits for the old ones."""
    server.terminate()
    wait_until(lambda: not is_listening(server), "the server takes no new connections")
    with pytest.raises(subprocess.TimeoutExpired):
        server.process.wait(NOTICEABLE_S)


def is_listening(server: ServerProcess) -> bool:
    """Whether the server still takes new connections."""
    with suppress(OSError), socket.create_connection((server.host, server.port), PATIENCE_S):
        return True
    return False


def read_all(connection: socket.socket) -> bytes:
    """Return what comes until the server hangs up."""
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


def test_a_hang_up_before_it_serves_does_not_end_it(folder: Path) -> None:
    """`systemctl reload` may come before the server is ready for it."""
    words = command(folder, "serve", "--port", "0", "--no-demo")
    with subprocess.Popen(words, cwd=folder, env=environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            started = f"/proc/{process.pid}/status"
            wait_until(lambda: ignores_hang_up(Path(started)), "it ignores the signal")
            process.send_signal(signal.SIGHUP)
            assert process.stdout.readline().startswith(b"Ringfence is listening on ")
        finally:
            process.terminate()
        assert process.wait(PATIENCE_S) == 0


def ignores_hang_up(status: Path) -> bool:
    """Whether the kernel drops SIGHUP for a process, or it has an answer of its own."""
    masks = re.findall(r"^Sig(?:Ign|Cgt):\s*([0-9a-f]+)$", status.read_text("utf-8"), re.MULTILINE)
    return any(int(mask, 16) & 1 << (signal.SIGHUP - 1) for mask in masks)
