"""Which texts can be kept: not every text that Python can hold has a place in a database."""


def is_storable(text: str) -> bool:
    """Whether every database can store `text`: it has no NUL character and no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)
