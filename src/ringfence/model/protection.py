"""Protection: what keeps a number from ever being blocked."""

from dataclasses import dataclass
from enum import StrEnum


class Protector(StrEnum):
    """What kind of thing protects a number."""

    PHONE_NUMBER = "phone_number"
    ALLOWED_NUMBER = "allowed_number"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects a number: a phone number has an id and a name, an allowed number an id."""

    kind: Protector
    protector_id: int | None = None
    name: str | None = None


EMERGENCY = Protection(Protector.EMERGENCY)

PROTECTOR_NAMES = {
    Protector.PHONE_NUMBER: "a phone number of the account",
    Protector.ALLOWED_NUMBER: "an allowed number",
    Protector.EMERGENCY: "an emergency number",
}
"""What a sentence calls each kind."""
