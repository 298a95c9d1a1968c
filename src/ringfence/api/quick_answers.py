"""Answers to what is asked of /v1/screen, in the thread of the event loop.

Requests that are handled in the same turn of the loop read one state of the store: all of them had
arrived before it was opened, so each sees whatever was acknowledged before it was sent.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import perf_counter

from ringfence.api.context import Context
from ringfence.api.quick_questions import Question
from ringfence.api.screening_answers import write_explanation, write_verdict
from ringfence.core.screening import (
    Case,
    Guest,
    NearbyScreening,
    answer_of,
    credential_of,
    decide,
    explain,
    screened,
)
from ringfence.http.fast_path import Headers
from ringfence.http.metrics import Tally
from ringfence.store.times import to_ms

_BEARER = b"Bearer "


class QuickAnswers:
    """Decides about calls for whoever has a key, writes the answers, and records them."""

    def __init__(self, context: Context, screening: NearbyScreening, answered: Tally) -> None:
        self._screening = screening
        self._answered = answered
        self._record = context.activity.record
        self._next_id = context.screening_ids.next
        self._clock = context.clock
        self._reading_in: asyncio.AbstractEventLoop | None = None

    def read_on(self) -> None:
        """Read the state that others read in this turn of the loop; raises Unavailable."""
        loop = asyncio.get_running_loop()
        if self._reading_in is not loop:
            self._begin()
            self._reading_in = loop
            loop.call_soon(self._end)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read the state of now for as long as the context lasts; raises Unavailable."""
        self._begin()
        try:
            yield
        finally:
            self._let_go()

    def _begin(self) -> None:
        self._end()  # of others in this turn, or of a loop that was closed before it came to that
        self._screening.begin()

    def _end(self) -> None:
        if self._reading_in is not None:
            self._reading_in = None
            self._let_go()

    def _let_go(self) -> None:
        # Whatever that is, the answers are decided, and recorded.
        with suppress(Exception):
            self._screening.end()

    def has_answered(self, credential: bytes) -> bool:
        """Whether this lately let somebody in."""
        return self._screening.knows(credential)

    def answer(
        self, credential: bytes, question: Question, started: float
    ) -> tuple[bytes, bytes] | None:
        """Return the id of a screening and its body, or None for a key that lets nobody in.

        `started` is when the request came, by `perf_counter`.
        """
        guest = self._screening.guest(credential)
        if guest is None:
            return None
        answer = self._screen(guest, question, started)
        self._answered.count += 1
        return answer

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
        self._record(screened(policy, screening_id, call, decision, guest.key_id, latency_us))
        return b"%016x" % screening_id, body


def read_credential(headers: Headers) -> bytes | None:
    """Return the credential of the one bearer key that headers have, None of any other headers."""
    found = None
    for name, value in headers:
        if name == b"authorization":
            if found is not None or value[:7] != _BEARER:
                return None
            found = value[7:]
    return None if found is None else credential_of(found)
