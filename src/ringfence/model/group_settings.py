"""What a block number group can be set to, beside its numbers, and the rules about that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringfence.errors import InputCode, Problem
from ringfence.model.block_groups import (
    EVERY_CALL,
    MAX_TEXT,
    MIN_TEXT,
    BlockGroup,
    Direction,
    Mode,
    Scope,
    is_group_text,
)
from ringfence.model.changes import Facts
from ringfence.model.keep import KEEP, Keep
from ringfence.model.numbers import E164
from ringfence.model.sip_answers import SipAnswer, answer_problems
from ringfence.model.spellings import read_number
from ringfence.model.texts import is_storable

MAX_DESCRIPTION = 200
MAX_SCOPE = 50


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """A group to be made, without numbers. `scope.called` may be in any spelling."""

    name: str
    description: str = ""
    mode: Mode = Mode.ENFORCE
    direction: Direction = Direction.BOTH
    scope: Scope = EVERY_CALL
    answer: SipAnswer | None = None


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What to set on a group. None leaves a setting as it is; `answer` None means the account's."""

    name: str | None = None
    description: str | None = None
    mode: Mode | None = None
    direction: Direction | None = None
    skills: tuple[str, ...] | None = None
    called: tuple[str, ...] | None = None
    answer: SipAnswer | Keep | None = KEEP


def settings_problems(settings: GroupSettings, region: str) -> Iterator[Problem]:
    """Yield what is wrong with a group to be made, but for skills, which only the store knows."""
    everything = GroupChange(
        *(settings.name, settings.description, settings.mode, settings.direction),
        *(settings.scope.skills, settings.scope.called, settings.answer),
    )
    yield from change_problems(everything, region)


def change_problems(change: GroupChange, region: str) -> Iterator[Problem]:
    """Yield what is wrong with a change of a group, but for skills, which only the store knows."""
    if change.name is not None and not (is_group_text(change.name) and is_storable(change.name)):
        rule = f"a group's name has {MIN_TEXT} to {MAX_TEXT} characters"
        yield Problem(InputCode.GROUP_NAME_LENGTH, "name", rule, change.name)
    if change.description is not None and not _is_description(change.description):
        rule = f"a group's description has up to {MAX_DESCRIPTION} characters"
        yield Problem(InputCode.GROUP_DESCRIPTION_LENGTH, "description", rule, change.description)
    yield from _length_problems("scope/skills", change.skills or ())
    yield from _length_problems("scope/called", change.called or ())
    yield from _called_problems(change.called or (), region)
    if isinstance(change.answer, SipAnswer):
        yield from answer_problems(change.answer)


def read_called(called: Sequence[str], region: str) -> tuple[E164, ...]:
    """Return called numbers as they are stored: in E.164, each once."""
    found = (read_number(number, region) for number in called)
    return tuple(dict.fromkeys(number for number in found if number is not None))


def facts_of(group: BlockGroup) -> Facts:
    """Return what the record of changes says of a group."""
    answer = group.answer
    return {
        "name": group.name,
        "description": group.description,
        "mode": group.mode.value,
        "direction": group.direction.value,
        "scope": {"skills": list(group.scope.skills), "called": list(group.scope.called)},
        "answer": answer and {"code": answer.code, "phrase": answer.phrase},
    }


def _is_description(text: str) -> bool:
    return len(text) <= MAX_DESCRIPTION and is_storable(text)


def _length_problems(field: str, values: Sequence[str]) -> Iterator[Problem]:
    if len(values) > MAX_SCOPE:
        rule = f"a scope has up to {MAX_SCOPE} skills and up to {MAX_SCOPE} called numbers"
        yield Problem(InputCode.SCOPE_TOO_LONG, field, rule, len(values))


def _called_problems(called: Sequence[str], region: str) -> Iterator[Problem]:
    for place, number in enumerate(called[:MAX_SCOPE]):
        if read_number(number, region) is None:
            rule = f"a called number is a possible phone number in region {region}"
            yield Problem(InputCode.NUMBER_IMPOSSIBLE, f"scope/called/{place}", rule, number)
