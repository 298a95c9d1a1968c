"""What a change of many says of each: blocked numbers by their patterns, phone numbers by id."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ringfence.api.fields import Moment, Shown
from ringfence.model.changes import Action, Change
from ringfence.model.phone_numbers import State

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HeldBefore(Shown):
    """What a group held of a number before; `expires_at` null is for good."""

    expires_at: Moment | None
    batch_id: int


class EntriesShown(Shown):
    """What became of the numbers of a group; what it holds of each after is the change's `after`.

    `changed` and `removed` have what it held before.
    """

    added: list[str]
    changed: dict[str, HeldBefore]
    removed: dict[str, HeldBefore]


class HeldAfter(Shown):
    """What a group holds of a number after; `expires_at` null is for good."""

    expires_at: Moment | None
    batch_id: int


class ImportedEntriesShown(Shown):
    """What became of the numbers of a group where they were imported, or that was taken back.

    What the group holds of those added and changed may differ, so it stands in `held`. `reasons`
    are those of the batches from the change's `first_batch_id` on, where they were imported.
    """

    added: list[str]
    changed: dict[str, HeldBefore]
    removed: dict[str, HeldBefore]
    held: dict[str, HeldAfter]
    reasons: list[str]


class PhoneFacts(Shown):
    """A phone number as it was, or is."""

    name: str
    number: str
    canonical: str
    priority: int
    state: State
    skills: list[str]


class PhoneChanged(Shown):
    """What a phone number was, and what it is."""

    before: PhoneFacts
    after: PhoneFacts


class PhoneEntriesShown(Shown):
    """What became of phone numbers where they were imported, or that was taken back; by their ids.

    `added` and `removed` have what each is, or was.
    """

    added: dict[str, PhoneFacts]
    changed: dict[str, PhoneChanged]
    removed: dict[str, PhoneFacts]


AnyEntries = EntriesShown | ImportedEntriesShown | PhoneEntriesShown


def show_entries(change: Change) -> AnyEntries | None:
    """Write what a change says of each of many; None where it is about one thing."""
    recorded: Any = change.entries
    if recorded is None:
        return None
    if change.action in (Action.PHONE_NUMBERS_IMPORTED, Action.PHONE_NUMBERS_TAKEN_BACK):
        return _phones(recorded)
    if change.action is Action.NUMBERS_IMPORTED:
        return _imported(recorded, (change.after or {})["first_batch_id"])
    if change.action is Action.NUMBERS_TAKEN_BACK:
        return ImportedEntriesShown(
            added=[],
            changed=_held(recorded["changed"]),
            removed=_held(recorded["removed"]),
            held={each: _held_after(*held) for each, held in recorded["restored"].items()},
            reasons=[],
        )
    return EntriesShown(
        added=recorded["added"],
        changed=_held(recorded["changed"]),
        removed=_held(recorded["removed"]),
    )


def read_moment(stored: int | None) -> datetime | None:
    """Return the moment that the record of changes has as milliseconds since 1970."""
    return None if stored is None else _EPOCH + timedelta(milliseconds=stored)


def _imported(recorded: Mapping[str, Any], first_batch_id: int) -> ImportedEntriesShown:
    rows = recorded["rows"]
    return ImportedEntriesShown(
        added=[pattern for pattern, *_ in rows if pattern not in recorded["changed"]],
        changed=_held(recorded["changed"]),
        removed={},
        held={
            pattern: _held_after(expires_at, first_batch_id + place)
            for pattern, expires_at, place in rows
        },
        reasons=recorded["reasons"],
    )


def _phones(recorded: Mapping[str, Any]) -> PhoneEntriesShown:
    return PhoneEntriesShown(
        added={each: PhoneFacts(**facts) for each, facts in recorded.get("added", {}).items()},
        changed={
            each: PhoneChanged(before=PhoneFacts(**before), after=PhoneFacts(**after))
            for each, (before, after) in recorded["changed"].items()
        },
        removed={each: PhoneFacts(**facts) for each, facts in recorded.get("removed", {}).items()},
    )


def _held(entries: Mapping[str, tuple[int | None, int]]) -> dict[str, HeldBefore]:
    return {
        number: HeldBefore(expires_at=read_moment(expires_ms), batch_id=batch_id)
        for number, (expires_ms, batch_id) in entries.items()
    }


def _held_after(expires_ms: int | None, batch_id: int) -> HeldAfter:
    return HeldAfter(expires_at=read_moment(expires_ms), batch_id=batch_id)
