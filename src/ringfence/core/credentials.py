"""API keys: making them, storing what proves them, and telling who calls."""

import hashlib
import re
import secrets
from datetime import datetime

from ringfence.errors import InputCode, InvalidInput, NotAuthenticated, Problem
from ringfence.model.accounts import Account, ApiKey, Caller
from ringfence.store import Store, Transaction, api_keys

MIN_IMPORTED = 8
MAX_IMPORTED = 256

_RANDOM_BYTES = 32
_PREFIX = "rf_"
_SHOWN = len(_PREFIX) + 4
_SHOWN_IMPORTED = 2
_IMPORTABLE = re.compile(rf"[!-~]{{{MIN_IMPORTED},{MAX_IMPORTED}}}")


def authenticate(store: Store, user_name: str | None, key: str | None) -> Caller:
    """Return who calls with this user name and key. Raises NotAuthenticated, with the user name.

    The store is asked at every call, so a key revoked by another process is refused at once. The
    look-up is by digest: an attacker cannot steer it, so it need not take constant time.
    """
    if not user_name or not key:
        raise NotAuthenticated(user_name=user_name)
    digest = digest_of(key)
    caller = store.read(lambda tx: api_keys.select_caller(tx, digest))
    if caller is None or caller.account.user_name != user_name:
        raise NotAuthenticated(user_name=user_name)
    return caller


def create_key(store: Store, account: Account, *, at: datetime) -> tuple[ApiKey, str]:
    """Make a key of 256 random bits and return it with its plain text, which is not kept."""
    return store.write(lambda tx: insert_new_key(tx, account, at))


def insert_new_key(tx: Transaction, account: Account, at: datetime) -> tuple[ApiKey, str]:
    """Do what `create_key` does, inside a transaction."""
    key = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    return _insert(tx, account, key, key[:_SHOWN], at), key


def import_key(store: Store, account: Account, key: str, *, at: datetime) -> ApiKey:
    """Store a key that a caller holds already. Raises InvalidInput, ApiKeyExists."""
    if _IMPORTABLE.fullmatch(key) is None:
        rule = f"a key has {MIN_IMPORTED} to {MAX_IMPORTED} visible ASCII characters"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "key", rule))
    return store.write(lambda tx: _insert(tx, account, key, key[:_SHOWN_IMPORTED], at))


def list_keys(store: Store, account: Account) -> list[ApiKey]:
    """Return every key of the account, the revoked too, oldest first."""
    return store.read(lambda tx: api_keys.select_api_keys(tx, account.account_id))


def revoke_key(store: Store, account: Account, key_id: int, *, at: datetime) -> None:
    """End a key, from the next request on. Raises ApiKeyNotFound."""
    store.write(lambda tx: api_keys.revoke_api_key(tx, account, key_id, at))


def digest_of(key: str) -> str:
    """Return what the store keeps of a key.

    A fast hash suffices: the keys that we make cannot be guessed (research on key checks is
    summed up in docs/decisions/0004-keys-by-sha256.md).
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _insert(tx: Transaction, account: Account, key: str, prefix: str, at: datetime) -> ApiKey:
    return api_keys.insert_api_key(tx, account.account_id, digest_of(key), prefix, at)
