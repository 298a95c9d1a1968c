"""Spellings: which texts are numbers, however they are written."""

from ringfence.model.numbers import E164, normalise_by_libphonenumber


def read_number(text: str, region: str) -> E164 | None:
    """Return the E.164 form of a number in any spelling, or None."""
    return normalise_by_libphonenumber(text, region)
