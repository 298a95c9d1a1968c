"""API keys: making them, storing what proves them, and telling who calls."""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime

from ringfence.errors import (
    ApiKeyInvalid,
    InputCode,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    Problem,
)
from ringfence.model.accounts import (
    ADMIN_KEY,
    Account,
    ApiKey,
    Caller,
    KeyDraft,
    Role,
    check_key_label,
)
from ringfence.model.changes import Action, Change, Origin
from ringfence.store import Store, Transaction, api_keys, changes

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


def identify(store: Store, key: str | None) -> Caller:
    """Return who calls with this key, where nothing else is said. Raises ApiKeyInvalid."""
    if not key:
        raise ApiKeyInvalid
    digest = digest_of(key)
    caller = store.read(lambda tx: api_keys.select_caller(tx, digest))
    if caller is None:
        raise ApiKeyInvalid
    return caller


def check_role(caller: Caller, roles: Collection[Role]) -> None:
    """Raise NotAllowed unless the caller's key has one of `roles`."""
    if caller.role not in roles:
        raise NotAllowed(role=caller.role.value)


def create_key(
    store: Store, account: Account, origin: Origin, draft: KeyDraft = ADMIN_KEY
) -> tuple[ApiKey, str]:
    """Make a key of 256 random bits and return it with its plain text, which is not kept.

    Raises InvalidInput.
    """
    check_key_label(draft.label)

    def create(tx: Transaction) -> tuple[ApiKey, str]:
        tx.lock_account(account.account_id)
        made, key = insert_new_key(tx, account, origin.at, draft)
        _record(tx, account, Action.KEY_CREATED, made, origin)
        return made, key

    return store.write(create)


def insert_new_key(
    tx: Transaction, account: Account, at: datetime, draft: KeyDraft = ADMIN_KEY
) -> tuple[ApiKey, str]:
    """Store a new key, inside a transaction; the account's making is its record."""
    key = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    return _insert(tx, account, key, key[:_SHOWN], at, draft), key


def import_key(
    store: Store, account: Account, key: str, origin: Origin, draft: KeyDraft = ADMIN_KEY
) -> ApiKey:
    """Store a key that a caller holds already. Raises InvalidInput, ApiKeyExists."""
    check_key_label(draft.label)
    if _IMPORTABLE.fullmatch(key) is None:
        rule = f"a key has {MIN_IMPORTED} to {MAX_IMPORTED} visible ASCII characters"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "key", rule))

    def import_(tx: Transaction) -> ApiKey:
        tx.lock_account(account.account_id)
        made = _insert(tx, account, key, key[:_SHOWN_IMPORTED], origin.at, draft)
        _record(tx, account, Action.KEY_CREATED, made, origin)
        return made

    return store.write(import_)


def list_keys(
    store: Store, account: Account, after: int = 0, limit: int = api_keys.ALL
) -> list[ApiKey]:
    """Return up to `limit` keys of higher ids than `after`, the revoked too, oldest first."""
    return store.read(lambda tx: api_keys.select_api_keys(tx, account.account_id, after, limit))


def revoke_key(store: Store, account: Account, key_id: int, origin: Origin) -> None:
    """End a key, from the next request on. Raises ApiKeyNotFound."""

    def revoke(tx: Transaction) -> None:
        tx.lock_account(account.account_id)
        ended = api_keys.revoke_api_key(tx, account, key_id, origin.at)
        _record(tx, account, Action.KEY_REVOKED, ended, origin)

    store.write(revoke)


def digest_of(key: str) -> str:
    """Return what the store keeps of a key.

    A fast hash suffices: the keys that we make cannot be guessed (research on key checks is
    summed up in docs/decisions/0004-keys-by-sha256.md).
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _insert(
    tx: Transaction, account: Account, key: str, prefix: str, at: datetime, draft: KeyDraft
) -> ApiKey:
    return api_keys.insert_api_key(tx, account.account_id, digest_of(key), prefix, at, draft)


def _record(tx: Transaction, account: Account, action: Action, key: ApiKey, origin: Origin) -> None:
    facts = {"id": key.key_id, "prefix": key.prefix, "role": key.role.value, "label": key.label}
    before, after = (None, facts) if action is Action.KEY_CREATED else (facts, None)
    told = Change(action, str(key.key_id), before, after)
    changes.insert_change(tx, account.account_id, told, origin)
