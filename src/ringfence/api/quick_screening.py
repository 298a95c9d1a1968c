"""GET /v1/screen in the thread of the event loop, before any router, log or framework.

Only what is asked plainly, by a key that lets in, is answered here; everything else goes on to the
route of the same path, which tells what is wrong with it. Requests that are handled in the same
turn of the loop read one state of the store: all of them had arrived before it was opened, so each
sees whatever was acknowledged before it was sent. The call is in the activity, not in the log.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from ringfence.api.context import Context
from ringfence.api.endpoints import PREFIX
from ringfence.api.quick_questions import Question, read_question
from ringfence.api.screening_answers import SCREENING_HEADER, write_explanation, write_verdict
from ringfence.core.screening import (
    Case,
    Guest,
    NearbyScreening,
    answer_of,
    decide,
    explain,
    screened,
)
from ringfence.errors import RingfenceError
from ringfence.http.metrics import Metrics, Tally
from ringfence.store.times import to_ms

PATH = f"{PREFIX}/screen"

_BEARER = b"Bearer "
_SCREENING = SCREENING_HEADER.encode()
_JSON = (b"content-type", b"application/json")


def before_all(rest: ASGIApp, context: Context, metrics: Metrics) -> ASGIApp:
    """Return `rest` with quick answers before it, where the store is near enough for them."""
    nearby = context.store.nearby()
    if nearby is None:
        return rest
    screening = NearbyScreening(nearby, context.policies)
    return QuickScreening(context, screening, metrics.tally(PATH, "GET", 200), rest)


class QuickScreening:
    """Answers what it can; `rest` is the application for everything else."""

    def __init__(
        self, context: Context, screening: NearbyScreening, answered: Tally, rest: ASGIApp
    ) -> None:
        self._screening = screening
        self._answered = answered
        self._record = context.activity.record
        self._next_id = context.screening_ids.next
        self._clock = context.clock
        self._rest = rest
        self._reading_in: asyncio.AbstractEventLoop | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request, or let it be answered."""
        if scope.get("path") == PATH and scope["method"] == "GET":
            answer = self._answer(scope)
            if answer is not None:
                self._answered.count += 1
                return _send(send, *answer)
        return self._rest(scope, receive, send)

    def _answer(self, scope: Scope) -> tuple[bytes, bytes] | None:
        started = perf_counter()
        question = read_question(scope["query_string"])
        key = _read_key(scope)
        if question is None or key is None:
            return None
        try:
            loop = asyncio.get_running_loop()
            if self._reading_in is not loop:
                self._begin(loop)
            guest = self._screening.guest(key)
            if guest is not None:
                return self._screen(guest, question, started)
        except Exception:  # noqa: BLE001  of a file out of reach the transaction raises any error
            # What goes wrong here goes wrong there too, and is told there.
            return None
        return None

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._end()  # of a loop that was closed before it came to that
        self._screening.begin()
        self._reading_in = loop
        loop.call_soon(self._end)

    def _end(self) -> None:
        if self._reading_in is not None:
            self._reading_in = None
            with suppress(RingfenceError):
                self._screening.end()

    def _screen(self, guest: Guest, question: Question, started: float) -> tuple[bytes, bytes]:
        at_ms = to_ms(self._clock())
        policy, tx = guest.policy, self._screening.transaction
        call, explains = question
        case = Case(tx, policy, call, at_ms)
        decision = decide(case)
        if explains:
            body = write_explanation(explain(case, decision))
        else:
            answer = answer_of(policy, decision)
            body = write_verdict(decision.disposition, decision.reason, answer)
        screening_id = self._next_id(at_ms)
        latency_us = int((perf_counter() - started) * 1e6)
        account_id, key_id = guest.account_id, guest.key_id
        self._record(screened(account_id, screening_id, call, decision, key_id, latency_us))
        return body, b"%016x" % screening_id


def _read_key(scope: Scope) -> bytes | None:
    found = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            if found is not None or value[:7] != _BEARER:
                return None
            found = value[7:]
    return found


async def _send(send: Send, body: bytes, screening_id: bytes) -> None:
    headers = [
        (b"content-length", b"%d" % len(body)),
        _JSON,
        (_SCREENING, screening_id),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
