"""The store that the commands worked on, looked at and filled behind their backs."""

import os
from datetime import UTC, datetime
from pathlib import Path

from ringfence.core.accounts import get_account
from ringfence.core.block_groups import create_block_group
from ringfence.core.credentials import authenticate
from ringfence.model.block_groups import GroupDraft
from ringfence.model.changes import Origin
from ringfence.store import open_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DATABASE = "RINGFENCE_DATABASE"


def url_of(folder: Path) -> str:
    """Return where the commands of a test find their store."""
    return os.environ.get(DATABASE) or f"sqlite:///{folder}/var/ringfence.db"


def lets_in(folder: Path, user_name: str, key: str) -> bool:
    """Tell whether the store in `folder` lets this key in."""
    store = open_store(url_of(folder))
    try:
        return authenticate(store, user_name, key).account.user_name == user_name
    finally:
        store.close()


def block(folder: Path, name: str, number: str, until: datetime | None) -> None:
    """Block a number in a new group."""
    store = open_store(url_of(folder))
    draft = GroupDraft(name, "about", [number], until)
    create_block_group(store, get_account(store, "alice"), draft, Origin("test", None, NOW))
    store.close()
