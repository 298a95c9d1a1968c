"""A key is shown once, in the banner, a token in one answer; from then on nowhere, in no file."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast
from urllib.parse import urlencode

import pytest
from structlog.testing import capture_logs

from ringfence.app import create_app
from ringfence.config import Settings
from ringfence.store import OpenStore
from tests import asgi
from tests.system.client import (
    GROUPS,
    NEW_CREATE,
    NEW_METHODS,
    NEW_PHONES,
    NEW_TOKEN,
    PHONES,
    Account,
    exchange,
)
from tests.system.conftest import MakeFolder
from tests.system.server_process import PATIENCE_S, ServerProcess, ringfence
from tests.system.stores import bytes_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"]


@dataclass(frozen=True)
class Session:
    """All that a server and its callers left behind."""

    account: Account
    tokens: Sequence[str]
    answers: Sequence[str]
    logs: str
    banner: str
    later_output: str
    stored: Sequence[bytes]


@pytest.fixture(scope="module")
def session(make_folder: MakeFolder) -> Iterator[Session]:
    """Use right and wrong keys in every place where a caller may put one, then stop the server."""
    folder = make_folder()
    with ServerProcess(folder, auth_delay_max_s=0, log_level="debug") as server:
        account = server.account
        answers = [
            *(use_everywhere(server, account)),
            *(use_everywhere(server, Account(account.user_name, account.key[::-1]))),
            *(use_everywhere(server, Account(account.key, account.user_name))),
        ]
        tokens = [get_token(server) for _ in range(2)]
        for mode in ("key", "token"):
            ringfence(folder, "account", "set", account.user_name, "--api-authentication", mode)
            answers += [answer for token in tokens for answer in use_newer(server, token)]
        answers += [get_refused(server) for _ in range(10)]
        # While the server runs, the newest records are only in the file beside the database.
        stored = [bytes_of(server.store)]
        assert server.stop() == 0
        stored.append(bytes_of(server.store))
        later = server.later_output()
        yield Session(account, tokens, answers, server.logs(), server.banner, later, stored)


def get_token(server: ServerProcess) -> str:
    """Return a token of the demo account: the one answer that may show one."""
    with server.client() as client:
        answer = client.newer("POST", NEW_TOKEN)
    token = str(answer.content["token"])
    assert token not in str(answer.headers)
    assert server.account.key not in answer.whole()
    return token


def get_refused(server: ServerProcess) -> str:
    """Ask for a token by a wrong key."""
    with server.client() as client:
        wrong = {"apiKey": server.account.key[::-1]}
        return client.newer("POST", NEW_TOKEN, wrong).whole()


def use_newer(server: ServerProcess, token: str) -> Iterator[str]:
    """Send a key and a token in every place of the newer door."""
    name, key = server.account.user_name, server.account.key
    fields = {"action": "get", "phoneName": "Front.Desk", "name": "New", "description": "New"}
    proofs = [
        {"apiKey": key},
        {"apiKey": key[::-1]},
        {"apiKey": token},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"Bearer {key}"},
        {"Authorization": token},
    ]
    sent = [
        json.dumps({"userName": name, **fields, "apiKey": key, "token": token}).encode(),
        json.dumps({"userName": token, **fields}).encode(),
        json.dumps({"userName": key, **fields}).encode(),
        f'{{"userName":"{key}","token":"{token}",'.encode(),
    ]
    query = urlencode({"userName": key, "apiKey": key, "token": token, "Authorization": token})
    for path in NEW_METHODS.keys() - {NEW_TOKEN}:
        for method in METHODS:
            for body in sent:
                headers = proofs[len(body) % len(proofs)]
                yield server.request(method, f"{path}?{query}", body, headers).whole()
        for headers in proofs:
            yield server.request(NEW_METHODS[path][0], path, sent[0], headers).whole()


def use_everywhere(server: ServerProcess, account: Account) -> Iterator[str]:
    """Send a user name and a key in every way that callers know or mistake for one."""
    named = {"userName": account.user_name, "apiKey": account.key}
    wanted = {"action": "create", "phoneName": "Front.Desk", "phoneNumber": "8041234567"}
    group = {"name": "Spam", "description": "Spam callers", "blockNumbers": "9812345678"}
    query, form = urlencode({**wanted, **named}), urlencode({**group, **named}).encode()
    for method in METHODS:
        yield server.request(method, f"{PHONES}?{query}").whole()
        yield server.request(method, GROUPS, form, {**account.basic, **FORM}).whole()
        yield server.request(method, f"/nothing?{query}", None, account.basic).whole()
    for headers, body in (
        (FORM, urlencode({**wanted, **named}).encode()),
        (JSON, json.dumps({**wanted, **named}).encode()),
        (JSON, f'{{"apiKey":"{account.key}",'.encode()),
    ):
        yield server.request("POST", PHONES, body, headers).whole()
        yield server.request("POST", GROUPS, body, {**account.basic, **headers}).whole()
    for authorization in (f"Bearer {account.key}", f"Basic {account.key}", account.credentials):
        headers = {"Authorization": authorization, "apiKey": account.key, **FORM}
        yield server.request("POST", GROUPS, form, headers).whole()
    yield server.request("GET", f"{PHONES}?{query}&skill={'x' * 70_000}").whole()
    broken = f"GET {PHONES}?{query} HTTP/1.1\r\nAuthorization: {account.credentials}\r\n:\r\n\r\n"
    received = exchange(server.host, server.port, broken.encode(), timeout_s=PATIENCE_S)
    yield received.decode("latin-1")


def secrets_of(session: Session) -> set[str]:
    """Return all keys and credentials, right and wrong ones, with their Base64, and all tokens."""
    account = session.account
    signatures = {token.rpartition(".")[2] for token in session.tokens}
    keys = [account.key, account.key[::-1]]
    pairs = [(account.user_name, key) for key in keys] + [(account.key, account.user_name)]
    return {
        *keys,
        *signatures,
        *(encoded(key) for key in keys),
        *(encoded(f"{user_name}:{key}") for user_name, key in pairs),
    }


def encoded(text: str) -> str:
    """Return the Base64 of a text, without the end that depends on what follows."""
    return base64.b64encode(text.encode()).decode().rstrip("=")


def test_the_session_was_a_real_one(session: Session) -> None:
    """Some requests were let in and some refused, and every kind left its line in the log."""
    told = "".join(session.answers)
    assert "record inserted successfully" in told
    assert '"message":"created"' in told
    assert "userName or apiKey not valid" in told
    assert "Authentication failed" in told
    assert "Token Expired" in told
    assert "Invalid Token" in told
    assert '{"phoneNumber":"8041234567","phoneName":"Front.Desk"}' in told
    assert session.logs.count('"request_id"') > len(session.answers) / 2


def test_no_answer_shows_a_key(session: Session) -> None:
    """Neither a body nor a header of any answer."""
    shown = [a for a in session.answers if any(s in a for s in secrets_of(session))]
    assert shown == []


def test_no_log_line_shows_a_key(session: Session) -> None:
    """Standard error has one line a request, and no credential, right or wrong."""
    secrets = secrets_of(session)
    shown = [line for line in session.logs.splitlines() if any(s in line for s in secrets)]
    assert shown == []


def test_only_the_banner_shows_the_key(session: Session) -> None:
    """Once by itself and once in each of the two lines to try; then never again."""
    assert session.banner.count(session.account.key) == 3
    assert session.later_output == ""


def test_nothing_that_is_stored_shows_a_key(session: Session) -> None:
    """No row, no byte of SQLite's files and journal, neither while the server runs nor after."""
    assert session.stored
    for secret in secrets_of(session):
        assert not any(secret.encode() in file for file in session.stored)


@pytest.mark.parametrize("sign", ["&", "%3F", "/", ";"])
def test_a_mistyped_query_shows_no_key(folder: Path, sign: str) -> None:
    """Where the question mark is missing, all of the query is path: neither told nor logged."""
    with ServerProcess(folder) as server:
        account = server.account
        target = account.phone_target("create", phoneName="Desk", phoneNumber="8041234567")
        answer = server.request("GET", target.replace("?", sign))
        assert server.stop() == 0
    assert answer.status == 404
    assert account.key not in answer.whole()
    assert account.key not in server.logs()


class BrokenStore:
    """A store that does all that a store does, but fails to read in a way nobody foresaw."""

    def __init__(self, store: OpenStore, words: str) -> None:
        self._store = store
        self._words = words

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the store has
        """Return what the working store has."""
        return getattr(self._store, name)

    def read(self, _: object) -> NoReturn:
        """Fail, and say too much."""
        raise RuntimeError(f"cannot read with {self._words}") from KeyError(self._words)


ACCOUNT = Account("marigold", "rf_once-Shown_never-Again")
SWAPPED = Account(ACCOUNT.key, ACCOUNT.user_name)
NAMED = json.dumps({"userName": ACCOUNT.user_name}).encode()
CREDENTIALS = {"userName": ACCOUNT.user_name, "apiKey": ACCOUNT.key}
FAILING: dict[str, tuple[str, str, dict[str, str], bytes]] = {
    "query": ("GET", ACCOUNT.phone_target("create"), {}, b""),
    "query of a POST": ("POST", ACCOUNT.phone_target("create"), FORM, b"phoneName=Front.Desk"),
    "form": ("POST", PHONES, FORM, urlencode(CREDENTIALS).encode()),
    "Basic": ("POST", GROUPS, {**ACCOUNT.basic, **FORM}, b""),
    "user name of a query": ("GET", SWAPPED.phone_target("create"), {}, b""),
    "user name of Basic": ("POST", GROUPS, {**SWAPPED.basic, **FORM}, b""),
    "header": ("POST", NEW_PHONES, {"apiKey": ACCOUNT.key}, NAMED),
    "bearer": ("POST", NEW_CREATE, {"Authorization": f"Bearer {ACCOUNT.key}"}, NAMED),
    "header for a token": ("POST", NEW_TOKEN, {"apiKey": ACCOUNT.key}, NAMED),
    "user name of JSON": ("POST", NEW_PHONES, {}, json.dumps({"userName": ACCOUNT.key}).encode()),
    "user name of a look-up": ("GET", f"{NEW_PHONES}?userName={ACCOUNT.key}", {}, b""),
    "user name for a token": (
        "POST",
        NEW_TOKEN,
        {},
        json.dumps({"userName": ACCOUNT.key}).encode(),
    ),
}


def fail(store: OpenStore, place: str, words: str) -> tuple[asgi.Answer, str]:
    """Return the answer to a request that meets a broken store, and what was logged."""
    method, target, headers, body = FAILING[place]
    options: dict[str, Any] = {"auth_delay_max_s": 0}
    app = create_app(cast("OpenStore", BrokenStore(store, words)), Settings(**options))
    with capture_logs() as logged:
        answer = asgi.call(app, method, target, list(headers.items()), body)
    return answer, repr(logged)


def test_an_unexpected_failure_is_answered_with_its_id(store: OpenStore) -> None:
    """The caller learns nothing but the id under which the log tells more."""
    answer, logged = fail(store, "query", "nothing secret")
    content = json.loads(answer.body)
    assert answer.status == 500
    assert answer.header("Content-Type") == "application/json"
    assert list(content) == ["status", "message", "request_id"]
    assert (content["status"], content["message"]) == ("error", "internal error")
    assert content["request_id"] == answer.header("X-Request-ID")
    assert content["request_id"] in logged


@pytest.mark.parametrize("place", FAILING)
def test_the_traceback_of_a_failure_is_logged_without_the_key(store: OpenStore, place: str) -> None:
    """Whatever the exception says, wherever the caller put the key."""
    answer, logged = fail(store, place, f"the key {ACCOUNT.key}")
    assert answer.status == 500
    assert "Traceback (most recent call last)" in logged
    assert "cannot read with" in logged
    assert ACCOUNT.key not in logged + repr(answer)


def test_the_traceback_of_a_failure_is_logged_without_credentials(store: OpenStore) -> None:
    """The Base64 of HTTP Basic is the key in other letters."""
    answer, logged = fail(store, "Basic", f"header {ACCOUNT.credentials}")
    assert "cannot read with" in logged
    assert ACCOUNT.credentials not in logged + repr(answer)
