"""A decision as JSON has it, in the same words at every door."""

from typing import Any

from ringfence.model.calls import Disposition, EntryStory, Reason, Screening
from ringfence.model.moments import write_moment
from ringfence.model.phone_numbers import PhoneNumber
from ringfence.model.sip_answers import SipAnswer

Facts = dict[str, Any]


def verdict_of(disposition: Disposition, reason: Reason, answer: SipAnswer | None) -> Facts:
    """Return what a switch needs, and no more."""
    told = None if answer is None else {"code": answer.code, "phrase": answer.phrase}
    return {"disposition": disposition, "reason": reason, "answer": told}


def facts_of(screening: Screening) -> Facts:
    """Return all that led to a decision."""
    told = verdict_of(screening.disposition, screening.reason, screening.answer)
    told["number"] = screening.number
    told["winner"] = None if screening.winner is None else _story(screening.winner)
    told["others"] = [{**_story(each), "lost": each.lost} for each in screening.others]
    told["would_block"] = [_story(each) for each in screening.would_block]
    if screening.hunt is not None:
        told["hunt"] = [_phone_number(each) for each in screening.hunt]
    return told


def _story(story: EntryStory) -> Facts:
    until = story.expires_at
    return {
        "group": {"id": story.group.block_group_id, "name": story.group.name},
        "entry": story.pattern,
        "kind": story.kind,
        "expires_at": None if until is None else write_moment(until),
        "added_by": story.added_by,
        "added_at": write_moment(story.added_at),
        "door": story.door,
        "note": story.note,
    }


def _phone_number(each: PhoneNumber) -> Facts:
    return {
        "id": each.phone_number_id,
        "name": each.name,
        "number": each.canonical,
        "priority": each.priority,
    }
