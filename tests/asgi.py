"""One request to an ASGI app in this process: no network, no client library."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Headers: TypeAlias = Iterable[tuple[str, str]]


@dataclass
class Answer:
    """What the app sent: header names are lower-case, in the order sent."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of this name, whatever its case."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass
class _Exchange:
    """Both ends of one request, as the app sees them."""

    body: bytes
    answer: Answer = field(default_factory=Answer)
    sent: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> Message:
        """Give the body once; then wait, for a client hangs up only after the answer."""
        if not self.sent:
            self.sent = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self.done.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take the answer's start and body, in that order and no other."""
        if message["type"] == "http.response.start":
            assert not self.answer.status, "the app started two answers"
            self._start(message)
        else:
            assert message["type"] == "http.response.body", message["type"]
            self._body(message)

    def _body(self, message: Message) -> None:
        assert self.answer.status, "the app sent a body before the status"
        assert not self.done.is_set(), "the app sent more after the end"
        self.answer.body += message.get("body", b"")
        if not message.get("more_body", False):
            self.done.set()

    def _start(self, message: Message) -> None:
        self.answer.status = message["status"]
        for name, value in message.get("headers", ()):
            assert name == name.lower(), f"ASGI wants lower-case header names, not {name!r}"
            self.answer.headers.append((name.decode("latin-1"), value.decode("latin-1")))


async def ask(
    app: App, method: str, target: str, headers: Headers = (), body: bytes = b""
) -> Answer:
    """Send one request and return the whole answer; the app must not raise."""
    exchange = _Exchange(body)
    try:
        await app(_scope(method, target, headers, body), exchange.receive, exchange.send)
    except Exception as error:
        raise AssertionError(f"the app raised {error!r} on {method} {target}") from error
    assert exchange.done.is_set(), f"the app left {method} {target} without an answer"
    return exchange.answer


def call(app: App, method: str, target: str, headers: Headers = (), body: bytes = b"") -> Answer:
    """Do what `ask` does, from code that is not async."""
    return asyncio.run(ask(app, method, target, headers, body))


def _scope(method: str, target: str, headers: Headers, body: bytes) -> Message:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode(),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": _wire_headers(headers, body),
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


def _wire_headers(headers: Headers, body: bytes) -> list[tuple[bytes, bytes]]:
    length = [("content-length", str(len(body)))] if body else []
    pairs = [("host", "ringfence.test"), *length, *headers]
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
