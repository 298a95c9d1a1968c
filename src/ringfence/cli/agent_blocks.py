"""`ringfence agent-blocks`: list, extend and undo what agents blocked from a call."""

from datetime import timedelta
from typing import Annotated

import typer

from ringfence.cli.options import AccountName, AsJson, Database, cli_origin, opened_store
from ringfence.cli.output import print_facts, print_json, print_table
from ringfence.clock import utc_now
from ringfence.core.accounts import get_account
from ringfence.core.agent_blocks import list_agent_blocks
from ringfence.core.agent_supervision import extend_agent_block, undo_agent_block
from ringfence.model.agent_blocks import AgentBlock, BlockQuery, BlockState
from ringfence.model.moments import write_moment
from ringfence.model.pages import Position, Window
from ringfence.model.screening_ids import format_screening_id

_MAX_HOURS = 87_600
_PAGE = 1_000

app = typer.Typer(
    no_args_is_help=True, help="List, extend and undo what agents blocked from a call."
)

BlockId = Annotated[int, typer.Argument(metavar="ID", help="The id that `list` shows.")]


@app.command("list")
def list_(
    account: AccountName,
    state: Annotated[
        BlockState | None, typer.Option(help="Only what is in this state by now.")
    ] = None,
    number: Annotated[str | None, typer.Option(help="Only this number, in any spelling.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 100,
    *,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """List what agents blocked, the newest first, and what became of it."""
    query = BlockQuery(state, number)
    found: list[AgentBlock] = []
    after: Position | None = None
    with opened_store(database) as store:
        owner, at = get_account(store, account), utc_now()
        while len(found) < limit:
            window = Window(min(limit - len(found), _PAGE), after)
            page = list_agent_blocks(store, owner, query, window, at=at)
            found += page.items
            after = page.next
            if after is None:
                break
    rows = [_facts(each) for each in found]
    print_json(rows) if json else print_table(rows, f"Agents of {account} blocked nobody so.")


@app.command()
def extend(
    account: AccountName,
    agent_block_id: BlockId,
    hours: Annotated[
        int | None, typer.Option(min=1, max=_MAX_HOURS, help="For so many hours from now.")
    ] = None,
    *,
    for_good: Annotated[bool, typer.Option("--for-good", help="Without an end.")] = False,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Let a block last for so many hours from now, or for good."""
    if (hours is None) is not for_good:
        raise typer.BadParameter("give --hours or --for-good: one of the two")
    origin = cli_origin()
    until = None if hours is None else origin.at + timedelta(hours=hours)
    with opened_store(database) as store:
        owner = get_account(store, account)
        facts = _facts(extend_agent_block(store, owner, agent_block_id, until, origin))
    print_json(facts) if json else print_facts(facts)


@app.command()
def undo(
    account: AccountName,
    agent_block_id: BlockId,
    *,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Give the entry back what it was before the agent blocked it.

    Where another agent blocked the number too, what that one asked for holds.
    """
    with opened_store(database) as store:
        owner = get_account(store, account)
        facts = _facts(undo_agent_block(store, owner, agent_block_id, cli_origin()))
    print_json(facts) if json else print_facts(facts)


def _facts(found: AgentBlock) -> dict[str, object]:
    call, group = found.screening_id, found.group
    return {
        "id": found.agent_block_id,
        "number": found.pattern,
        "group": group.name or group.block_group_id,
        "state": found.state.value,
        "expiresAt": found.expires_at and write_moment(found.expires_at),
        "reason": found.reason,
        "addedBy": found.added_by.label,
        "createdAt": write_moment(found.created_at),
        "screeningId": None if call is None else format_screening_id(call),
        "outcome": found.outcome.value,
        "undoneAt": found.undone_at and write_moment(found.undone_at),
    }
