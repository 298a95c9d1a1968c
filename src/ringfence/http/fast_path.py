"""Requests whose headers were read before: recognised as a whole, and answered many at once.

A client that asks all day sends the same headers each time, behind a request line of which the
query alone differs. What stands behind the query is remembered, as a hash, for the key is among it,
once the parser has read it and it was plain: HTTP/1.1, kept alive, without a body. The parser would
make the same of the same bytes, so it is not asked again, and neither scope nor task nor message of
ASGI is made. Whatever is not recognised, or cannot be answered after all, takes the ordinary way.

The requests that arrive in one turn of the event loop are answered together at its end, so that one
state of the store does for all: it is opened when all of them are here.
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from time import perf_counter
from typing import Generic, NamedTuple, Protocol, TypeVar

import structlog
from uvicorn.server import ServerState

Question = TypeVar("Question")
Headers = Sequence[tuple[bytes, bytes]]

_log = structlog.get_logger("ringfence.server")

MAX_HEADS = 16_384
"""How many heads are remembered."""

_VERSION = b" HTTP/1.1"
_MAX_LINE = 2_048
_NOT_PLAIN = frozenset({b"content-length", b"transfer-encoding", b"expect"})


class Connection(Protocol):
    """Who is answered."""

    def take(self, data: bytes) -> None:
        """Take a request the ordinary way."""

    def answer(self, answer: bytes) -> None:
        """Send the answer to the one request that waits."""

    def give_up(self) -> None:
        """Hang up."""


class Asked(NamedTuple, Generic[Question]):
    """A request that was recognised: by whom, its bytes, and when it came, by `perf_counter`."""

    connection: Connection
    data: bytes
    credential: bytes
    question: Question
    started: float


class Answerer(Protocol[Question]):
    """What has the answers. `start` is what its request lines begin with, up to the query."""

    start: bytes

    def credential(self, headers: Headers) -> bytes | None:
        """Return what tells by itself who sends these headers, None where nothing does."""

    def read(self, query: bytes) -> Question | None:
        """Return what is asked, or None where the ordinary way has to look at it.

        No parser has looked at `query`: it may have any bytes.
        """

    def answer_all(self, asked: Sequence[Asked[Question]]) -> Sequence["Answer | None"]:
        """Return the answers, in their order, None for the ordinary way. Never raises."""


class Answer(NamedTuple):
    """A 200 of JSON: a further line of its head, and its body."""

    header: bytes
    body: bytes


class FastPath(Generic[Question]):
    """Recognises the requests of all connections of an address, and has them answered."""

    def __init__(self, answerer: Answerer[Question], state: ServerState) -> None:
        self.start = answerer.start
        self._answerer = answerer
        self._state = state
        self._credentials: dict[bytes, bytes] = {}
        self._asked: list[Asked[Question]] = []
        self._default: Headers = ()
        self._head = b""

    def learn(self, data: bytes, headers: Headers) -> None:
        """Remember the head of a request of which the parser says that it is kept alive."""
        end = _end_of_query(data)
        if end < 0 or any(name in _NOT_PLAIN for name, _ in headers):
            return
        credential = self._answerer.credential(headers)
        if credential is not None:
            if len(self._credentials) >= MAX_HEADS:
                self._credentials.clear()
            self._credentials[sha256(data[end:]).digest()] = credential

    def is_asked(self, connection: Connection, data: bytes) -> bool:
        """Whether a request is recognised. It will be answered at the end of this turn."""
        end = _end_of_query(data)
        credential = self._credentials.get(sha256(data[end:]).digest()) if end > 0 else None
        if credential is None:
            return False
        question = self._answerer.read(data[len(self.start) : end])
        if question is None:
            return False
        if not self._asked:
            asyncio.get_running_loop().call_soon(self.answer)
        self._asked.append(Asked(connection, data, credential, question, perf_counter()))
        return True

    def answer(self) -> None:
        """Answer everybody who asked."""
        asked, self._asked = self._asked, []
        head = self._current_head()
        for each, answer in zip(asked, self._answerer.answer_all(asked), strict=True):
            try:
                _tell(each, answer, head)
            except Exception:  # noqa: BLE001  the others must have their answers
                _log.exception("a connection could not be answered")
                each.connection.give_up()

    def _current_head(self) -> bytes:
        """Return how answers begin, with what every answer has: uvicorn makes the date anew."""
        default = self._state.default_headers
        if default is not self._default:
            self._default = default
            lines = b"".join(b"%b: %b\r\n" % each for each in default)
            self._head = b"HTTP/1.1 200 OK\r\n%bcontent-type: application/json\r\n" % lines
        return self._head


def _end_of_query(data: bytes) -> int:
    """Return where the query of a request line of HTTP/1.1 ends, -1 for any other line.

    The line ends at the first line break: what looks like a version behind it is a header, which
    may have the key before it.
    """
    end = data.find(b"\r\n", 0, _MAX_LINE) - len(_VERSION)
    return end if end > 0 and data.startswith(_VERSION, end) else -1


def _tell(asked: Asked[Question], answer: Answer | None, head: bytes) -> None:
    if answer is None:
        asked.connection.take(asked.data)
        return
    header, body = answer
    asked.connection.answer(
        b"%b%b\r\ncontent-length: %d\r\n\r\n%b" % (head, header, len(body), body)
    )
