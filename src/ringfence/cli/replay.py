"""`ringfence replay`: which calls that passed a group would have blocked."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ringfence.cli.options import AccountName, AsJson, Database, find_group, opened_store
from ringfence.cli.output import print_json
from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.core.replay import replay as replay_group
from ringfence.model.moments import write_moment
from ringfence.model.replays import ReplayReport, read_since
from ringfence.model.screening_ids import format_screening_id, moment_of


def replay(
    account: AccountName,
    group: Annotated[
        str, typer.Argument(metavar="GROUP", help="A block number group: its name, or its id.")
    ],
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="7d, 24h, 30m; or a moment: 2026-01-31T18:00.")
    ] = "7d",
    *,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Tell which calls that passed a group would have blocked, by the entries it holds now.

    As if it enforced, by its direction and its scope, and whatever its mode is. What is allowed,
    protected, the account's own or an emergency number, then or now, would have rung all the same.
    """
    with opened_store(database, in_bulk=True) as store:
        owner, at = get_account(store, account), utc_now()
        start = read_since(since, owner.timezone, at)
        found = find_group(store, owner, group)
        report = replay_group(store, owner, found.block_group_id, start, at)
    if json:
        print_json(_facts(report))
    else:
        print("\n".join(_sentences(report, ZoneInfo(owner.timezone))))


def _facts(report: ReplayReport) -> dict[str, object]:
    return {
        "group": {"id": report.group.block_group_id, "name": report.group.name},
        "since": write_moment(report.since),
        "until": write_moment(report.until),
        "keptSince": report.kept_since and write_moment(report.kept_since),
        "calls": report.calls,
        "hashedCalls": report.hashed_calls,
        "exactOnly": report.exact_only,
        "wouldBlock": report.would_block,
        "numbers": report.numbers,
        "entries": [{"number": each.pattern, "calls": each.calls} for each in report.entries],
        "newest": [
            {
                "screeningId": format_screening_id(each.screening_id),
                "at": write_moment(moment_of(each.screening_id)),
                "number": each.number,
                "entry": each.pattern,
            }
            for each in report.newest
        ],
    }


def _sentences(report: ReplayReport, zone: ZoneInfo) -> Iterator[str]:
    since = report.since.astimezone(zone).isoformat(sep=" ", timespec="minutes")
    yield (
        f"Of {report.calls} calls that passed since {since}, {report.group.name} would have "
        f"blocked {report.would_block}, of {report.numbers} numbers."
    )
    if report.kept_since is not None:
        kept = report.kept_since.astimezone(zone).isoformat(sep=" ", timespec="minutes")
        yield f"Calls before {kept} are not kept."
    if report.exact_only:
        yield (
            f"Of {report.hashed_calls} calls only a hash of the number is kept: prefixes were not "
            "looked for in them."
        )
    yield from (f"  {each.calls:>8} by {each.pattern}" for each in report.entries)
