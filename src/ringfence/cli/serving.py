"""One process that serves: a store, its applications, and the sockets they are reached by."""

import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ringfence.app import create_apps
from ringfence.cli.options import opened_store
from ringfence.config import Settings
from ringfence.http.certificates import Certificate
from ringfence.http.server import Served, run_server
from ringfence.logs import configure_logs
from ringfence.store import OpenStore


@dataclass(frozen=True, slots=True)
class Listeners:
    """The socket that callers reach, and the one for operations where that is another."""

    main: socket.socket
    operations: socket.socket | None


def serve_store(
    store: OpenStore, settings: Settings, listeners: Listeners, on_started: Callable[[], None]
) -> None:
    """Serve `store` until asked to stop; `on_started` is called once requests are answered."""
    apps = create_apps(store, settings)
    served = [Served(apps.main, listeners.main, read_certificate(settings), apps.answerer)]
    if listeners.operations is not None and apps.operations is not None:
        served.append(Served(apps.operations, listeners.operations))
    run_server(served, settings, apps.metrics, on_started)


def serve_alone(settings: Settings, listeners: Listeners, on_started: Callable[[], None]) -> None:
    """Do all that in a process that shares nothing but the sockets with whoever started it."""
    configure_logs(settings.log_level, settings.log_format)
    with opened_store(settings.database) as store:
        serve_store(store, settings, listeners, on_started)


def allow_many_descriptors() -> None:
    """Let this process open as many files and connections as the system grants it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS promises more than it grants
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def read_certificate(settings: Settings) -> Certificate | None:
    """Return the certificate that the settings name. Raises InvalidInput."""
    if not settings.tls_cert:
        return None
    return Certificate(Path(settings.tls_cert), Path(settings.tls_key))
