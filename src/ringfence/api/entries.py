"""Entries of block groups, as every resource shows them."""

from typing import Annotated

from pydantic import Field

from ringfence.api.fields import Moment, Shown, Text
from ringfence.model.blocked_numbers import MAX_REASON, BlockedEntry
from ringfence.model.patterns import Kind
from ringfence.model.spellings import MAX_SPELLING

Number = Annotated[Text, Field(min_length=1, max_length=MAX_SPELLING, examples=["+919812300001"])]
Reason = Annotated[Text, Field(max_length=MAX_REASON)]


class AddedBy(Shown):
    """Through which door, and with which key; null for the command line."""

    door: str
    key_id: int | None


class EntryShown(Shown):
    """A number, a prefix or `withheld` in a group. `expires_at` is null for a block for good.

    `hits` is how many calls it blocked since it was added, `last_hit_at` when the last of them was.
    """

    number: str
    kind: Kind
    group_id: int
    expires_at: Moment | None
    reason: str
    added_at: Moment
    added_by: AddedBy
    hits: int
    last_hit_at: Moment | None


def show_entry(entry: BlockedEntry) -> EntryShown:
    """Write an entry."""
    return EntryShown(
        number=entry.pattern,
        kind=entry.kind,
        group_id=entry.group_id,
        expires_at=entry.expires_at,
        reason=entry.reason,
        added_at=entry.added_at,
        added_by=AddedBy(door=entry.door, key_id=entry.key_id),
        hits=entry.hits,
        last_hit_at=entry.last_hit_at,
    )
