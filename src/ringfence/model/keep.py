"""What stands in a change for a value that is not to change, where None is a value of its own."""

from enum import Enum
from typing import Final


class Keep(Enum):
    """The type of KEEP alone."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
