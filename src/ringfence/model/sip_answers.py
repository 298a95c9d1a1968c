"""What a switch answers a call that may not ring: a final SIP response (RFC 3261, section 21)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.errors import InputCode, Problem

MIN_CODE = 400
MAX_CODE = 699
MAX_PHRASE = 64

_PHRASES = {
    403: "Forbidden",
    404: "Not Found",
    410: "Gone",
    433: "Anonymity Disallowed",  # RFC 5079
    480: "Temporarily Unavailable",
    486: "Busy Here",
    488: "Not Acceptable Here",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",  # RFC 8197
    608: "Rejected",  # RFC 8688
}


@dataclass(frozen=True, slots=True)
class SipAnswer:
    """A response code from 400 to 699, and its reason phrase where it is not the usual one."""

    code: int
    own_phrase: str | None = None

    @property
    def phrase(self) -> str:
        """The reason phrase: its own, else the usual one of the code, else that of its class."""
        return self.own_phrase or _PHRASES.get(self.code) or _phrase_of_class(self.code)


DECLINE = SipAnswer(603)
"""What an account answers where nothing else is set: RFC 3261, section 21.6.2."""


def answer_problems(answer: SipAnswer, field: str = "answer") -> Iterator[Problem]:
    """Yield what is wrong with an answer; a phrase goes onto the wire, so it stays in its line."""
    if not MIN_CODE <= answer.code <= MAX_CODE:
        rule = f"a SIP answer has a code from {MIN_CODE} to {MAX_CODE}"
        yield Problem(InputCode.ANSWER_CODE, f"{field}/code", rule, answer.code)
    phrase = answer.own_phrase
    if phrase is not None and not (0 < len(phrase) <= MAX_PHRASE and _is_one_line(phrase)):
        rule = f"a phrase of a SIP answer has 1 to {MAX_PHRASE} printable characters"
        yield Problem(InputCode.ANSWER_PHRASE, f"{field}/phrase", rule, phrase)


def _is_one_line(phrase: str) -> bool:
    return phrase.isprintable() and bool(phrase.strip())


def _phrase_of_class(code: int) -> str:
    if code >= 600:  # noqa: PLR2004  the classes of RFC 3261, section 7.2
        return "Global Failure"
    return "Server Failure" if code >= 500 else "Request Failure"  # noqa: PLR2004
