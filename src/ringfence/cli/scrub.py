"""`ringfence scrub`: a calling list without the numbers that may not be called."""

import sys
from contextlib import ExitStack
from typing import Annotated

import typer

from ringfence.cli.options import AccountName, AsJson, Database, opened_file, opened_store
from ringfence.cli.output import print_json
from ringfence.cli.progress import byte_progress
from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.core.scrubbing import ScrubOptions, outbound_blocks, scrub_list, usable_processors
from ringfence.model.scrubs import ScrubReport


def scrub(
    account: AccountName,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The calling list, a CSV file; - reads it in.")
    ],
    *,
    column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The column of the numbers: its name or its place, from 1. "
            "Default: the one that is called phone, number, mobile or alike.",
        ),
    ] = None,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Copy a calling list to standard output, without the rows that may not be called.

    Dropped are the numbers that a group blocks for every outbound call: it enforces, its direction
    is outbound or both, and its scope is empty. Allowed, protected, own and emergency numbers stay,
    and so does a row without a number. Every other byte of the file stays as it is.

    What was dropped is told on standard error.
    """
    with ExitStack() as until_loaded, ExitStack() as until_done:
        store = until_loaded.enter_context(opened_store(database, in_bulk=True))
        found = get_account(store, account)
        source, size = until_done.enter_context(opened_file(file))
        blocks = outbound_blocks(store, found, utc_now(), size)
        if not blocks.needs_store:
            until_loaded.close()  # and its threads end, so that processes can be forked
        with byte_progress("scrub", size) as on_bytes:
            options = ScrubOptions(column, size, usable_processors(), on_bytes)
            report = scrub_list(found, blocks, source, sys.stdout.buffer, options)
        sys.stdout.buffer.flush()
    if json:
        print_json(_facts(report), file=sys.stderr)
    else:
        print(_sentences(report), file=sys.stderr)


def _facts(report: ScrubReport) -> dict[str, object]:
    return {
        "rows": report.rows,
        "dropped": report.dropped,
        "kept": report.kept,
        "unreadable": report.unreadable,
        "groups": [
            {"id": each.block_group_id, "name": each.name, "dropped": each.rows}
            for each in report.groups
        ],
    }


def _sentences(report: ScrubReport) -> str:
    rows = f"{report.rows} rows: {report.dropped} dropped, {report.kept} kept"
    lines = [f"{rows}, of which {report.unreadable} have no number that can be read"]
    lines += [
        f"  {each.rows} dropped by group {each.block_group_id} ({each.name})"
        for each in report.groups
    ]
    return "\n".join(lines)
