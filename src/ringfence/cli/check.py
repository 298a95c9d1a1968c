"""`ringfence check`: may a call ring, and by what is that decided."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ringfence.cli.options import AccountName, AsJson, Database, opened_store
from ringfence.cli.output import print_json
from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.core.screening import Policies, screen
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.block_groups import Direction
from ringfence.model.calls import Call, Disposition, EntryStory, Lost, Reason, Screening
from ringfence.model.screening_facts import facts_of

NOT_BLOCKED = 1

_REASONS = {
    Reason.NO_NUMBER: "it is no phone number",
    Reason.EMERGENCY: "it is an emergency number",
    Reason.OWN_NUMBER: "it is a phone number of the account",
    Reason.PROTECTED: "it is allowed and protected",
    Reason.ALLOWED: "it is allowed",
}
_LOST = {
    Lost.EXPIRED: "it has expired",
    Lost.GROUP_OFF: "the group is off",
    Lost.OTHER_DIRECTION: "the group is for calls of the other direction",
    Lost.OTHER_SKILL: "the group is for other skills",
    Lost.OTHER_CALLED: "the group is for other called numbers",
    Lost.CALL_EXEMPT: "the number rings whatever blocks it",
    Lost.MONITORED: "the group only monitors",
    Lost.LESS_SPECIFIC: "it is less specific",
    Lost.ENDS_SOONER: "it ends sooner",
    Lost.LATER_GROUP: "its group is a later one",
}
_IN_THE_RUNNING = {Lost.LESS_SPECIFIC, Lost.ENDS_SOONER, Lost.LATER_GROUP}


class AskedDirection(StrEnum):
    """Which way a call goes."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


Party = Annotated[
    str,
    typer.Argument(
        metavar="NUMBER",
        help="The other party: who calls, or whom an outbound call is for; in any spelling, "
        "or withheld.",
    ),
]
Called = Annotated[
    str | None, typer.Option(metavar="NUMBER", help="Which number an inbound call is for.")
]
Way = Annotated[AskedDirection, typer.Option(help="Which way the call goes.")]
SkillName = Annotated[
    str | None, typer.Option(metavar="NAME", help="The skill that the call is for.")
]
At = Annotated[
    str | None,
    typer.Option(
        metavar="MOMENT",
        help="Another moment than now, as 2026-12-31T18:00:00+05:30, by the entries held now.",
    ),
]


def check(
    account: AccountName,
    number: Party,
    *,
    called: Called = None,
    direction: Way = AskedDirection.INBOUND,
    skill: SkillName = None,
    at: At = None,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Say whether a call may ring now, which entry decides, and why each other one does not.

    Exits with 0 if it is blocked, 1 if it is not, 2 if that could not be told.
    """
    call = _read_call(number, called, direction, skill)
    moment = utc_now() if at is None else _read_moment(at)
    with opened_store(database) as store:
        found = get_account(store, account)
        *_, screening = screen(store, found, Policies(), call, at=moment)
    if json:
        print_json(facts_of(screening))
    else:
        print(_sentences(screening, ZoneInfo(found.timezone)))
    if screening.disposition is Disposition.PASS:
        raise typer.Exit(NOT_BLOCKED)


def _read_call(number: str, called: str | None, direction: str, skill: str | None) -> Call:
    if direction == AskedDirection.INBOUND:
        return Call(number, called or "", Direction.INBOUND, skill)
    if called is not None:
        rule = "of an outbound call, NUMBER is the called one: --called is for inbound calls"
        raise InvalidInput(Problem(InputCode.FIELD_INVALID, "--called", rule))
    return Call("", number, Direction.OUTBOUND, skill)


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        rule = "a moment is written as 2026-12-31T18:00:00+05:30, with its offset, or Z for UTC"
        raise InvalidInput(Problem(InputCode.FIELD_INVALID, "--at", rule, text))
    return moment


def _sentences(screening: Screening, zone: ZoneInfo) -> str:
    lines = [_first(screening, zone)]
    lines += [_other(each, screening.number, zone) for each in screening.others]
    if screening.hunt is not None and screening.disposition is Disposition.PASS:
        names = ", ".join(f"{each.name} ({each.canonical})" for each in screening.hunt)
        lines.append(f"  rings {names or 'nobody: no active phone number has that skill'}")
    return "\n".join(lines)


def _first(screening: Screening, zone: ZoneInfo) -> str:
    number = screening.number
    if screening.winner is not None:
        return f"{number} is blocked by {_entry(screening.winner, number, zone)}"
    why = _REASONS.get(screening.reason)
    return f"{number} is not blocked" + (f": {why}" if why else "")


def _other(story: EntryStory, number: str, zone: ZoneInfo) -> str:
    assert story.lost is not None, "whatever is not the winner has lost"
    would = "also" if story.lost in _IN_THE_RUNNING else "not"
    return f"  {would} by {_entry(story, number, zone)}: {_LOST[story.lost]}"


def _entry(story: EntryStory, number: str, zone: ZoneInfo) -> str:
    group = f"group {story.group.block_group_id} ({story.group.name})"
    what = group if story.pattern == number else f"{story.pattern} in {group}"
    if story.expires_at is None:
        return f"{what}, for good"
    return f"{what}, until {story.expires_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
