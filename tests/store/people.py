"""Accounts with things of the same ids, whose values say whose they are."""

import json
from datetime import UTC, datetime

from ringfence.model.accounts import Account, AccountDraft
from ringfence.model.allowed_numbers import AllowedNumber
from ringfence.model.changes import Action, Change, Origin
from ringfence.model.imports import Import, ImportState, StagedChunk, Target
from ringfence.model.imports import Kind as ImportKind
from ringfence.model.numbers import E164
from ringfence.model.patterns import Kind
from ringfence.store import (
    Store,
    Transaction,
    accounts,
    agent_blocks,
    allowed_numbers,
    api_keys,
    block_groups,
    blocked_numbers,
    changes,
    hunting,
    import_chunks,
    imports,
    kept_answers,
    path_uses,
    phone_numbers,
    skills,
    tokens,
)
from ringfence.store.agent_blocks import BlockRow, Held
from ringfence.store.database import Row
from tests.store.tables import columns, tables

IMPORT = "0123456789abcdef01234567"
CALL = 4242
"""The id of a screening that each has."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = Origin("test", 1, NOW)
OWN = {"alice": "+919800000001", "bob": "+919800000002", "carol": "+919800000003"}
BLOCKED = {
    "alice": E164("+919811111111"),
    "bob": E164("+919822222222"),
    "carol": E164("+919833333333"),
}


def furnish(store: Store, name: str) -> Account:
    """Make an account with one of everything, each of id 1, each named after its owner."""
    return store.write(lambda tx: _furnish(tx, name))


def _furnish(tx: Transaction, name: str) -> Account:
    account = accounts.insert_account(tx, AccountDraft(name), NOW)
    owner = account.account_id
    api_keys.insert_api_key(tx, owner, f"digest of {name}", name[:2], NOW)
    skills.insert_skill(tx, account, f"skill of {name}")
    phone_numbers.insert_phone_number(tx, account, f"desk.of.{name}", OWN[name], OWN[name], NOW)
    hunting.attach_skills(tx, owner, 1, [1])
    block_groups.insert_block_group(tx, owner, f"group of {name}", f"about {name}", NOW)
    batch = blocked_numbers.insert_batch(tx, owner, ORIGIN, f"because of {name}")
    blocked_numbers.upsert_blocked_numbers(tx, owner, 1, [BLOCKED[name]], None, batch)
    allowed_numbers.insert_allowed_number(tx, owner, allowed(name))
    changes.insert_change(tx, owner, Change(Action.ACCOUNT_SET, "1", None, {"of": name}), ORIGIN)
    answer = kept_answers.KeptAnswer(f"asked by {name}", f"told {name}")
    key = kept_answers.AnswerKey(1, f"of {name}")
    kept_answers.insert_kept_answer(tx, owner, key, answer, NOW)
    path_uses.add_path_use(tx, owner, "/path", 1, NOW)
    tokens.insert_token(tx, owner, f"jti of {name}", 1, tokens.Period(NOW, NOW), NOW)
    tokens.select_signing_secret(tx, "5ec7e7", NOW)
    imports.insert_import(tx, owner, imported(name))
    chunk = StagedChunk(1, 1, staged(name), "[2]", (f"because of {name}",))
    import_chunks.insert_chunk(tx, owner, IMPORT, 1, chunk)
    import_chunks.insert_failures(tx, owner, IMPORT, 1, f"2,of {name}\n")
    agent_blocks.insert_agent_block(tx, owner, agent_block(name))
    tx.run(
        "insert into screening (account_id, screening_id, calling, called, direction, disposition, "
        "reason, latency_us) values (?, ?, ?, ?, 'inbound', 'pass', 'not_blocked', 1)",
        (owner, CALL, BLOCKED[name], OWN[name]),
    )
    return accounts.select_account(tx, name)


def agent_block(name: str) -> BlockRow:
    """Return the agent block of an account: of all of them, it has the same ids."""
    return BlockRow(
        *(1, 1, BLOCKED[name], CALL, f"because of {name}", 1, 0, None, 1, "added", Held(None, 1))
    )


def imported(name: str) -> Import:
    """Return the import of an account: of all of them, it has the same id."""
    target = Target(ImportKind.BLOCKED_NUMBERS, 1)
    return Import(IMPORT, target, ImportState.APPLYING, f"door of {name}", 1, NOW)


def staged(name: str) -> str:
    """Return the rows of an import: the number that its account blocks."""
    return json.dumps([[BLOCKED[name], None, 0]])


def allowed(name: str) -> AllowedNumber:
    """Return the allowed number of an account: one that it also blocks."""
    return AllowedNumber(
        *(1, BLOCKED[name], Kind.EXACT, True, None, f"friend of {name}", "test", 1, NOW)
    )


def rows_of(store: Store, account: Account) -> dict[str, list[Row]]:
    """Return every row of every table that belongs to `account`."""

    def select(tx: Transaction) -> dict[str, list[Row]]:
        return {
            table: tx.all(f"select * from {table} where account_id = ?", (account.account_id,))
            for table in tables_of_accounts(tx)
        }

    return store.read(select)


def tables_of_accounts(tx: Transaction) -> list[str]:
    """Return the names of the tables whose rows belong to accounts."""
    return [table for table in tables(tx) if "account_id" in columns(tx, table)]
