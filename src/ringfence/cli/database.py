"""`ringfence db`: the store itself."""

import typer

from ringfence.cli.options import Database, opened_store, read_settings
from ringfence.store import describe_url

app = typer.Typer(no_args_is_help=True, help="Make and upgrade the store.")


@app.callback()
def _group() -> None:
    """Make and upgrade the store."""


@app.command()
def upgrade(database: Database = None) -> None:
    """Make the store where there is none, or bring an older one to this version's schema."""
    url = read_settings(database=database).database
    with opened_store(database, create=True):
        print(f"{describe_url(url)} is up to date.")
