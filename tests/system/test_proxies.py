"""Behind a proxy: whose address the request log and the delay of wrong keys see."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.system.client import GROUP_REFUSED, Account
from tests.system.server_process import ServerProcess, run_ringfence, wait_until

FAILURES = 7
"""The last of so many is answered 0.4 s late; see failure_delay.py."""


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Give a server that takes 127.0.0.1 for its proxy."""
    folder = tmp_path_factory.mktemp("proxied")
    with ServerProcess(folder, trusted_proxies="10.0.0.0/8,127.0.0.1") as server:
        yield server


def client_in_log(server: ServerProcess, path: str, forwarded: str) -> object:
    """Return the client that the log has for a request to `path`."""
    server.request("GET", path, headers={"X-Forwarded-For": forwarded})
    wait_until(lambda: path in server.logs(), f"{path} is in the log")
    return next(json.loads(line)["client"] for line in server.logs().splitlines() if path in line)


def refusal_s(server: ServerProcess, user_name: str, forwarded: str) -> float:
    """Return how long the refusal of a wrong key takes."""
    headers = {**Account(user_name, "wrong").basic, "X-Forwarded-For": forwarded}
    started = monotonic()
    answer = server.request("POST", "/CAServicesV3/blockNumberGroupV2.php", b"", headers)
    assert answer.message == GROUP_REFUSED
    return monotonic() - started


def test_the_log_has_the_client_s_address(proxied: ServerProcess) -> None:
    """Not the proxy's."""
    assert client_in_log(proxied, "/one", "198.51.100.1, 203.0.113.9, 10.0.0.3") == "203.0.113.9"


def test_the_log_has_no_text_for_an_address(proxied: ServerProcess) -> None:
    """The proxy's own stands there instead."""
    assert client_in_log(proxied, "/two", "nobody") == "127.0.0.1"


def test_without_the_setting_nobody_is_believed(server: ServerProcess) -> None:
    """That is the default."""
    assert client_in_log(server, "/three", "203.0.113.9") == "127.0.0.1"


def test_one_client_s_wrong_keys_do_not_delay_another(proxied: ServerProcess) -> None:
    """Though both come through one proxy, and each time for another user."""
    late = [refusal_s(proxied, f"user{n}", "203.0.113.50") for n in range(FAILURES)][-1]
    assert late >= 0.4
    assert refusal_s(proxied, "somebody", "203.0.113.51") < late


def test_a_setting_that_is_no_network_is_refused(tmp_path: Path) -> None:
    """In one line that names it."""
    (tmp_path / ".env").write_text("RINGFENCE_TRUSTED_PROXIES=127.0.0.1,proxy.example\n")
    refused = run_ringfence(tmp_path, "serve", "--port", "0")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert "RINGFENCE_TRUSTED_PROXIES" in refused.stderr
    assert "proxy.example" in refused.stderr
