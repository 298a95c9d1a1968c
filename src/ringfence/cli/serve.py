"""`ringfence serve`: the service."""

import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ringfence.app import create_apps, utc_now
from ringfence.cli.banner import DEMO, Addresses, banner, url_of
from ringfence.cli.options import Database, opened_store, read_settings
from ringfence.config import Settings, read_listen_address
from ringfence.core.accounts import create_account, has_accounts
from ringfence.errors import AccountExists, InputCode, InvalidInput, Problem
from ringfence.http.certificates import Certificate
from ringfence.http.server import Served, listen, run_server
from ringfence.logs import configure_logs
from ringfence.model.accounts import AccountDraft, NewAccount
from ringfence.store import Store


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.")] = None,
    tls_cert: Annotated[
        str | None, typer.Option(metavar="PATH", help="The certificate, to speak HTTPS.")
    ] = None,
    tls_key: Annotated[
        str | None, typer.Option(metavar="PATH", help="The private key of the certificate.")
    ] = None,
    *,
    no_demo: Annotated[
        bool, typer.Option("--no-demo", help="Do not make a demo account on an empty store.")
    ] = False,
    database: Database = None,
) -> None:
    """Serve the CloudAgent APIs until SIGTERM or Ctrl-C.

    Makes the store where there is none, and upgrades an older one. On a store without accounts it
    makes the account `demo` and prints its key, once, with two curl lines to try.
    """
    settings = read_settings(
        host=host, port=port, tls_cert=tls_cert, tls_key=tls_key, database=database
    )
    configure_logs(settings.log_level, settings.log_format)
    certificate = _certificate(settings)
    # The ports come first: were one taken, a demo key would be made that nobody sees again.
    with ExitStack() as stack:
        listener = stack.enter_context(_listener("port", settings.host, settings.port))
        operations = _operations_listener(settings, stack)
        store = stack.enter_context(opened_store(settings.database, create=True))
        demo = _demo(store, wanted=not no_demo)
        addresses = Addresses(
            url_of(listener, certificate), url_of(operations) if operations else None, certificate
        )
        text = banner(addresses, store, demo)
        apps = create_apps(store, settings)
        served = [Served(apps.main, listener, certificate)]
        if operations is not None and apps.operations is not None:
            served.append(Served(apps.operations, operations))
        run_server(served, settings, apps.metrics, lambda: print(text, flush=True))


def _certificate(settings: Settings) -> Certificate | None:
    if not settings.tls_cert:
        return None
    return Certificate(Path(settings.tls_cert), Path(settings.tls_key))


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


def _demo(store: Store, *, wanted: bool) -> NewAccount | None:
    if not wanted or has_accounts(store):
        return None
    try:
        return create_account(store, AccountDraft(DEMO), at=utc_now())
    except AccountExists:  # another server began on this store at the same moment
        return None
