"""The decision about a call as anybody would write it down: lists, and no store."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

NUMBERS = {
    "9812345678": "+919812345678",
    "+91 98123-45679": "+919812345679",
    "00919812345680": "+919812345680",
    "sip:+442071838750@host;user=phone": "+442071838750",
    "anonymous": "withheld",
    "": "withheld",
    "12345": None,
    "112": None,
}
"""What callers show, and who they are; None are those who cannot be blocked."""

PATTERNS = ("+919812345678", "+919812345679", "+9198123*", "+919812345*", "+91*", "withheld")
LINES = ("+918041230001", "+918041230002")
SKILLS = ("General", "Sales")


class Asked(NamedTuple):
    """A call: spellings of who calls whom, which way, and for what."""

    number: str
    line: str
    direction: str
    skill: str | None


@dataclass
class Group:
    """A group and its entries, each with its end, None for good."""

    group_id: int
    mode: str = "enforce"
    direction: str = "both"
    skills: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    entries: dict[str, datetime | None] = field(default_factory=dict)

    def wants(self, asked: Asked) -> bool:
        """Whether the group is for such calls."""
        called = asked.line if asked.direction == "inbound" else NUMBERS[asked.number]
        return (
            self.direction in {"both", asked.direction}
            and (not self.skills or asked.skill in self.skills)
            and (not self.called or called in self.called)
        )


@dataclass
class Model:
    """One account: its groups, whom it allows, and which numbers are its own."""

    now: datetime
    groups: dict[int, Group] = field(default_factory=dict)
    allowed: dict[str, datetime | None] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)

    def decide(self, asked: Asked) -> tuple[bool, list[tuple[int, str]], set[tuple[int, str]]]:
        """Return whether the call is blocked, by which entries in order, and what only watches."""
        number = NUMBERS[asked.number]
        if number is None or number in self.own or self._any_covers(self.allowed, number):
            return False, [], set()
        live = [
            (group, pattern)
            for group in self.groups.values()
            for pattern, end in group.entries.items()
            if covers(pattern, number) and self.is_live(end) and group.wants(asked)
        ]
        blocks = sorted(
            (each for each in live if each[0].mode == "enforce"), key=lambda each: rank(*each)
        )
        watching = {(group.group_id, p) for group, p in live if group.mode == "monitor"}
        return bool(blocks), [(group.group_id, pattern) for group, pattern in blocks], watching

    def is_live(self, end: datetime | None) -> bool:
        """Whether what ends then has not ended."""
        return end is None or end > self.now

    def _any_covers(self, patterns: dict[str, datetime | None], number: str) -> bool:
        return any(covers(each, number) and self.is_live(end) for each, end in patterns.items())


def covers(pattern: str, number: str) -> bool:
    """Whether a pattern is about a number."""
    return number.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == number


def rank(group: Group, pattern: str) -> tuple[int, float, int]:
    """Return what the best entry is the least by: digits, how long it lasts, its group."""
    end = group.entries[pattern]
    digits = 100 if not pattern.endswith("*") else len(pattern)
    return -digits, float("-inf") if end is None else -end.timestamp(), group.group_id
