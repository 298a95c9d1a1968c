"""`ringfence key`: make, take over, list and revoke API keys."""

import sys
from typing import Annotated

import typer

from ringfence.cli.options import AccountName, AsJson, Database, cli_origin, opened_store
from ringfence.cli.output import print_json, print_table
from ringfence.core.accounts import get_account
from ringfence.core.credentials import (
    create_key,
    import_key,
    list_keys,
    revoke_key,
)
from ringfence.model.accounts import ApiKey, KeyDraft, Role

_MAX_READ = 4096

KeyRole = Annotated[Role, typer.Option(help="What the key may do; /v1 says which call is whose.")]
KeyLabel = Annotated[str, typer.Option(help="What people call the key.")]

app = typer.Typer(no_args_is_help=True, help="Make, take over, list and revoke API keys.")


@app.command()
def create(
    account: AccountName,
    role: KeyRole = Role.ADMIN,
    label: KeyLabel = "",
    *,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Make a key and print it. It is not kept, so this is the only time that it is shown."""
    draft = KeyDraft(role, label)
    with opened_store(database) as store:
        made, key = create_key(store, get_account(store, account), cli_origin(), draft)
    print_json({"id": made.key_id, "apiKey": key}) if json else print(key)


@app.command("import")
def import_(
    account: AccountName,
    role: KeyRole = Role.ADMIN,
    label: KeyLabel = "",
    *,
    json: AsJson = False,
    database: Database = None,
) -> None:
    """Read from standard input a key that a caller holds already, and let it in.

    Callers that move here from another service keep the key they have.
    """
    # What is no text becomes U+FFFD, which no key has, so the rule of keys refuses it.
    key = sys.stdin.buffer.read(_MAX_READ).decode("utf-8", "replace").strip("\r\n")
    with opened_store(database) as store:
        owner = get_account(store, account)
        made = import_key(store, owner, key, cli_origin(), KeyDraft(role, label))
    print_json(_facts(made)) if json else print(f"Key {made.key_id} of {account} is stored.")


@app.command("list")
def list_(account: AccountName, *, json: AsJson = False, database: Database = None) -> None:
    """List the keys of an account, revoked ones too, by their first characters."""
    with opened_store(database) as store:
        rows = [_facts(key) for key in list_keys(store, get_account(store, account))]
    print_json(rows) if json else print_table(rows, f"{account} has no keys.")


@app.command()
def revoke(
    account: AccountName,
    key_id: Annotated[int, typer.Argument(metavar="ID", help="The id that `key list` shows.")],
    database: Database = None,
) -> None:
    """End a key for good. A running server refuses it from the next request on."""
    with opened_store(database) as store:
        revoke_key(store, get_account(store, account), key_id, cli_origin())
    print(f"Key {key_id} of {account} is revoked.")


def _facts(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.key_id,
        "startsWith": key.prefix,
        "role": key.role.value,
        "label": key.label or None,
        "createdAt": key.created_at.isoformat(timespec="seconds"),
        "revokedAt": key.revoked_at and key.revoked_at.isoformat(timespec="seconds"),
    }
