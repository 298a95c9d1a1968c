"""`ringfence account`: make, list, show and set accounts."""

from typing import Annotated

import typer

from ringfence.cli.options import (
    AccountName,
    AsJson,
    Database,
    cli_origin,
    find_group,
    opened_store,
)
from ringfence.cli.output import print_facts, print_json, print_table
from ringfence.clock import utc_now
from ringfence.core.accounts import create_account, get_account, list_accounts, set_account
from ringfence.core.path_uses import list_path_uses
from ringfence.core.skills import list_skills
from ringfence.model.accounts import (
    DEFAULT_PHONE_NUMBER_LIMIT,
    DEFAULT_REGION,
    DEFAULT_TIMEZONE,
    Account,
    AccountChange,
    AccountDraft,
    ApiAuthentication,
)
from ringfence.model.keep import KEEP, Keep
from ringfence.store import Store

app = typer.Typer(no_args_is_help=True, help="Make, list, show and set accounts.")

_REGION = "The region whose numbers may be written without a country code, as ISO 3166: IN, US …"
_TIMEZONE = "The time zone in which expiry dates are read: Asia/Kolkata, America/New_York …"
_AUTHENTICATION = "What lets callers of /ca_apis/ in: the key itself, or a token made by the key."
_DAYS = "For how many days what became of calls is kept."
_HASHED = "Keep keyed hashes of the other party's numbers from now on, instead of the numbers."
_AGENT_GROUP = "The block number group that agents' blocks go into, by name or id."
_NO_AGENTS = "Let agents block nobody."
_AGENT_HOURS = "For how many hours an agent may block, 1 to 8760."
_LIMIT = "How many phone numbers the account may have."


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user name to make.")],
    region: Annotated[str, typer.Option(help=_REGION)] = DEFAULT_REGION,
    timezone: Annotated[str, typer.Option(help=_TIMEZONE)] = DEFAULT_TIMEZONE,
    phone_number_limit: Annotated[int, typer.Option(help=_LIMIT)] = DEFAULT_PHONE_NUMBER_LIMIT,
    skill: Annotated[
        list[str] | None, typer.Option(help="A skill beside General; may be repeated.")
    ] = None,
    api_authentication: Annotated[
        ApiAuthentication, typer.Option(help=_AUTHENTICATION)
    ] = ApiAuthentication.KEY,
    *,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Make an account and its first API key, which is printed once.

    Makes the store where there is none, and upgrades an older one.
    """
    draft = AccountDraft(
        name, region, timezone, phone_number_limit, tuple(skill or ()), api_authentication
    )
    with opened_store(database, create=True) as store:
        made = create_account(store, draft, at=utc_now())
        skills = [each.name for each in list_skills(store, made.account)]
    facts = {"userName": name, "apiKey": made.key, **_settings(made.account), "skills": skills}
    print_json(facts) if json else print_facts(facts)


@app.command("list")
def list_(*, json: AsJson = False, database: Database = None) -> None:
    """List the accounts."""
    with opened_store(database) as store:
        rows = [_facts(account) for account in list_accounts(store)]
    print_json(rows) if json else print_table(rows, "There are no accounts.")


@app.command()
def show(account: AccountName, *, json: AsJson = False, database: Database = None) -> None:
    """Show one account: its settings, how many phone numbers it has, its skills."""
    with opened_store(database) as store:
        found = get_account(store, account)
        skills = [each.name for each in list_skills(store, found)]
    facts = {**_facts(found), "skills": skills}
    print_json(facts) if json else print_facts(facts)


@app.command("set")
def set_(
    account: AccountName,
    region: Annotated[str | None, typer.Option(help=_REGION)] = None,
    timezone: Annotated[str | None, typer.Option(help=_TIMEZONE)] = None,
    phone_number_limit: Annotated[int | None, typer.Option(help=_LIMIT)] = None,
    api_authentication: Annotated[
        ApiAuthentication | None, typer.Option(help=_AUTHENTICATION)
    ] = None,
    activity_days: Annotated[int | None, typer.Option(help=_DAYS)] = None,
    agent_group: Annotated[str | None, typer.Option(metavar="GROUP", help=_AGENT_GROUP)] = None,
    agent_hours: Annotated[int | None, typer.Option(help=_AGENT_HOURS)] = None,
    *,
    activity_hashed: Annotated[
        bool | None, typer.Option("--activity-hashed/--activity-plain", help=_HASHED)
    ] = None,
    no_agent_group: Annotated[bool, typer.Option("--no-agent-group", help=_NO_AGENTS)] = False,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Set what the options name. A running server follows at its next request."""
    with opened_store(database) as store:
        change = AccountChange(
            *(region, timezone, phone_number_limit, api_authentication),
            activity_days=activity_days,
            activity_hashed=activity_hashed,
            agent_group_id=_agent_group(store, account, agent_group, none=no_agent_group),
            agent_hours=agent_hours,
        )
        facts = _facts(set_account(store, account, change, cli_origin()))
    print_json(facts) if json else print_facts(facts)


@app.command()
def legacy(*, json: AsJson = False, database: Database = None) -> None:
    """List which accounts still call the older paths, how often, and when last.

    Requests with the right credentials count, since the store has this list; a running server adds
    them every ten seconds and when it stops.
    """
    with opened_store(database) as store:
        rows = [
            {
                "userName": use.user_name,
                "path": use.path,
                "requests": use.requests,
                "lastAt": use.last_at.isoformat(timespec="seconds"),
            }
            for use in list_path_uses(store)
        ]
    print_json(rows) if json else print_table(rows, "No account has called an older path.")


def _agent_group(store: Store, account: str, name: str | None, *, none: bool) -> int | Keep | None:
    if name is not None and none:
        raise typer.BadParameter("--agent-group and --no-agent-group exclude each other")
    if name is None:
        return None if none else KEEP
    return find_group(store, get_account(store, account), name).block_group_id


def _settings(account: Account) -> dict[str, object]:
    return {
        "region": account.region,
        "timezone": account.timezone,
        "phoneNumberLimit": account.phone_number_limit,
        "apiAuthentication": account.api_authentication.value,
        "activityDays": account.activity_days,
        "activityHashed": account.activity_hashed,
    }


def _facts(account: Account) -> dict[str, object]:
    return {
        "userName": account.user_name,
        **_settings(account),
        "phoneNumbersUsed": account.phone_numbers_used,
        "agentGroup": account.agent_group_id,
        "agentHours": account.agent_hours,
    }
