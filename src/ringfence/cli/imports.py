"""`ringfence import`: many rows from a file, looked at before they are applied, and taken back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from ringfence.cli.import_reports import facts, print_import, print_preview
from ringfence.cli.import_runs import run_import
from ringfence.cli.options import (
    AccountName,
    AsJson,
    Database,
    cli_origin,
    find_group,
    opened_file,
    opened_store,
)
from ringfence.cli.output import print_json, print_table
from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.core.imports.previews import preview_import
from ringfence.core.imports.reports import failed_rows, find_owner, get_import, list_imports
from ringfence.core.imports.steps import apply_import, undo_import
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.imports import Import, Kind, Target
from ringfence.store import OpenStore, Store

_ABOUT = """Load numbers from a CSV file: look before, take it back after.

ringfence import ACCOUNT [GROUP] FILE [--preview | --yes]
"""
_FILE = "file"
_GROUP_AND_FILE = 2
LISTED = 100
"""How many imports are listed, of each account the newest."""


class _FileByDefault(TyperGroup):
    """Takes what is no command for the arguments of `import file`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  typer's own
        """Put the command there that was left out."""
        if args and args[0] not in {*self.commands, "-h", "--help"}:
            args = [_FILE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_FileByDefault, no_args_is_help=True, help=_ABOUT)

GroupAndFile = Annotated[
    list[str],
    typer.Argument(
        metavar="[GROUP] FILE",
        help="The block group, by its name or its id; the CSV file, - reads standard input.",
    ),
]
FailedFile = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Write the rows that failed to this new file.")
]
ImportId = Annotated[str, typer.Argument(metavar="ID", help="The import, as `import list` has it.")]


@app.command(_FILE)
def file(
    account: AccountName,
    where: GroupAndFile,
    *,
    phone_numbers: Annotated[
        bool, typer.Option("--phone-numbers", help="The rows are phone numbers with their skills.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only tell what the rows would do.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")] = False,
    failed: FailedFile = None,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Import a CSV file: what a plain `ringfence import ACCOUNT [GROUP] FILE` does.

    Shows what the rows would do, and asks; on no terminal, it applies only with --yes. For block
    groups the columns are number, expires_at, reason; without GROUP, a column named group has the
    group of each row. For phone numbers they are name, number, priority, state, skills.
    """
    if len(where) > _GROUP_AND_FILE:
        raise InvalidInput(_bad("it is: ringfence import ACCOUNT [GROUP] FILE"))
    *group, source = where
    name = group[0] if group else None
    _check_together(("--preview", preview), ("--yes", yes))
    _check_together(("--phone-numbers", phone_numbers), ("a GROUP", name is not None))
    with opened_store(database, in_bulk=True) as store:
        owner = get_account(store, account)
        target = _target(store, owner, name, phone_numbers=phone_numbers)
        found = _previewed(store, owner, target, source)
        if failed is not None:
            _write_failed(store, owner, found, failed)
        if not (json and yes):
            print_json(facts(found)) if json else print_preview(found)
        if yes or not (preview or json or not _agreed(found, source)):
            apply_import(store, owner, found.import_id, cli_origin())
            _run(store, owner, found.import_id, as_json=json)


@app.command()
def apply(import_id: ImportId, *, json: AsJson = False, database: Database = None) -> None:
    """Apply an import that was looked at before, or go on with one that was stopped."""
    with opened_store(database, in_bulk=True) as store:
        owner = find_owner(store, import_id)
        apply_import(store, owner, import_id, cli_origin())
        _run(store, owner, import_id, as_json=json)


@app.command()
def undo(import_id: ImportId, *, json: AsJson = False, database: Database = None) -> None:
    """Take an import back, whatever state it is in; what was changed since stays as it is."""
    with opened_store(database, in_bulk=True) as store:
        owner = find_owner(store, import_id)
        undo_import(store, owner, import_id, cli_origin())
        _run(store, owner, import_id, as_json=json)


@app.command("list")
def list_(account: AccountName, *, json: AsJson = False, database: Database = None) -> None:
    """List the newest imports of an account, up to a hundred."""
    with opened_store(database) as store:
        rows = [
            facts(each) for each in list_imports(store, get_account(store, account), None, LISTED)
        ]
    if json:
        print_json(rows)
    else:
        names = ("id", "into", "state", "createdAt", "rows", "failed")
        table = [{name: row[name] for name in names} for row in rows]
        print_table(table, "There are no imports.")


@app.command()
def show(import_id: ImportId, *, json: AsJson = False, database: Database = None) -> None:
    """Show how far an import is, and what its rows did."""
    with opened_store(database) as store:
        found = get_import(store, find_owner(store, import_id), import_id)
    print_json(facts(found)) if json else print_import(found)


@app.command("failed")
def failed_(import_id: ImportId, *, database: Database = None) -> None:
    """Print the rows of an import that failed, as CSV, with what is wrong with each."""
    with opened_store(database) as store:
        for part in failed_rows(store, find_owner(store, import_id), import_id):
            sys.stdout.write(part)


def _run(store: OpenStore, owner: Account, import_id: str, *, as_json: bool) -> None:
    done = run_import(store, owner, import_id)
    print_json(facts(done)) if as_json else print_import(done)


def _check_together(first: tuple[str, bool], second: tuple[str, bool]) -> None:
    if first[1] and second[1]:
        raise InvalidInput(_bad(f"{first[0]} and {second[0]} exclude each other"))


def _previewed(store: Store, owner: Account, target: Target, source: str) -> Import:
    with opened_file(source) as (stream, _), _reading():
        return preview_import(store, owner, target, stream, cli_origin(), utc_now)


def _target(store: Store, owner: Account, name: str | None, *, phone_numbers: bool) -> Target:
    if phone_numbers:
        return Target(Kind.PHONE_NUMBERS)
    if name is None:
        return Target(Kind.BLOCKED_NUMBERS)
    return Target(Kind.BLOCKED_NUMBERS, find_group(store, owner, name).block_group_id)


@contextmanager
def _reading() -> Iterator[None]:
    """Show that it goes on, to whoever looks at a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status("Reading …"):
        yield


def _agreed(found: Import, source: str) -> bool:
    if source == "-" or not sys.stdin.isatty():
        print(f"Nothing is applied yet: ringfence import apply {found.import_id}")
        return False
    return typer.confirm("Apply it?")


def _write_failed(store: Store, owner: Account, found: Import, path: Path) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="") as target:
            target.writelines(failed_rows(store, owner, found.import_id))
    except OSError as error:
        raise InvalidInput(_bad(f"{path} cannot be written: {error.strerror}")) from error


def _bad(rule: str) -> Problem:
    return Problem(InputCode.SETTING_INVALID, "arguments", rule)
