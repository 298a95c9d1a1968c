"""Callers: the two old APIs as their clients send them, and bytes that no client sends."""

import base64
import json
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import urlencode

PHONES = "/CAServices/PhoneManageV2.php"
GROUPS = "/CAServicesV3/blockNumberGroupV2.php"

NEW_PHONES = "/ca_apis/PhoneManageV2"
NEW_CREATE = "/ca_apis/createBlockNumber"
NEW_UPDATE = "/ca_apis/updateBlockNumbers"
NEW_UPDATE_ALIAS = "/ca_apis/updateBlockNumber"
NEW_DELETE = "/ca_apis/deleteBlockNumber"
NEW_TOKEN = "/ca_apis/CAToken/generateToken"
NEW_METHODS = {
    NEW_PHONES: ("GET", "POST"),
    NEW_CREATE: ("POST",),
    NEW_UPDATE: ("PUT",),
    NEW_UPDATE_ALIAS: ("PUT",),
    NEW_DELETE: ("DELETE",),
    NEW_TOKEN: ("POST",),
}
"""The paths of the newer door, each with the methods that it has."""

SAVED = "record inserted successfully"
EXISTS = "phone_name or phone_number already exist"
PHONE_REFUSED = "userName or apiKey not valid"
GROUP_REFUSED = "Authentication failed"
MANDATORY = "Parameters are mandatory"

Headers: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Account:
    """A user name and a key."""

    user_name: str
    key: str

    @property
    def credentials(self) -> str:
        """What HTTP Basic sends after its name."""
        return base64.b64encode(f"{self.user_name}:{self.key}".encode()).decode()

    @property
    def basic(self) -> dict[str, str]:
        """The header of HTTP Basic."""
        return {"Authorization": f"Basic {self.credentials}"}

    def phone_target(self, action: str, **fields: str) -> str:
        """Return the target of a GET that manages phone numbers."""
        named = {"action": action, "apiKey": self.key, "userName": self.user_name, **fields}
        return f"{PHONES}?{urlencode(named)}"


@dataclass(frozen=True)
class Answer:
    """What came back: `headers` with their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The JSON object of the body."""
        content = json.loads(self.body)
        assert isinstance(content, dict), content
        return content

    @property
    def message(self) -> object:
        """The message, which tells what happened on this wire."""
        return self.content["message"]

    @property
    def output(self) -> dict[str, Any]:
        """What a successful write to a block number group tells."""
        output = self.content["output"]
        assert isinstance(output, dict), output
        return output

    def whole(self) -> str:
        """Return everything of the answer as one text, to search it."""
        return f"{self.status} {dict(self.headers)} {self.body.decode()}"


class Client:
    """One caller, on a connection that it keeps as long as the server does.

    The server hangs up on a caller that is quiet for some seconds; one that may be has to make a
    new connection for every request: `kept` is false. With `tls` they speak HTTPS.
    """

    def __init__(
        self,
        host: str,
        port: int,
        account: Account | None,
        timeout_s: float,
        *,
        kept: bool = True,
        tls: SSLContext | None = None,
    ) -> None:
        if tls is None:
            self._connection = HTTPConnection(host, port, timeout=timeout_s)
        else:
            self._connection = HTTPSConnection(host, port, timeout=timeout_s, context=tls)
        self._account = account
        self._kept = kept

    def __enter__(self) -> Self:
        """Connect already if the connection is kept, so that callers that race start as equals."""
        if self._kept:
            self._connection.connect()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        """Hang up."""
        self._connection.close()

    @property
    def account(self) -> Account:
        """Whose requests these are."""
        assert self._account is not None, "this caller has no account"
        return self._account

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: Headers | None = None
    ) -> Answer:
        """Send one request and read its answer."""
        self._connection.request(method, target, body, dict(headers or {}))
        response = self._connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, named, response.read())
        if not self._kept:
            self._connection.close()
        return answer

    def phone(self, action: str, **fields: str) -> Answer:
        """Create, edit or delete a phone number."""
        return self.request("GET", self.account.phone_target(action, **fields))

    def block(self, method: str, **fields: object) -> Answer:
        """Create, extend or shorten a block number group, in JSON."""
        headers = {**self.account.basic, "Content-Type": "application/json"}
        return self.request(method, GROUPS, json.dumps(fields).encode(), headers)

    def newer(
        self, method: str, path: str, headers: Headers | None = None, **fields: object
    ) -> Answer:
        """Ask the newer door, by the account's key unless `headers` bring something else."""
        sent = {"userName": self.account.user_name, **fields}
        proof = {"apiKey": self.account.key} if headers is None else headers
        body = json.dumps(sent).encode()
        return self.request(method, path, body, {"Content-Type": "application/json", **proof})

    def token(self) -> str:
        """Get a token."""
        return str(self.newer("POST", NEW_TOKEN).content["token"])


def exchange(
    host: str,
    port: int,
    *chunks: bytes,
    timeout_s: float,
    hang_up: bool = False,
    pause_s: float = 0.0,
) -> bytes:
    """Send bytes as they are and return all that comes back until the server closes.

    With `hang_up` the caller closes its sending side then. With `pause_s` the chunks are likely
    to be read one by one. A server that refuses may close while the rest is still on its way;
    what it said before that counts.
    """
    received = b""
    with socket.create_connection((host, port), timeout_s) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError):
            for chunk in chunks:
                connection.sendall(chunk)
                time.sleep(pause_s)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while part := connection.recv(65536):
                received += part
    return received
