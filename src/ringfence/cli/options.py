"""What the commands share: their options, their settings, the store they work on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO

import typer
from pydantic import ValidationError

from ringfence.clock import utc_now
from ringfence.config import Settings, environment_name
from ringfence.core.block_groups import find_block_group, get_block_group
from ringfence.errors import BlockGroupNotFound, InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup
from ringfence.model.changes import Origin
from ringfence.store import OpenStore, Store, open_store

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The store: sqlite:///relative.db, sqlite:////absolute.db or "
        "postgresql://user@host/name. "
        "Default: RINGFENCE_DATABASE, else sqlite:///var/ringfence.db.",
    ),
]
_LARGEST_ID = 2**31 - 1
STANDARD_INPUT = "-"
BULK_TIMEOUT_S = 24 * 3600.0
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]
AccountName = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="The user name of the account.")
]


def read_settings(**flags: object) -> Settings:
    """Return the settings, flags that were given first. Raises InvalidInput."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them just here
    except ValidationError as error:
        raise InvalidInput(*_problems(error)) from None
    except UnicodeDecodeError:
        rule = "the file .env is not UTF-8 text"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, ".env", rule)) from None


def _problems(error: ValidationError) -> Iterator[Problem]:
    """Say which setting is wrong and why, without its value: that could be a password."""
    for each in error.errors(include_input=False, include_url=False):
        name = str(each["loc"][0])
        rule = each["msg"].removeprefix("Value error, ")
        message = f"setting {name} ({environment_name(name)}): {rule}"
        yield Problem(InputCode.SETTING_INVALID, name, message)


def cli_origin() -> Origin:
    """Return who changes something now, for the record: the command line."""
    return Origin("cli", None, utc_now())


@contextmanager
def opened_store(
    database: str | None,
    *,
    create: bool = False,
    any_schema: bool = False,
    in_bulk: bool = False,
) -> Iterator[OpenStore]:
    """Open the store that the options and settings name, and close it afterwards.

    `in_bulk` is for what may well take longer than a request.
    """
    settings = read_settings(database=database)
    store = open_store(
        settings.database,
        create=create,
        any_schema=any_schema,
        busy_timeout_s=settings.busy_timeout_s,
        postgres_timeout_s=BULK_TIMEOUT_S if in_bulk else settings.postgres_timeout_s,
        postgres_connections=settings.postgres_connections,
    )
    try:
        yield store
    finally:
        store.close()


def find_group(store: Store, account: Account, name: str) -> BlockGroup:
    """Return the block group of this name, or of this id where no group has such a name.

    Raises BlockGroupNotFound.
    """
    try:
        return find_block_group(store, account, name)
    except BlockGroupNotFound:
        if not (name.isascii() and name.isdigit() and int(name) <= _LARGEST_ID):
            raise
        return get_block_group(store, account, int(name))


@contextmanager
def opened_file(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open a file to read; `-` is standard input. Its size is None where only its end will tell.

    It has a descriptor that another process can read. Raises InvalidInput.
    """
    if name == STANDARD_INPUT:
        with _kept(sys.stdin.buffer) as kept:
            yield kept, None
        return
    path = Path(name)
    try:
        opened = path.open("rb")
    except OSError as error:
        rule = f"{name} cannot be read: {error.strerror}"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "file", rule)) from None
    with opened:
        yield opened, path.stat().st_size if path.is_file() else None


@contextmanager
def _kept(source: BinaryIO) -> Iterator[BinaryIO]:
    """Take what is typed at a terminal, which only this process may read; other sources stay."""
    if not source.isatty():
        yield source
        return
    with TemporaryFile() as file:
        copyfileobj(source, file)
        file.seek(0)
        yield file
