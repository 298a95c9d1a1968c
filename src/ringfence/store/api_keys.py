"""API keys in the database: their SHA-256 digests, never the keys."""

from datetime import datetime

from ringfence.errors import ApiKeyExists, ApiKeyNotFound
from ringfence.model.accounts import ADMIN_KEY, Account, ApiKey, Caller, KeyDraft, Role
from ringfence.store.accounts import ACCOUNT_COLUMNS, next_id, read_account
from ringfence.store.database import Clash, Row, Transaction
from ringfence.store.times import from_ms, from_optional_ms, to_ms

ALL = 2**31 - 1
_COLUMNS = "key_id, prefix, created_at, revoked_at, role, label"


def insert_api_key(
    tx: Transaction,
    account_id: int,
    digest: str,
    prefix: str,
    at: datetime,
    draft: KeyDraft = ADMIN_KEY,
) -> ApiKey:
    """Store the digest of a key. Raises ApiKeyExists, also for a key that was revoked."""
    key_id = next_id(tx, account_id, "last_api_key_id")
    try:
        tx.run(
            "insert into api_key (digest, account_id, key_id, prefix, created_at, role, label) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            (digest, account_id, key_id, prefix, to_ms(at), draft.role.value, draft.label),
        )
    except Clash as clash:
        raise ApiKeyExists from clash
    return ApiKey(key_id, prefix, at, None, draft.role, draft.label)


def select_caller(tx: Transaction, digest: str) -> Caller | None:
    """Return the account that holds a live key of this digest, or None."""
    row = tx.one(
        f"select {ACCOUNT_COLUMNS}, api_key.key_id, api_key.role "
        "from api_key join account using (account_id) "
        "where api_key.digest = ? and api_key.revoked_at is null",
        (digest,),
    )
    return None if row is None else Caller(read_account(row), row[-2], Role(row[-1]))


def select_api_keys(
    tx: Transaction, account_id: int, after: int = 0, limit: int = ALL
) -> list[ApiKey]:
    """Return keys of an account that come after the id `after`, the revoked too, by id."""
    rows = tx.all(
        f"select {_COLUMNS} from api_key where account_id = ? and key_id > ? "
        "order by key_id limit ?",
        (account_id, after, limit),
    )
    return [_read_api_key(row) for row in rows]


def revoke_api_key(tx: Transaction, account: Account, key_id: int, at: datetime) -> ApiKey:
    """End a live key and return it. Raises ApiKeyNotFound."""
    row = tx.one(
        "update api_key set revoked_at = ? "
        "where account_id = ? and key_id = ? and revoked_at is null "
        f"returning {_COLUMNS}",
        (to_ms(at), account.account_id, key_id),
    )
    if row is None:
        raise ApiKeyNotFound(user_name=account.user_name, key_id=key_id)
    return _read_api_key(row)


def _read_api_key(row: Row) -> ApiKey:
    key_id, prefix, created_at, revoked_at, role, label = row
    until = from_optional_ms(revoked_at)
    return ApiKey(key_id, prefix, from_ms(created_at), until, Role(role), label)
