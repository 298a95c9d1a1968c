"""`ringfence serve`: the service."""

import socket
from contextlib import ExitStack
from typing import Annotated

import typer

from ringfence.app import create_apps, utc_now
from ringfence.cli.options import Database, opened_store, read_settings
from ringfence.config import Settings, read_listen_address
from ringfence.core.accounts import create_account, has_accounts
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.http.server import Served, listen, run_server
from ringfence.logs import configure_logs
from ringfence.model.accounts import AccountDraft, NewAccount
from ringfence.store import Store

DEMO = "demo"


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.")] = None,
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
    settings = read_settings(host=host, port=port, database=database)
    configure_logs(settings.log_level, settings.log_format)
    # The ports come first: were one taken, a demo key would be made that nobody sees again.
    with ExitStack() as stack:
        listener = stack.enter_context(_listener("port", settings.host, settings.port))
        operations = _operations_listener(settings, stack)
        store = stack.enter_context(opened_store(settings.database, create=True))
        demo = _demo(store, wanted=not no_demo)
        banner = _banner(
            store, _address(listener), _address(operations) if operations else None, demo
        )
        apps = create_apps(store, settings)
        served = [Served(apps.main, listener)]
        if operations is not None and apps.operations is not None:
            served.append(Served(apps.operations, operations))
        run_server(served, settings, apps.metrics, lambda: print(banner, flush=True))


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


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  only compared
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _demo(store: Store, *, wanted: bool) -> NewAccount | None:
    if not wanted or has_accounts(store):
        return None
    return create_account(store, AccountDraft(DEMO), at=utc_now())


def _banner(store: Store, address: str, operations: str | None, demo: NewAccount | None) -> str:
    lines = [f"Ringfence is listening on {address}"]
    if operations is not None:
        lines += [f"Readiness and metrics: {operations}/readyz and {operations}/metrics"]
    if demo is not None:
        lines += _demo_lines(address, demo.key)
    elif not has_accounts(store):
        lines += ["There are no accounts yet; make one with: ringfence account create NAME"]
    return "\n".join(lines)


def _demo_lines(address: str, key: str) -> list[str]:
    phones = f"{address}/CAServices/PhoneManageV2.php"
    query = "phoneName=Front.Desk&phoneNumber=%2B918041234567&skill=General"
    groups = f"{address}/CAServicesV3/blockNumberGroupV2.php"
    block = "-d name=Spam -d 'description=Spam callers' -d blockNumbers=9812345678,9812345679"
    return [
        "",
        "A demo account was made. Its key is shown only here, only now:",
        f"  user name  {DEMO}",
        f"  API key    {key}",
        "",
        "Create a phone number:",
        f"  curl '{phones}?action=create&apiKey={key}&userName={DEMO}&{query}'",
        "",
        "Block two callers:",
        f"  curl -u {DEMO}:{key} {groups} {block}",
    ]
