"""Tokens in the database: the ids of those given out, never the tokens; and what signs them."""

from datetime import datetime
from typing import NamedTuple

from ringfence.errors import TokenLimitReached
from ringfence.store.accounts import next_id
from ringfence.store.database import Transaction
from ringfence.store.times import to_ms

_THE_SECRET = 1


class Period(NamedTuple):
    """The time after one moment and until another."""

    after: datetime
    until: datetime


class LiveToken(NamedTuple):
    """What signs tokens; the id, the key and its role of the account's newest, None without one."""

    secret: str
    jti: str | None
    key_id: int | None
    role: str | None


def select_signing_secret(tx: Transaction, candidate: str, at: datetime) -> str:
    """Return what tokens are signed with: `candidate`, if there was nothing before.

    Of several that bring one at once the first wins, and the others get to see it.
    """
    tx.run(
        "insert into signing_secret (secret_id, secret, created_at) values (?, ?, ?) "
        "on conflict do nothing",
        (_THE_SECRET, candidate, to_ms(at)),
    )
    row = tx.one("select secret from signing_secret where secret_id = ?", (_THE_SECRET,))
    assert row is not None, "it was put there just now, or before"
    return str(row[0])


def insert_token(
    tx: Transaction, account_id: int, jti: str, key_id: int, within: Period, at: datetime
) -> None:
    """Store a token, which ends the ones before; forget those that were not made `within`."""
    token_id = next_id(tx, account_id, "last_token_id")
    tx.run(
        "delete from token where account_id = ? and (created_at <= ? or created_at > ?)",
        (account_id, to_ms(within.after), to_ms(within.until)),
    )
    tx.run(
        "insert into token (account_id, token_id, jti, key_id, created_at) values (?, ?, ?, ?, ?)",
        (account_id, token_id, jti, key_id, to_ms(at)),
    )


def check_token_limit(tx: Transaction, account_id: int, limit: int, within: Period) -> None:
    """Raise TokenLimitReached where the account was given `limit` tokens `within`.

    Takes the account's lock, so that parallel writers see each other's tokens.
    """
    tx.lock_account(account_id)
    row = tx.one(
        "select count(*) from token where account_id = ? and created_at > ? and created_at <= ?",
        (account_id, to_ms(within.after), to_ms(within.until)),
    )
    if row is not None and row[0] >= limit:
        raise TokenLimitReached


def select_live_token(tx: Transaction, account_id: int, within: Period) -> LiveToken | None:
    """Return what proves a token of this account, or None where no account ever had one.

    A token ends with the key that it was made by, and is no older than `within`, whatever is
    written in it: so who has the secret, from a backup say, makes none that lives on.
    """
    row = tx.one(
        "select signing_secret.secret, live.jti, live.key_id, live.role "
        "from signing_secret left join ("
        "select token.jti, token.key_id, api_key.role from token "
        "join account on account.account_id = token.account_id "
        "and account.last_token_id = token.token_id "
        "join api_key on api_key.account_id = token.account_id "
        "and api_key.key_id = token.key_id and api_key.revoked_at is null "
        "where token.account_id = ? and token.created_at > ? and token.created_at <= ?"
        ") live on 1 = 1 where signing_secret.secret_id = ?",
        (account_id, to_ms(within.after), to_ms(within.until), _THE_SECRET),
    )
    return None if row is None else LiveToken(*row)
