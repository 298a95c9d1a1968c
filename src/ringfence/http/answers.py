"""An answer, and how it gets onto the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import Send


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: HTTP status, body and the headers beside those that every answer has."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


def json_answer(status: int, content: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Make an answer of `content`, as compact JSON in UTF-8 that escapes only what it must."""
    return Answer(status, write_json(content), headers or {})


def write_json(content: object) -> bytes:
    """Return `content` as compact JSON in UTF-8 that escapes only what it must."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


async def send_answer(send: Send, answer: Answer, *, head: bool = False) -> None:
    """Send `answer`; `head` leaves the body out, as an answer to HEAD must (RFC 9110, 9.3.2)."""
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.encode(), value.encode()) for name, value in answer.headers.items()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
