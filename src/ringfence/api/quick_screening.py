"""GET /v1/screen as a plain ASGI callable, before any router, log or framework.

Only what is asked plainly, by a key that lets in, is answered here; everything else goes on to the
route of the same path, which tells what is wrong with it. The call is in the activity, not in the
log.
"""

from collections.abc import Awaitable
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from ringfence.api.endpoints import PREFIX
from ringfence.api.quick_answers import QuickAnswers, read_credential
from ringfence.api.quick_questions import read_question
from ringfence.api.screening_answers import SCREENING_HEADER

PATH = f"{PREFIX}/screen"

_SCREENING = SCREENING_HEADER.encode()
_JSON = (b"content-type", b"application/json")


class QuickScreening:
    """Answers what it can; `rest` is the application for everything else."""

    def __init__(self, answers: QuickAnswers, rest: ASGIApp) -> None:
        self._answers = answers
        self._rest = rest

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request, or let it be answered."""
        if scope.get("path") == PATH and scope["method"] == "GET":
            answer = self._answer(scope, perf_counter())
            if answer is not None:
                return _send(send, *answer)
        return self._rest(scope, receive, send)

    def _answer(self, scope: Scope, started: float) -> tuple[bytes, bytes] | None:
        question = read_question(scope["query_string"])
        credential = read_credential(scope["headers"])
        if question is None or credential is None:
            return None
        try:
            self._answers.read_on()
            return self._answers.answer(credential, question, started)
        except Exception:  # noqa: BLE001  of a file out of reach the transaction raises any error
            # What goes wrong here goes wrong there too, and is told there.
            return None


async def _send(send: Send, screening_id: bytes, body: bytes) -> None:
    headers = [
        (b"content-length", b"%d" % len(body)),
        _JSON,
        (_SCREENING, screening_id),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
