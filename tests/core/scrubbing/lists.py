"""Accounts with blocks, and calling lists that are scrubbed by them."""

import io
from datetime import datetime

from ringfence.core.blocked_numbers import add_blocked_numbers
from ringfence.core.group_settings import make_block_group
from ringfence.core.scrubbing import ScrubOptions, scrub
from ringfence.model.accounts import Account
from ringfence.model.block_groups import Direction, Mode, Scope
from ringfence.model.blocked_numbers import NumbersDraft
from ringfence.model.group_settings import GroupSettings
from ringfence.model.scrubs import ScrubReport
from ringfence.store import Store
from tests.core.people import NOW, ORIGIN


def block(
    store: Store,
    account: Account,
    name: str,
    *numbers: str,
    mode: Mode = Mode.ENFORCE,
    direction: Direction = Direction.BOTH,
    scope: Scope | None = None,
    until: datetime | None = None,
) -> int:
    """Block numbers in a new group; return its id."""
    settings = GroupSettings(name, mode=mode, direction=direction, scope=scope or Scope())
    group = make_block_group(store, account, settings, ORIGIN)
    if numbers:
        draft = NumbersDraft(list(numbers), until)
        add_blocked_numbers(store, account, group.block_group_id, draft, ORIGIN)
    return group.block_group_id


def scrubbed(
    store: Store,
    account: Account,
    data: bytes,
    column: str | None = None,
    at: datetime = NOW,
) -> tuple[bytes, ScrubReport]:
    """Return what is left of a list, and the report."""
    target = io.BytesIO()
    options = ScrubOptions(column, len(data))
    report = scrub(store, account, io.BytesIO(data), target, options, at=at)
    return target.getvalue(), report


def kept(store: Store, account: Account, *numbers: str, at: datetime = NOW) -> list[str]:
    """Return those of `numbers` that are left of a list of them."""
    data = "".join(f"{number}\n" for number in ("phone", *numbers)).encode()
    return scrubbed(store, account, data, at=at)[0].decode().split("\n")[1:-1]
