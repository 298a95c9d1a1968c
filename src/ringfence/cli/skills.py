"""`ringfence skill`: add, list and remove the skills of an account."""

from typing import Annotated

import typer

from ringfence.cli.options import AccountName, AsJson, Database, cli_origin, opened_store
from ringfence.cli.output import print_json, print_table
from ringfence.core.accounts import get_account
from ringfence.core.skills import add_skill, list_skills, remove_skill

app = typer.Typer(no_args_is_help=True, help="Add, list and remove the skills of an account.")

SkillName = Annotated[str, typer.Argument(metavar="SKILL", help="The name of the skill.")]


@app.command()
def add(account: AccountName, skill: SkillName, database: Database = None) -> None:
    """Add a skill, so that phone numbers can have it."""
    with opened_store(database) as store:
        add_skill(store, get_account(store, account), skill, cli_origin())
    print(f"{account} has the skill {skill}.")


@app.command("list")
def list_(account: AccountName, *, json: AsJson = False, database: Database = None) -> None:
    """List the skills, each with how many phone numbers have it."""
    with opened_store(database) as store:
        skills = list_skills(store, get_account(store, account))
    rows = [{"name": skill.name, "phoneNumbers": skill.phone_numbers} for skill in skills]
    print_json(rows) if json else print_table(rows, f"{account} has no skills.")


@app.command()
def remove(account: AccountName, skill: SkillName, database: Database = None) -> None:
    """Remove a skill, also from every phone number that has it."""
    with opened_store(database) as store:
        remove_skill(store, get_account(store, account), skill, cli_origin())
    print(f"{account} no longer has the skill {skill}.")
