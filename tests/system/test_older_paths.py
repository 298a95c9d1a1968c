"""A served store knows who still calls the older paths, and their answers announce the end."""

import json
from pathlib import Path
from typing import Any

from tests.system.client import GROUPS, PHONES, Account
from tests.system.server_process import ServerProcess, ringfence


def test_the_callers_of_the_older_paths_are_listed(folder: Path) -> None:
    """Those with the right credentials, whatever came of the request; across restarts."""
    key = json.loads(ringfence(folder, "account", "create", "acme", "--json"))["apiKey"]
    assert ringfence(folder, "account", "legacy") == "No account has called an older path.\n"
    for _ in range(2):
        with ServerProcess(folder, "--no-demo", auth_delay_max_s=0) as server:
            use(server, Account("acme", key))
            assert server.stop() == 0
    listed = json.loads(ringfence(folder, "account", "legacy", "--json"))
    assert all(each.pop("lastAt") for each in listed)
    assert listed == [
        {"userName": "acme", "path": PHONES, "requests": 6},
        {"userName": "acme", "path": GROUPS, "requests": 2},
    ]
    lines = ringfence(folder, "account", "legacy").splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [
        ["acme", PHONES, "6"],
        ["acme", GROUPS, "2"],
    ]


def test_the_end_is_announced(folder: Path) -> None:
    """Where the settings say so, on the older paths and on no other."""
    days: dict[str, Any] = {"legacy_deprecated_at": "2026-07-01", "legacy_sunset_at": "2027-01-01"}
    with ServerProcess(folder, auth_delay_max_s=0, **days) as server:
        answers = [server.request("GET", path) for path in (PHONES, GROUPS, "/healthz")]
    assert [answer.headers.get("deprecation") for answer in answers] == [
        "@1782864000",
        "@1782864000",
        None,
    ]
    assert answers[0].headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert answers[0].headers["link"] == '</ca_apis/PhoneManageV2>; rel="successor-version"'


def use(server: ServerProcess, account: Account) -> None:
    """Call both older paths, well and badly, and a newer one."""
    with server.client(account) as client:
        for number in ("8041234567", "8041234567", "bad"):
            client.phone("create", phoneName="Front.Desk", phoneNumber=number)
        client.block("DELETE", id=99, blockNumbers="9812345678")
    with server.client(Account("acme", "wrong")) as client:
        client.phone("create", phoneName="Front.Desk", phoneNumber="8041234567")
        client.block("DELETE", id=99, blockNumbers="9812345678")
    body = json.dumps({"userName": "acme", "blockNumbers": "9812345678"}).encode()
    server.request("DELETE", "/ca_apis/deleteBlockNumber", body, {"apiKey": account.key})
