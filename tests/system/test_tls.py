"""HTTPS: refusals to start, the banner, the bounds on clients, the renewal of the certificate."""

import os
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

import pytest

from ringfence.http.handshakes import TOLD_TO_WAIT
from tests.system.certificate_files import CertificateFiles, encrypted, replace
from tests.system.client import PHONES, SAVED
from tests.system.server_process import PATIENCE_S, ServerProcess, run_ringfence, wait_until
from tests.system.test_lifecycle import (
    GROUP_CREATED,
    PHONE_SAVED,
    assert_refused,
    begin_to_stop,
    pasted,
)

ASK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
UNUSABLE = "the renewed certificate cannot be used"


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    """Give a certificate for 127.0.0.1."""
    return CertificateFiles(tmp_path)


@contextmanager
def serving(folder: Path, files: CertificateFiles, **settings: object) -> Iterator[ServerProcess]:
    """Run a server that speaks HTTPS; it leaves no traceback in the log, whatever happens."""
    with ServerProcess(folder, *files.flags, tls=files.trust(), **settings) as server:
        yield server
    assert "Traceback" not in server.logs()
    assert "eof_received" not in server.logs()


def connected(server: ServerProcess, files: CertificateFiles) -> ssl.SSLSocket:
    """Return a connection after its handshake."""
    plain = socket.create_connection((server.host, server.port), PATIENCE_S)
    return files.trust().wrap_socket(plain, server_hostname=server.host)


def shown(server: ServerProcess, files: CertificateFiles) -> bytes:
    """Return the certificate that a new connection is shown."""
    with connected(server, files) as client:
        return ssl.DER_cert_to_PEM_cert(client.getpeercert(binary_form=True) or b"").encode()


def same(certificate: bytes, pem: bytes) -> bool:
    """Whether two texts are of one certificate, however their lines are broken."""
    return ssl.PEM_cert_to_DER_cert(certificate.decode()) == ssl.PEM_cert_to_DER_cert(pem.decode())


def is_well(client: ssl.SSLSocket) -> bool:
    """Whether an open connection still gets its answers."""
    client.sendall(ASK)
    received = b""
    while not received.endswith(b"}"):
        part = client.recv(65536)
        if not part:
            return False
        received += part
    return received.endswith(b'{"status":"ok"}')


def cut_off_after_s(client: socket.socket) -> float:
    """Return after how long the server hangs up."""
    started = monotonic()
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        pass
    return monotonic() - started


def test_the_wire_is_answered_in_https(tmp_path: Path, files: CertificateFiles) -> None:
    """To a client that verifies, with TLS 1.2 or newer."""
    with serving(tmp_path, files) as server, server.client() as client:
        assert server.address.startswith("https://127.0.0.1:")
        assert client.phone("create", phoneName="Desk", phoneNumber="8041234567").message == SAVED
        with connected(server, files) as connection:
            assert connection.version() in {"TLSv1.2", "TLSv1.3"}
        old = files.trust()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection((server.host, server.port), PATIENCE_S) as plain,
            pytest.raises(ssl.SSLError),
        ):
            old.wrap_socket(plain, server_hostname=server.host)


def test_the_curl_lines_work_as_pasted(tmp_path: Path, files: CertificateFiles) -> None:
    """The certificate's own file is what curl needs; nothing is left unverified."""
    with serving(tmp_path, files) as server:
        lines = [line for line in server.banner.splitlines() if "curl " in line]
        assert all(f"--cacert {files.certificate}" in line for line in lines)
        assert "--insecure" not in server.banner
        assert [pasted(line, tmp_path) for line in lines] == [PHONE_SAVED, GROUP_CREATED]


def test_the_curl_lines_work_with_a_certificate_for_another_name(tmp_path: Path) -> None:
    """The banner says why they verify nothing."""
    with serving(tmp_path, CertificateFiles(tmp_path, "calls.example")) as server:
        lines = [line for line in server.banner.splitlines() if "curl " in line]
        assert all("curl --insecure" in line for line in lines)
        assert "certificate is not valid for '127.0.0.1'" in server.banner
        assert [pasted(line, tmp_path) for line in lines] == [PHONE_SAVED, GROUP_CREATED]


@pytest.mark.parametrize("missing", ["--tls-cert", "--tls-key"])
def test_one_without_the_other_is_refused(
    tmp_path: Path, files: CertificateFiles, missing: str
) -> None:
    """It would be served in plain HTTP otherwise."""
    start = files.flags.index(missing)
    flags = files.flags[:start] + files.flags[start + 2 :]
    refused = run_ringfence(tmp_path, "serve", "--port", "0", *flags)
    assert_refused(refused, "tls_cert and tls_key are given both or neither")


def test_files_that_cannot_be_used_are_refused(tmp_path: Path, files: CertificateFiles) -> None:
    """With the file and the reason, and before a demo account is made."""
    certificate, key = files.issue()
    mine = files.certificate.read_bytes(), files.key.read_bytes()
    for content, reason in (
        ((None, mine[1]), f"{files.certificate}: No such file or directory"),
        ((mine[0], None), f"{files.key}: No such file or directory"),
        ((mine[0][:300], mine[1]), f"{files.certificate} is no certificate in PEM form"),
        ((b"\xff\x00", mine[1]), f"{files.certificate} is no certificate in PEM form"),
        ((mine[0], mine[1][:90]), f"{files.key} is no private key in PEM form"),
        ((mine[0], key), f"{files.key} does not belong to the certificate"),
        ((certificate, mine[1]), f"{files.key} does not belong to the certificate"),
        ((mine[0], encrypted(mine[1])), f"{files.key} is encrypted"),
    ):
        for path, part in zip((files.certificate, files.key), content, strict=True):
            path.unlink(missing_ok=True) if part is None else path.write_bytes(part)
        refused = run_ringfence(tmp_path, "serve", "--port", "0", *files.flags)
        assert_refused(refused, reason)
        assert refused.stdout == ""
    assert not (tmp_path / "ringfence.db").exists()


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, files: CertificateFiles) -> None:
    """A directory is refused to everybody, root too."""
    files.key.unlink()
    files.key.mkdir()
    refused = run_ringfence(tmp_path, "serve", "--port", "0", *files.flags)
    assert_refused(refused, f"{files.key}: Is a directory")


def test_a_renewed_file_is_taken(tmp_path: Path, files: CertificateFiles) -> None:
    """By itself, within seconds, and open connections notice nothing."""
    with serving(tmp_path, files) as server, connected(server, files) as before:
        assert is_well(before)
        renewed = files.renew()
        wait_until(
            lambda: is_well(before) and same(shown(server, files), renewed), "the new one is shown"
        )
        assert is_well(before)
        assert UNUSABLE not in server.logs()


def test_sighup_takes_a_renewed_file_at_once(tmp_path: Path, files: CertificateFiles) -> None:
    """Under open connections, and before anything looks at the files by itself."""
    with serving(tmp_path, files) as server, connected(server, files) as before:
        for _ in range(3):
            renewed = files.renew()
            logged = server.logs().count("certificate loaded")
            server.process.send_signal(signal.SIGHUP)
            wait_until(
                lambda seen=logged: server.logs().count("certificate loaded") > seen,  # type: ignore[misc]
                "it is loaded",
            )
            assert same(shown(server, files), renewed)
            assert is_well(before)


def test_a_bad_renewal_keeps_the_old_certificate(tmp_path: Path, files: CertificateFiles) -> None:
    """One warning a change gives the reason; the next good change is taken."""
    first = files.certificate.read_bytes()
    with serving(tmp_path, files) as server:
        certificate, key = files.issue()
        replace(files.certificate, certificate[:200])
        wait_until(lambda: server.logs().count(UNUSABLE) == 1, "the half file is noticed")
        assert same(shown(server, files), first)
        replace(files.certificate, certificate)
        wait_until(lambda: server.logs().count(UNUSABLE) == 2, "the wrong key is noticed")
        assert "does not belong to the certificate" in server.logs()
        assert same(shown(server, files), first)
        replace(files.key, key)
        wait_until(lambda: same(shown(server, files), certificate), "the new one is shown")
        assert server.logs().count(UNUSABLE) == 2


def test_sighup_with_a_bad_renewal_keeps_the_old_certificate(
    tmp_path: Path, files: CertificateFiles
) -> None:
    """Whoever asked for it finds the reason in the log."""
    first = files.certificate.read_bytes()
    with serving(tmp_path, files) as server:
        files.key.unlink()
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: UNUSABLE in server.logs(), "it is noticed")
        assert f"{files.key}: No such file or directory" in server.logs()
        assert same(shown(server, files), first)


def test_without_tls_sighup_is_only_noted(tmp_path: Path) -> None:
    """The server goes on."""
    with ServerProcess(tmp_path) as server:
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "SIGHUP" in server.logs(), "it is noted")
        assert server.is_well()


def test_a_client_that_shakes_no_hands_is_cut_off(tmp_path: Path, files: CertificateFiles) -> None:
    """Whether it says nothing or half of what it should."""
    with serving(tmp_path, files, request_timeout_s=1) as server:
        for start in (b"", b"\x16\x03\x01\x02\x00\x01\x00"):
            with socket.create_connection((server.host, server.port), PATIENCE_S) as client:
                client.sendall(start)
                assert 0.5 < cut_off_after_s(client) < 5
        assert server.is_well()


def test_a_slow_request_is_cut_off_in_tls_too(tmp_path: Path, files: CertificateFiles) -> None:
    """The bounds of a connection begin again after the handshake."""
    with (
        serving(tmp_path, files, request_timeout_s=1) as server,
        connected(server, files) as client,
    ):
        client.sendall(ASK[:10])
        assert b" 408 " in client.recv(65536)
        assert cut_off_after_s(client) < 5


def test_a_large_head_is_refused_in_tls_too(tmp_path: Path, files: CertificateFiles) -> None:
    """With the limit in the message."""
    with serving(tmp_path, files) as server, connected(server, files) as client:
        client.sendall(b"GET /" + b"x" * 70_000)
        assert b" 431 " in client.recv(65536)


def test_plain_http_is_cut_off(tmp_path: Path, files: CertificateFiles) -> None:
    """At once, and quietly."""
    with serving(tmp_path, files) as server:
        with socket.create_connection((server.host, server.port), PATIENCE_S) as client:
            client.sendall(ASK)
            assert cut_off_after_s(client) < 5
        assert server.is_well()


def test_handshakes_are_counted(tmp_path: Path, files: CertificateFiles) -> None:
    """Beyond the bound a client is hung up on; who is in already is served."""
    with serving(tmp_path, files, max_connections=4, request_timeout_s=PATIENCE_S) as server:
        with ExitStack() as stack, connected(server, files) as inside:
            address = (server.host, server.port)
            for _ in range(4 + TOLD_TO_WAIT):
                stack.enter_context(socket.create_connection(address, PATIENCE_S))
            wait_until(lambda: is_hung_up_on(address), "there is no more room")
            assert is_well(inside)
        wait_until(lambda: is_served(server), "there is room again")


def is_served(server: ServerProcess) -> bool:
    """Whether there is room for one more client."""
    with suppress(OSError):
        return server.is_well()
    return False


def is_hung_up_on(address: tuple[str, int]) -> bool:
    """Whether a new connection ends before it began."""
    with socket.create_connection(address, PATIENCE_S) as client:
        client.settimeout(0.5)
        try:
            return client.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


def test_connections_are_counted_in_tls_too(tmp_path: Path, files: CertificateFiles) -> None:
    """After its handshake a client can be told why."""
    with serving(tmp_path, files, max_connections=2) as server, ExitStack() as stack:
        for _ in range(2):
            assert is_well(stack.enter_context(connected(server, files)))
        with connected(server, files) as third:
            assert b" 503 " in third.recv(65536)


def test_clients_that_leave_leave_nothing_behind(tmp_path: Path, files: CertificateFiles) -> None:
    """In the middle of a handshake, after it, or in the middle of a request."""
    with serving(tmp_path, files, max_connections=4) as server:
        for _ in range(8):
            with socket.create_connection((server.host, server.port), PATIENCE_S) as client:
                client.sendall(b"\x16\x03\x01")
            connected(server, files).close()
            with connected(server, files) as client:
                client.sendall(ASK[:10])
        wait_until(lambda: is_served(server), "there is room")
        assert "Traceback" not in server.logs()


def test_a_client_that_says_goodbye_early_is_no_trouble(
    tmp_path: Path, files: CertificateFiles
) -> None:
    """It has sent a whole request, and ends its side before the answer."""
    with serving(tmp_path, files) as server:
        for _ in range(5):
            with connected(server, files) as client:
                client.sendall(server_target(server))
                with suppress(ssl.SSLError):  # the answer was on its way
                    client.unwrap().close()
        assert server.is_well()


def server_target(server: ServerProcess) -> bytes:
    """Return a request that the store has to be asked for."""
    target = server.account.phone_target("create", phoneName="Desk", phoneNumber="8041234567")
    return f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def test_sigterm_ends_the_server_soon(tmp_path: Path, files: CertificateFiles) -> None:
    """Neither an idle client nor one in its handshake holds it up."""
    with (
        serving(tmp_path, files) as server,
        connected(server, files) as idle,
        socket.create_connection((server.host, server.port), PATIENCE_S),
    ):
        assert is_well(idle)
        started = monotonic()
        assert server.stop() == 0
        assert monotonic() - started < 5


def test_operations_stay_in_plain_http(tmp_path: Path, files: CertificateFiles) -> None:
    """At their own address, where they tell when the certificate expires."""
    with serving(tmp_path, files, operations_listen="127.0.0.1:0") as server:
        assert server.operation("/readyz").status == 200
        metrics = server.operation("/metrics").body.decode()
        [line] = [
            line
            for line in metrics.splitlines()
            if line.startswith("ringfence_tls_certificate_expires_seconds ")
        ]
        assert float(line.split()[1]) > 1.7e9


def test_a_link_that_is_moved_is_a_renewal(tmp_path: Path, files: CertificateFiles) -> None:
    """So certificates are renewed in containers: a link to a folder goes elsewhere."""
    certificate, key = files.issue()
    for folder, content in (
        ("one", (files.certificate.read_bytes(), files.key.read_bytes())),
        ("two", (certificate, key)),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / files.certificate.name).write_bytes(content[0])
        (tmp_path / folder / files.key.name).write_bytes(content[1])
    link = tmp_path / "live"
    link.symlink_to(tmp_path / "one")
    files.certificate, files.key = link / files.certificate.name, link / files.key.name
    with serving(tmp_path, files) as server:
        (tmp_path / "next").symlink_to(tmp_path / "two")
        os.replace(tmp_path / "next", link)  # noqa: PTH105
        wait_until(lambda: same(shown(server, files), certificate), "the new one is shown")


def test_sigterm_while_a_request_is_on_its_way_lets_it_be_answered(
    tmp_path: Path, files: CertificateFiles
) -> None:
    """In TLS as in plain HTTP, up to the last byte."""
    with serving(tmp_path, files) as server, connected(server, files) as client:
        fields = {"action": "create", "phoneName": "Desk", "phoneNumber": "8041234567"}
        named = {**fields, "userName": server.account.user_name, "apiKey": server.account.key}
        body = urlencode(named).encode()
        head = (
            f"POST {PHONES} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        client.sendall(head.encode())
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        begin_to_stop(server)
        client.sendall(body)
        received = b""
        while part := client.recv(65536):
            received += part
        assert received.endswith(PHONE_SAVED.encode())
        assert server.wait() == 0
