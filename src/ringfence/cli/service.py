"""The service, from its settings to its end: its ports, its store, its processes, its banner."""

import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from ringfence.cli.banner import DEMO, Addresses, banner, url_of
from ringfence.cli.options import opened_store
from ringfence.cli.serving import (
    Listeners,
    allow_many_descriptors,
    read_certificate,
    serve_alone,
    serve_store,
)
from ringfence.cli.workers import Workers, check_workers
from ringfence.clock import utc_now
from ringfence.config import Settings, read_listen_address
from ringfence.core.accounts import create_account, has_accounts
from ringfence.errors import AccountExists, InputCode, InvalidInput, Problem
from ringfence.http.certificates import Certificate
from ringfence.http.server import listen
from ringfence.logs import configure_logs
from ringfence.model.accounts import AccountDraft, NewAccount
from ringfence.store import OpenStore


def run_service(settings: Settings, *, demo_wanted: bool) -> int:
    """Serve until asked to stop, and return the exit code."""
    # Until a certificate can be loaded anew there is no answer to it; workers inherit this.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    allow_many_descriptors()
    configure_logs(settings.log_level, settings.log_format)
    check_workers(settings)
    certificate = read_certificate(settings)
    # The ports come first: were one taken, a demo key would be made that nobody sees again.
    with ExitStack() as stack:
        listeners = Listeners(
            stack.enter_context(_listener("port", settings.host, settings.port)),
            _operations_listener(settings, stack),
        )
        announce = partial(_announce, _addresses(listeners, certificate), demo_wanted=demo_wanted)
        with opened_store(settings.database, create=True) as store:
            if settings.workers == 1:
                serve_store(store, settings, listeners, partial(announce, store))
                return 0
        serve_one = partial(serve_alone, settings, listeners)
        return Workers(serve_one, settings).run(partial(_with_store, settings, announce))


def _with_store(settings: Settings, announce: Callable[[OpenStore], None]) -> None:
    """Announce from the process that only watches over others, and has no store of its own."""
    with opened_store(settings.database) as store:
        announce(store)


def _announce(addresses: Addresses, store: OpenStore, *, demo_wanted: bool) -> None:
    """Say where requests are answered, with a key to try it; made now, it is sure to be seen."""
    print(banner(addresses, store, _demo(store, wanted=demo_wanted)), flush=True)


def _addresses(listeners: Listeners, certificate: Certificate | None) -> Addresses:
    operations = None if listeners.operations is None else url_of(listeners.operations)
    return Addresses(url_of(listeners.main, certificate), operations, certificate)


def _operations_listener(settings: Settings, stack: ExitStack) -> socket.socket | None:
    address = read_listen_address(settings.operations_listen)
    if address is None:
        return None
    return stack.enter_context(_listener("operations_listen", *address))


def _listener(setting: str, host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        rule = f"cannot listen on {host} port {port}: {error.strerror or error}"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, setting, rule)) from None


def _demo(store: OpenStore, *, wanted: bool) -> NewAccount | None:
    if not wanted or has_accounts(store):
        return None
    try:
        return create_account(store, AccountDraft(DEMO), at=utc_now())
    except AccountExists:  # another server began on this store at the same moment
        return None
