"""Log lines: to standard error, for a person on a terminal, as JSON otherwise."""

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

_SHARED: list[Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logs(level: str, look: str, stream: TextIO = sys.stderr) -> None:
    """Send every log line of the process to `stream`.

    `level` is debug, info, warning or error; `look` is console, json, or auto for console where
    `stream` is a terminal. Lines of libraries come out in the same form.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    renderer = _renderer(look, stream)
    structlog.configure(
        processors=[*_SHARED, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.root.handlers[:] = [_library_handler(renderer, stream)]
    # Libraries announce their own start and stop at info; ours is the one line a request.
    # A body that cannot be read is its caller's mistake, and is answered as one.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    # While PostgreSQL is away it tells of every attempt; the request lines say why they failed.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    logging.root.setLevel(max(threshold, logging.WARNING))


def _renderer(look: str, stream: TextIO) -> Processor:
    if look == "console" or (look == "auto" and stream.isatty()):
        return structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.plain_traceback, colors=stream.isatty()
        )
    return structlog.processors.JSONRenderer()


def _library_handler(renderer: Processor, stream: TextIO) -> logging.Handler:
    handler: logging.StreamHandler[Any] = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_traceback_as_text(renderer),
                renderer,
            ],
        )
    )
    return handler


def _traceback_as_text(renderer: Processor) -> list[Processor]:
    """JSON needs it; the console draws tracebacks itself."""
    is_json = isinstance(renderer, structlog.processors.JSONRenderer)
    return [structlog.processors.format_exc_info] if is_json else []
