"""`ringfence serve`: the service."""

from typing import Annotated

import typer

from ringfence.cli.options import Database, read_settings


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="How many processes serve; above 1 on PostgreSQL only.")
    ] = None,
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
        host=host,
        port=port,
        workers=workers,
        tls_cert=tls_cert,
        tls_key=tls_key,
        database=database,
    )
    # Half of what a command takes to start are the libraries that serve; the others do without.
    from ringfence.cli.service import run_service  # noqa: PLC0415

    raise typer.Exit(run_service(settings, demo_wanted=not no_demo))
