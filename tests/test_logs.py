"""Log lines: for a person on a terminal, as JSON otherwise."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from ringfence.logs import configure_logs


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Put back what the whole process shares."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines of `stream`, each of which must be JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_pipe_gets_json() -> None:
    """One object a line, with the level and the time in UTC."""
    stream = io.StringIO()
    configure_logs("info", "auto", stream)
    structlog.get_logger().info("hello\nthere", number=1, text="é")
    [line] = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "hello\nthere", "level": "info", "number": 1, "text": "é"}


@pytest.mark.parametrize(
    ("look", "terminal"), [("auto", True), ("console", True), ("console", False)]
)
def test_a_person_gets_text(look: str, *, terminal: bool) -> None:
    """With colours only where there is a terminal to show them."""
    stream = Terminal() if terminal else io.StringIO()
    configure_logs("info", look, stream)
    structlog.get_logger().info("hello", number=1)
    assert "hello" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert ("\x1b[" in stream.getvalue()) == terminal


def test_json_may_be_asked_for_on_a_terminal() -> None:
    """What is asked for goes before what the stream is."""
    stream = Terminal()
    configure_logs("info", "json", stream)
    structlog.get_logger().info("hello")
    assert lines(stream)[0]["event"] == "hello"


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_less_severe_lines_are_left_out(level: str, expected: list[str]) -> None:
    """The level named is the least that is written."""
    stream = io.StringIO()
    configure_logs(level, "json", stream)
    logger = structlog.get_logger()
    for each in ("debug", "info", "warning", "error"):
        logger.log(logging.getLevelNamesMapping()[each.upper()], "hello")
    assert [line["level"] for line in lines(stream)] == expected


def test_libraries_write_the_same_form() -> None:
    """Their warnings and errors; what they announce at info is left out."""
    stream = io.StringIO()
    configure_logs("info", "json", stream)
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("uvicorn.error").warning("careful %s", "there")
    [line] = lines(stream)
    assert (line["event"], line["level"]) == ("careful there", "warning")


@pytest.mark.parametrize("look", ["json", "console"])
def test_a_librarys_failure_has_its_traceback(look: str) -> None:
    """A server's own last words are worth nothing without it."""
    stream = io.StringIO()
    configure_logs("info", look, stream)
    try:
        int("no number")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("it failed")
    assert "Traceback (most recent call last)" in stream.getvalue()
    assert "in test_a_librarys_failure_has_its_traceback" in stream.getvalue()
