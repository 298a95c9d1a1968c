"""`ringfence check`: whether a number is blocked, by which group, until when."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ringfence.app import utc_now
from ringfence.cli.options import AccountName, AsJson, Database, opened_store
from ringfence.cli.output import print_json
from ringfence.core.accounts import get_account
from ringfence.core.screening import Disposition, Screening, screen
from ringfence.model.block_groups import BlockedNumber

NOT_BLOCKED = 1


def check(
    account: AccountName,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="A phone number, in any spelling.")
    ],
    *,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Say whether a number is blocked now, by which group, and until when.

    For every call alike: the direction and the scope of a group are not looked at yet.

    Exits with 0 if it is blocked, 1 if it is not, 2 if that could not be told.
    """
    with opened_store(database) as store:
        found = get_account(store, account)
        screening = screen(store, found, number, at=utc_now())
    if json:
        print_json(_facts(account, screening))
    else:
        print(_sentence(screening, ZoneInfo(found.timezone)))
    if screening.disposition is Disposition.PASS:
        raise typer.Exit(NOT_BLOCKED)


def _facts(account: str, screening: Screening) -> dict[str, object]:
    winner = screening.winner
    nothing: dict[str, object] = {"group": None, "expiresAt": None}
    return {
        "account": account,
        "number": screening.number,
        "blocked": winner is not None,
        **(nothing if winner is None else _entry_facts(winner)),
        "others": [_entry_facts(other) for other in screening.others],
    }


def _entry_facts(entry: BlockedNumber) -> dict[str, object]:
    return {
        "group": {"id": entry.group.block_group_id, "name": entry.group.name},
        "expiresAt": entry.expires_at and entry.expires_at.isoformat(),
    }


def _sentence(screening: Screening, zone: ZoneInfo) -> str:
    if screening.winner is None:
        return f"{screening.number} is not blocked"
    lines = [f"{screening.number} is blocked by {_entry(screening.winner, zone)}"]
    lines += [f"  also by {_entry(other, zone)}" for other in screening.others]
    return "\n".join(lines)


def _entry(entry: BlockedNumber, zone: ZoneInfo) -> str:
    group = f"group {entry.group.block_group_id} ({entry.group.name})"
    if entry.expires_at is None:
        return f"{group}, for good"
    return f"{group}, until {entry.expires_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
