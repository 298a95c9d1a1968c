"""Stores with very many blocked numbers of many accounts, and the requests that ask about them."""

import random
from collections.abc import Iterator
from pathlib import Path

from bench.creates import bulk
from bench.servers import KEY
from ringfence.core.credentials import digest_of
from ringfence.store import open_store

ACCOUNTS = 1_000
FIRST = 6_000_000_000
"""The lowest Indian mobile number, without its country code."""

_ACCOUNT = """account (
    account_id, user_name, region, timezone, phone_number_limit, created_at,
    last_block_group_id, last_batch_id, last_phone_number_id, last_allowed_number_id
) values (?1, 'bench' || ?1, 'IN', 'Asia/Kolkata', 500, 0, 3, 1, 1, 1)"""
_GROUPS = """block_group (
    account_id, block_group_id, name, name_key, description, created_at, updated_at
) select ?1, id, 'Group ' || id, 'group ' || id, '', 0, 0
from (select 1 as id union all select 2 union all select 3)"""
_BATCH = """batch (
    account_id, batch_id, door, created_at, reason
) values (?1, 1, 'bench', 0, 'nuisance')"""
_PHONE_NUMBER = """phone_number values (
    ?1, 1, 'desk', 'desk', '+918040000001', '+918040000001', 1, 0, 0, 'active', '100000040819+'
)"""
_ALLOWED = "allowed_number values (?1, '+918040000002', 1, 0, null, '', 'bench', null, 0)"
_LOGIN = "login values ('bench' || ?1, ?1)"
_ROWS = (_ACCOUNT, _LOGIN, _GROUPS, _BATCH, _PHONE_NUMBER, _ALLOWED)
_KEY = (
    "insert into api_key (digest, account_id, key_id, prefix, created_at, role) "
    "values (?, ?, 1, 'be', 0, 'admin')"
)


def key_of(account_id: int) -> str:
    """Return the key of an account."""
    return f"{KEY}-{account_id:05}"


def filled(path: Path, entries: int) -> str:
    """Make a store of 1,000 accounts with `entries` blocked numbers in all; return its URL.

    Each account has three groups, a blocked prefix, a number of its own and an allowed one, so that
    a call of it has to be looked up wherever it can be.
    """
    url = f"sqlite:///{path}"
    open_store(url, create=True).close()
    accounts = [(account_id,) for account_id in range(1, ACCOUNTS + 1)]
    with bulk(path) as connection:
        for rows in _ROWS:
            connection.executemany(f"insert into {rows}", accounts)
        connection.executemany(_KEY, ((digest_of(key_of(each)), each) for (each,) in accounts))
        connection.executemany(
            "insert into blocked_number values (?, ?, ?, null, 1)", _entries(entries)
        )
    return url


def _entries(count: int) -> Iterator[tuple[int, str, int]]:
    each = count // ACCOUNTS - 1
    for account_id in range(1, ACCOUNTS + 1):
        yield account_id, "+91140*", 3
        for number in blocked(account_id, each):
            yield account_id, f"+91{number}", 1 + number % 3


def blocked(account_id: int, each: int) -> list[int]:
    """Return the numbers that an account blocks, sorted: even ones, so that odd ones are free."""
    chance = random.Random(account_id)
    return sorted(FIRST + 2 * place for place in chance.sample(range(2_000_000_000), each))
