"""Answers: JSON that escapes only what it must, and the headers that go with it."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.http.answers import Answer, json_answer, send_answer, write_json

SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def escaped(text: str) -> str:
    """Return `text` as a JSON string in which only what RFC 8259 names is escaped."""
    written = ""
    for character in text:
        if character in SHORT_ESCAPES:
            written += SHORT_ESCAPES[character]
        elif ord(character) < 0x20:
            written += f"\\u{ord(character):04x}"
        else:
            written += character
    return f'"{written}"'


@given(st.text() | st.text("\0\x01\x1f\x7f\u2028\u2029/<>&'\"\\\n\té\U0001f642"))
def test_it_escapes_only_what_it_must(text: str) -> None:
    """No slash, no letter of another alphabet, no line separator."""
    assert write_json(text) == escaped(text).encode()


def test_it_writes_no_blank_and_keeps_the_order() -> None:
    """Compact, keys as they stand."""
    content = {"b": [1, None, True], "a": {"é": 1.5, "": []}}
    assert write_json(content) == '{"b":[1,null,true],"a":{"é":1.5,"":[]}}'.encode()


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.floats(allow_nan=False, width=32),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ).filter(lambda content: "Infinity" not in json.dumps(content))
)
def test_what_is_written_is_read_back(content: object) -> None:
    """By any reader of JSON."""
    assert json.loads(write_json(content)) == content


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_it_writes_nothing_that_is_not_json(number: float) -> None:
    """Python's own NaN would not be read by others."""
    with pytest.raises(ValueError, match="JSON"):
        write_json([number])


def sent(answer: Answer, *, head: bool = False) -> list[dict[str, Any]]:
    """Return the messages in which `answer` goes out."""
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:  # noqa: ANN401  whatever ASGI has
        messages.append(message)

    asyncio.run(send_answer(send, answer, head=head))
    return messages


def test_an_answer_goes_out_with_its_length() -> None:
    """Bytes are counted, not characters; its own headers come after those of every answer."""
    start, body = sent(json_answer(405, "é", {"allow": "GET"}))
    assert start["status"] == 405
    assert start["headers"] == [
        (b"content-type", b"application/json"),
        (b"content-length", b"4"),
        (b"allow", b"GET"),
    ]
    assert body["body"] == '"é"'.encode()


def test_an_answer_to_head_has_no_body() -> None:
    """It still says how long the body would be."""
    start, body = sent(json_answer(200, {}), head=True)
    assert (b"content-length", b"2") in start["headers"]
    assert body["body"] == b""
