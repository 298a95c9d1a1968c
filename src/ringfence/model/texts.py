"""Which texts can be kept: not every text that Python can hold has a place in a database."""

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether every database can store `text`: it has no NUL character and no lone surrogate."""
    return "\0" not in text and (text.isascii() or _LONE_SURROGATE.search(text) is None)
