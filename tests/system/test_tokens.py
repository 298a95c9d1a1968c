"""Tokens of a served store: from when they hold, what ends them, and what wrong ones cost."""

import json
from pathlib import Path
from time import monotonic

import pytest

from tests.system.client import NEW_DELETE, NEW_PHONES, NEW_TOKEN, Account, Answer, Client
from tests.system.server_process import ServerProcess, ringfence

TOKEN_MODE = ("--api-authentication", "token")
REFUSED = {
    NEW_PHONES: {"status": "error", "message": "userName or apiKey not valid"},
    NEW_TOKEN: {"status": "false", "message": "Invalid userName or apiKey", "data": None},
}


def make(folder: Path, *options: str) -> Account:
    """Make the account acme."""
    printed = ringfence(folder, "account", "create", "acme", *options, "--json")
    return Account("acme", json.loads(printed)["apiKey"])


def try_token(client: Client, token: str) -> str:
    """Return what the newer door says to a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return str(client.newer("DELETE", NEW_DELETE, headers, blockNumbers="9812345678").message)


def test_a_setting_changed_now_holds(folder: Path) -> None:
    """From the next request on, there and back; a token given before is good then."""
    account = make(folder)
    with ServerProcess(folder) as server, server.client(account, kept=False) as client:
        token = client.token()
        assert try_token(client, token) == "Api Key Should Not be Null or Empty."
        ringfence(folder, "account", "set", "acme", *TOKEN_MODE)
        assert try_token(client, token) == "deleted"
        by_key = client.newer("DELETE", NEW_DELETE, blockNumbers="9812345678")
        assert (by_key.status, by_key.message) == (401, "Token Should Not be Null or Empty.")
        ringfence(folder, "account", "set", "acme", "--api-authentication", "key")
        assert client.newer("DELETE", NEW_DELETE, blockNumbers="9812345678").message == "deleted"


def test_a_key_revoked_now_ends_its_token(folder: Path) -> None:
    """Whoever has a key that he should not have may have made one."""
    account = make(folder, *TOKEN_MODE)
    with ServerProcess(folder) as server, server.client(account, kept=False) as client:
        token = client.token()
        assert try_token(client, token) == "deleted"
        ringfence(folder, "key", "revoke", "acme", "1")
        assert try_token(client, token) == "Token Expired"


def test_tokens_outlive_a_crash(folder: Path) -> None:
    """The live one lets in, and those that were given count on."""
    account = make(folder, *TOKEN_MODE)
    with ServerProcess(folder) as server, server.client(account) as client:
        tokens = [client.token() for _ in range(10)]
        server.kill()
    with ServerProcess(folder) as server, server.client(account) as client:
        assert try_token(client, tokens[-1]) == "deleted"
        assert try_token(client, tokens[0]) == "Token Expired"
        refused = client.newer("POST", NEW_TOKEN)
        assert (refused.status, refused.message) == (429, "Max limit exceeded")
        assert try_token(client, tokens[-1]) == "deleted"


@pytest.mark.parametrize("path", REFUSED)
def test_repeated_wrong_keys_are_answered_later_with_the_same_text(folder: Path, path: str) -> None:
    """As on the older doors."""
    with (
        ServerProcess(folder, auth_delay_max_s=0.3) as server,
        server.client(Account("demo", "rf_wrong")) as client,
    ):
        answers = [client.newer("POST", path) for _ in range(9)]
        assert seconds(answers, client, path) >= 0.25
    assert [answer.content for answer in answers] == [REFUSED[path]] * 10


def test_repeated_wrong_tokens_are_answered_later(folder: Path) -> None:
    """The right one never waits."""
    account = make(folder, *TOKEN_MODE)
    with (
        ServerProcess(folder, auth_delay_max_s=0.5) as server,
        server.client(account) as client,
    ):
        token = client.token()
        told = [try_token(client, "wrong") for _ in range(9)]
        started = monotonic()
        told.append(try_token(client, "wrong"))
        assert monotonic() - started >= 0.45
        assert set(told) == {"Invalid Token"}
        assert any(is_quick(client, token) for _ in range(5))


def seconds(answers: list[Answer], client: Client, path: str) -> float:
    """Ask once more and return how long the answer took."""
    started = monotonic()
    answers.append(client.newer("POST", path))
    return monotonic() - started


def is_quick(client: Client, token: str) -> bool:
    """Whether a right token is answered at once."""
    started = monotonic()
    assert try_token(client, token) == "deleted"
    return monotonic() - started < 0.4
