"""`ringfence db`: the store itself."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.options import AsJson, Database, opened_store, read_settings
from ringfence.cli.output import print_facts, print_json, print_table
from ringfence.cli.progress import row_progress
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.store import OpenStore, describe_url, is_same_store
from ringfence.store.backups import back_up, open_backup
from ringfence.store.copying import TableCount, copy_store, count_rows
from ringfence.store.schema import newest_version

_ABOUT = "Make, upgrade, back up, restore and move the store."

app = typer.Typer(no_args_is_help=True, help=_ABOUT)

From = Annotated[str, typer.Argument(metavar="FROM", help="The URL of the store to copy.")]
To = Annotated[
    str,
    typer.Argument(metavar="TO", help="The URL of the store to fill: a new one, or an empty one."),
]


@app.callback(help=_ABOUT)
def _group() -> None:
    """Do nothing: the help is all there is."""


@app.command()
def upgrade(database: Database = None) -> None:
    """Make the store where there is none, or bring an older one to this version's schema."""
    url = read_settings(database=database).database
    with opened_store(database, create=True):
        print(f"{describe_url(url)} is up to date.")


@app.command()
def status(*, database: Database = None, as_json: AsJson = False) -> None:
    """Show where the store is, its schema, how many rows it has and how large it is."""
    url = read_settings(database=database).database
    with opened_store(database, any_schema=True, in_bulk=True) as store:
        facts = _facts(describe_url(url), store)
    if as_json:
        print_json(facts)
    else:
        print_facts(_flat(facts))


def _facts(where: str, store: OpenStore) -> dict[str, object]:
    known = store.describe()
    return {
        "store": where,
        "engine": known.engine,
        "version": known.version,
        "schema": known.schema,
        "newestSchema": newest_version(),
        "sizeBytes": known.size_bytes,
        "rows": store.read(lambda tx: count_rows(tx, known.tables)),
    }


def _flat(facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts with those inside of them, named `outer.inner`."""
    flat: dict[str, object] = {}
    for name, value in facts.items():
        inside = value if isinstance(value, Mapping) else None
        flat |= {name: value} if inside is None else {f"{name}.{k}": v for k, v in inside.items()}
    return flat


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The new file to write.")],
    *,
    database: Database = None,
) -> None:
    """Write a consistent copy of the store, also while it serves, to the new file PATH.

    PATH is there once it is whole. Nothing is overwritten. `db restore` takes it back.
    """
    with opened_store(database, in_bulk=True) as store, row_progress("backup") as on_progress:
        counts = back_up(store, path, on_progress)
    print(f"{_rows(counts)} are backed up to {path}.")


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="What `db backup` wrote.")],
    *,
    database: Database = None,
) -> None:
    """Copy a backup into the store, which has to be missing or without accounts."""
    url = read_settings(database=database).database
    # The backup comes first: were it no good, a store would be made for nothing.
    with (
        closing(open_backup(path)) as source,
        opened_store(database, create=True, in_bulk=True) as target,
        row_progress("restore") as on_progress,
    ):
        counts = copy_store(source, target, on_progress)
    print(f"{_rows(counts)} are restored to {describe_url(url)}.")


@app.command()
def copy(source: From, target: To, *, as_json: AsJson = False) -> None:
    """Copy a store, also while it serves, into another, whichever databases the two are on.

    FROM stays as it is. TO is made if it is missing, and has to be without accounts; it gets
    everything or nothing. What is written to FROM after the copy has begun is not in it.
    """
    if is_same_store(source, target):
        rule = "FROM and TO are one store"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "database", rule))
    with (
        opened_store(source, in_bulk=True) as source_store,
        opened_store(target, create=True, in_bulk=True) as target_store,
        row_progress("copy") as on_progress,
    ):
        counts = copy_store(source_store, target_store, on_progress)
    table = [{"table": each.table, "from": each.source, "to": each.target} for each in counts]
    if as_json:
        print_json(table)
    else:
        print_table(table, "There are no tables.")


def _rows(counts: Sequence[TableCount]) -> str:
    return f"{sum(each.target for each in counts)} rows"
