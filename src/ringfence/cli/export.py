"""`ringfence export`: blocked numbers and phone numbers as CSV, to be kept or imported again."""

import codecs
import sys
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Annotated

import typer

from ringfence.cli.options import AccountName, Database, find_group, opened_store
from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.core.exports import (
    CsvTarget,
    export_group,
    export_groups,
    export_phone_numbers,
)
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.store import Store

GroupName = Annotated[
    str | None,
    typer.Argument(metavar="[GROUP]", help="The name of a block number group, or its id."),
]
PhoneNumbers = Annotated[
    bool, typer.Option("--phone-numbers", help="Write the phone numbers instead.")
]
ForExcel = Annotated[
    bool,
    typer.Option(
        "--excel",
        help="With the byte order mark and the line ends of Excel; there, import the number column "
        "as text, or its digits are cut.",
    ),
]


def export(
    account: AccountName,
    group: GroupName = None,
    *,
    phone_numbers: PhoneNumbers = False,
    excel: ForExcel = False,
    database: Database = None,
) -> None:
    """Write the blocked numbers of GROUP, or of all groups, to standard output as CSV.

    They are those blocked now, of one moment, with until when and why. `ringfence import` and
    POST /v1/imports take the file as it is.
    """
    if phone_numbers and group is not None:
        rule = "phone numbers are in no block number group: leave out GROUP or --phone-numbers"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "group", rule))
    # Whoever reads the output may be slow, and the store is not to show an old state for them.
    with TemporaryFile() as file, opened_store(database, in_bulk=True) as store:
        target = CsvTarget(file, "\r\n" if excel else "\n")
        _export(store, account, group, target, phone_numbers=phone_numbers)
        file.seek(0)
        if excel:
            sys.stdout.buffer.write(codecs.BOM_UTF8)
        copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _export(
    store: Store, name: str, group: str | None, target: CsvTarget, *, phone_numbers: bool
) -> None:
    account = get_account(store, name)
    if phone_numbers:
        export_phone_numbers(store, account, target)
    elif group is None:
        export_groups(store, account, target, utc_now())
    else:
        found = find_group(store, account, group)
        export_group(store, account, found.block_group_id, target, utc_now())
