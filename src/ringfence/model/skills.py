"""Skills: the names by which calls reach phone numbers (the vendor calls it hunting)."""

from dataclasses import dataclass

from ringfence.errors import InputCode, InvalidInput, Problem

GENERAL = "General"
"""The skill that every account starts with."""

MAX_NAME = 50


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill of one account, with how many phone numbers have it."""

    skill_id: int
    name: str
    phone_numbers: int


def skill_key(name: str) -> str:
    """Return what makes two spellings of a skill one: letter case and outer blanks aside."""
    return name.strip().casefold()


def check_skill_name(name: str) -> None:
    """Raise InvalidInput unless `name` is 1 to 50 printable characters without a comma."""
    if not (0 < len(name) <= MAX_NAME and name.isprintable() and "," not in name and name.strip()):
        rule = f"a skill name has 1 to {MAX_NAME} printable characters and no comma"
        raise InvalidInput(Problem(InputCode.SETTING_INVALID, "skill", rule))
