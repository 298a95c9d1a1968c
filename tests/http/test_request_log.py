"""The outermost layer: a request's id, its one line, and the last safety net."""

import base64
import json
import re
from typing import Any

import pytest
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from ringfence.http.answers import json_answer, send_answer
from ringfence.http.request_log import RequestLog
from tests.asgi import Answer, call

KEY = "rf_S3cret-Key_0123456789"
BASIC = base64.b64encode(f"alice:{KEY}".encode()).decode()


def answering(status: int = 200) -> ASGIApp:
    """Return an app that answers every request."""

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        scope["log"]["outcome"] = "fine"
        await send_answer(send, json_answer(status, {}))

    return app


def raising(message: str, *, late: bool = False) -> ASGIApp:
    """Return an app that raises `message`, where `late` after it began to answer."""

    async def app(_: Scope, __: Receive, send: Send) -> None:
        if late:
            await send_answer(send, json_answer(200, {}))
        raise RuntimeError(message)

    return app


def ask(
    app: ASGIApp, target: str = "/path", headers: list[tuple[str, str]] | None = None
) -> tuple[Answer, list[Any]]:
    """Send one request through the log; return the answer and the lines that were logged."""
    with structlog.testing.capture_logs() as lines:
        answer = call(RequestLog(app), "GET", target, headers or [])
    return answer, list(lines)


def test_every_answer_has_an_id_of_its_own() -> None:
    """It stands in the header and in the line."""
    pairs = [ask(answering()) for _ in range(20)]
    ids = [answer.header("x-request-id") for answer, _ in pairs]
    assert len(set(ids)) == 20
    assert all(re.fullmatch("[0-9a-f]{16}", str(each)) for each in ids)
    assert [line["request_id"] for _, [line] in pairs] == ids


def test_a_request_is_one_line() -> None:
    """With what was asked, what was answered, how long it took and what the door added."""
    _, [line] = ask(answering(405))
    assert line.pop("ms") >= 0
    assert len(line.pop("request_id")) == 16
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": "/path",
        "status": 405,
        "client": "127.0.0.1",
        "outcome": "fine",
    }


def test_the_query_is_not_in_the_line() -> None:
    """It is where the A door of the wire carries keys."""
    _, lines = ask(answering(), f"/path?apiKey={KEY}&userName=alice")
    assert KEY not in repr(lines)
    assert "apiKey" not in repr(lines)
    assert lines[0]["path"] == "/path"


@pytest.mark.parametrize("sign", ["&", ";", "=", "%3F", "%26"])
def test_a_query_that_became_part_of_the_path_is_not_in_the_line(sign: str) -> None:
    """A mistyped question mark must not cost a key."""
    _, lines = ask(answering(), f"/path{sign}apiKey={KEY}&userName=alice")
    assert KEY not in repr(lines)
    assert lines[0]["path"] == "/path"


def test_a_failure_is_answered_with_the_id_alone() -> None:
    """The caller learns nothing of what went wrong; the log says all."""
    answer, [failure, line] = ask(raising("the cause"))
    request_id = answer.header("x-request-id")
    told = {"status": "error", "message": "internal error", "request_id": request_id}
    assert (answer.status, json.loads(answer.body)) == (500, told)
    assert (failure["log_level"], failure["request_id"]) == ("error", request_id)
    assert "RuntimeError: the cause" in failure["traceback"]
    assert (line["status"], line["request_id"]) == (500, request_id)


def test_a_failure_after_the_answer_began_is_logged_only() -> None:
    """Two answers to one request would be worse than half of one."""
    answer, [failure, line] = ask(raising("too late", late=True))
    assert (answer.status, answer.body) == (200, b"{}")
    assert "too late" in failure["traceback"]
    assert line["status"] == 200


SECRETS = [
    (f"/path?apiKey={KEY}", [], KEY),
    (f"/path?APIKEY={KEY}&api_key=other", [], KEY),
    ("/path?apiKey=ab%2Bcd%2Fef%3D%3D", [], "ab+cd/ef=="),
    ("/path?apiKey=ab%2Bcd%2Fef%3D%3D", [], "ab%2Bcd%2Fef%3D%3D"),
    ("/path?apiKey=ab%2bcd%2fef%3d%3d", [], "ab%2bcd%2fef%3d%3d"),
    (f"/path?token={KEY}", [], KEY),
    (f"/path?password={KEY}", [], KEY),
    ("/path", [("Authorization", f"Basic {BASIC}")], KEY),
    ("/path", [("Authorization", f"Basic {BASIC}")], BASIC),
    ("/path", [("authorization", f"basic   {BASIC}")], KEY),
    ("/path", [("Authorization", f"Bearer {KEY}")], KEY),
    ("/path", [("apiKey", KEY)], KEY),
]


@pytest.mark.parametrize(("target", "headers", "secret"), SECRETS)
def test_a_traceback_shows_no_secret(
    target: str, headers: list[tuple[str, str]], secret: str
) -> None:
    """Whatever error a key gets into, and in whichever form."""
    _, lines = ask(raising(f"cannot use {secret} here"), target, headers)
    assert secret not in repr(lines)
    assert "cannot use [secret] here" in lines[0]["traceback"]


def test_a_traceback_shows_no_secret_in_quotes() -> None:
    """Many errors show a value as Python writes it, which escapes what it must."""
    key = "back\\slash'quote\"12"
    encoded = base64.b64encode(f"alice:{key}".encode()).decode()
    app = raising(f"KeyError: {key!r}")
    _, lines = ask(app, headers=[("Authorization", f"Basic {encoded}")])
    assert "slash" not in lines[0]["traceback"]


def test_a_traceback_shows_nothing_that_the_door_calls_secret() -> None:
    """A door knows of credentials that stand in a body."""
    app = raising(f"cannot use {KEY}")

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        scope["secrets"] = lambda: (None, KEY)
        await app(scope, receive, send)

    _, lines = ask(door)
    assert KEY not in repr(lines)


def test_a_door_that_cannot_tell_its_secrets_hides_no_failure() -> None:
    """A request may be too broken to be read twice."""
    app = raising("the cause")

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        scope["secrets"] = lambda: int("none")
        await app(scope, receive, send)

    answer, [failure, _] = ask(door)
    assert answer.status == 500
    assert "the cause" in failure["traceback"]


def test_the_longer_of_two_secrets_goes_first() -> None:
    """Of a key that begins with another nothing is left."""
    _, lines = ask(raising("abcdef"), "/path?apiKey=abc&token=abcdef")
    assert "def" not in lines[0]["traceback"].splitlines()[-1]


def test_what_is_not_http_is_passed_on() -> None:
    """The server's start and stop are no requests."""
    seen: list[Scope] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope)

    coroutine = RequestLog(app)({"type": "lifespan"}, never, never)
    with pytest.raises(StopIteration):
        coroutine.__await__().__next__()
    assert seen == [{"type": "lifespan"}]


async def never(*_: object) -> Any:  # noqa: ANN401  nobody gets to see it
    """Stand in for what is not called."""
    raise AssertionError("called")
