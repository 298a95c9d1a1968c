"""HTTP/1.1 on one connection, with a fast path for what is asked over and over."""

from typing import Any

from ringfence.http.fast_path import FastPath
from ringfence.http.protocol import BoundedProtocol

_END = b"\r\n\r\n"


class FastProtocol(BoundedProtocol):
    """Lets a request that comes whole, with none before it under way, take the fast path."""

    fast_path: FastPath[Any]
    _plain = b""
    _begun = False
    """Whether the parser is inside a request: it has some of a head before a line is whole."""
    _waits = False
    _answered_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Take what the client sent: a request that is recognised, or anything."""
        self._answer_first()
        if data.startswith(self.fast_path.start) and self._is_whole(data):
            if self.fast_path.is_asked(self, data):
                self._waits = True
                self._stop_timeout()
                return
            self._plain = data
        self.take(data)

    def _answer_first(self) -> None:
        """Let whoever sends more before the answer have that first: answers keep their order."""
        if self._waits:
            self.fast_path.answer()

    def _is_whole(self, data: bytes) -> bool:
        """Whether this is one whole head, and all that there is to answer."""
        cycle = self.cycle
        return (
            data.find(_END) == len(data) - len(_END)
            and len(data) <= self.max_head_bytes
            and (cycle is None or cycle.response_complete)
            and not (self._begun or self._held)
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def take(self, data: bytes) -> None:
        """Take what the client sent the ordinary way."""
        self._waits = False
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._plain = b""

    def on_message_begin(self) -> None:
        """Note that what comes belongs to this request."""
        self._begun = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that what comes is another request."""
        self._begun = False
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """Go on with a head that is whole, and remember it if it came in one piece."""
        super().on_headers_complete()
        if self._plain and self.cycle.keep_alive:
            self.fast_path.learn(self._plain, self.headers)

    def answer(self, answer: bytes) -> None:
        """Send the answer to the request that waits."""
        self._waits = False
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._hang_up_in(self.timeout_keep_alive)

    def give_up(self) -> None:
        """Hang up at once: nothing else can be told."""
        self._waits = False
        self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """Hang up on a client that has been silent; one timer does for many answers."""
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if self._waits or left > 0:
            self._hang_up_in(max(left, 0))
        else:
            super().timeout_keep_alive_handler()

    def _hang_up_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def eof_received(self) -> bool:  # type: ignore[override]  # as in BoundedProtocol
        """Let a client that will send no more have its answer."""
        self._answer_first()
        return super().eof_received()

    def shutdown(self) -> None:
        """Answer what waits, then hang up as soon as nothing is under way."""
        self._answer_first()
        super().shutdown()
