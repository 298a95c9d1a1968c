"""GET /v1/screen on the fast path: the requests of a turn of the event loop, one after the other.

Of what cannot be answered, each takes the ordinary way by itself, where it is told what is wrong.
"""

import re
from collections.abc import Sequence

from ringfence.api.quick_answers import QuickAnswers, read_credential
from ringfence.api.quick_questions import Question, read_question
from ringfence.api.quick_screening import PATH
from ringfence.api.screening_answers import SCREENING_HEADER
from ringfence.http.fast_path import Answer, Asked, Headers

_HEADER = SCREENING_HEADER.encode() + b": "
# What no parser of requests minds or cuts (RFC 3986, 3.4).
_is_query = re.compile(rb"[A-Za-z0-9%&=+.,:;@*()_~!$'/?-]*").fullmatch


class FastScreening:
    """The `Answerer` of screening."""

    start = f"GET {PATH}?".encode()

    def __init__(self, answers: QuickAnswers) -> None:
        self._answers = answers

    def credential(self, headers: Headers) -> bytes | None:
        """Return what tells whose key it is; of none that has not let in somebody before."""
        credential = read_credential(headers)
        known = credential is not None and self._answers.has_answered(credential)
        return credential if known else None

    def read(self, query: bytes) -> Question | None:
        """Return what is asked, if that is plain."""
        return read_question(query) if _is_query(query) else None

    def answer_all(self, asked: Sequence[Asked[Question]]) -> Sequence[Answer | None]:
        """Return an answer for each that has one."""
        try:
            with self._answers.reading():
                return [self._answer(each) for each in asked]
        except Exception:  # noqa: BLE001  of a file out of reach the transaction raises any error
            return [None] * len(asked)

    def _answer(self, asked: Asked[Question]) -> Answer | None:
        try:
            answer = self._answers.answer(asked.credential, asked.question, asked.started)
        except Exception:  # noqa: BLE001  the others have theirs
            return None
        return None if answer is None else Answer(_HEADER + answer[0], answer[1])
