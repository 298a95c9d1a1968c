"""Reading what a switch asks plainly, quickly; whatever is not plain is read by the route."""

from typing import NamedTuple
from urllib.parse import unquote_plus

from ringfence.model.block_groups import Direction
from ringfence.model.calls import Call
from ringfence.model.skills import MAX_NAME
from ringfence.model.spellings import MAX_SPELLING

MAX_REMEMBERED = 4_096
"""How many ends of questions are remembered."""

_FIRST = b"calling="
_PLAIN = b"calling=%2B"
_MAX_PLAIN = len(_PLAIN) - 1 + MAX_SPELLING
_DIRECTIONS = {"inbound": Direction.INBOUND, "outbound": Direction.OUTBOUND}
_EXPLAIN = {"0": False, "1": True}
_NAMES = frozenset({"calling", "called", "direction", "skill", "explain"})


class Question(NamedTuple):
    """About which call, and whether to explain."""

    call: Call
    explains: bool


_remembered: dict[bytes, Question] = {}


def read_question(query: bytes) -> Question | None:
    """Return what is asked, or None for what is not as plain as a switch asks.

    Calls differ by their calling number and little else. So where that comes first, what is behind
    it is remembered as it was read.
    """
    first, _, rest = query.partition(b"&")
    known = _remembered.get(rest)
    # `calling=%2B…`, all digits: as every switch has it that encodes its query.
    if known is None or first[:11] != _PLAIN or not first[11:].isdigit() or len(first) > _MAX_PLAIN:
        return _read(query, rest if first[:8] == _FIRST else None)
    return Question(Call("+" + first[11:].decode(), *known.call[1:]), known.explains)


def _read(query: bytes, rest: bytes | None) -> Question | None:
    found = _read_pairs(query)
    if found is None:
        return None
    direction = _DIRECTIONS.get(found.get("direction", "inbound"))
    explains = _EXPLAIN.get(found.get("explain", "1"))
    if direction is None or explains is None:
        return None
    if ("called" if direction is Direction.OUTBOUND else "calling") not in found:
        return None
    skill = found.get("skill")
    if skill is not None and len(skill) > MAX_NAME:
        return None
    call = Call(found.get("calling", ""), found.get("called", ""), direction, skill)
    question = Question(call, explains)
    if rest is not None:
        if len(_remembered) >= MAX_REMEMBERED:
            _remembered.clear()
        _remembered[rest] = question
    return question


def _read_pairs(query: bytes) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        text = _unquote(value)
        key = name.decode("latin-1")
        if key not in _NAMES or key in found or text is None:
            return None
        found[key] = text
    return found


def _unquote(value: bytes) -> str | None:
    """Return a value as it was meant, None for one that the route has to look at."""
    text = unquote_plus(value.decode("latin-1"))
    return text if len(text) <= MAX_SPELLING and text.isprintable() and value.isascii() else None
