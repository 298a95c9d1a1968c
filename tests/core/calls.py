"""Calls as tests make them, and what is decided about them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from ringfence.core.screening import Policies, screen
from ringfence.model.accounts import Account
from ringfence.model.calls import Call, EntryStory, Lost, Screening
from ringfence.store import Store

IN_THE_RUNNING = {None, Lost.LESS_SPECIFIC, Lost.ENDS_SOONER, Lost.LATER_GROUP}
names: Iterator[str] = (f"name{each:06}" for each in count(1))
"""Names that are used once."""


def screened(store: Store, account: Account, number: str, *, at: datetime) -> Screening:
    """Return what is decided about an inbound call of `number`."""
    return screen(store, account, Policies(), Call(number), at=at)[2]


def blocks_of(screening: Screening) -> list[EntryStory]:
    """Return the entries that would each block the call if they were alone, best first."""
    entries = (screening.winner, *screening.others)
    return [each for each in entries if each is not None and each.lost in IN_THE_RUNNING]
