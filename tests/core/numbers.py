"""Spellings of numbers, grouped by hand: what stands in one row is one number in India."""

SPELLINGS = {
    "+919812345678": ("9812345678", "09812345678", "919812345678", "+919812345678"),
    "+919812345679": ("9812345679", "00919812345679", "+919812345679"),
    "+12015550123": ("+12015550123", "0012015550123"),
    "+918041234567": ("8041234567", "+918041234567"),
}
"""By E.164, the spellings of possible numbers."""

IMPOSSIBLE = {
    "12345": ("12345", "+12345"),
    "1234567890123456": ("1234567890123456",),
    "000": ("000",),
}
"""By their digits, the spellings of what is no possible number."""


def owner_of(spelling: str) -> str:
    """Return what `spelling` is known by, as the tables above say."""
    for known in (SPELLINGS, IMPOSSIBLE):
        for identity, spellings in known.items():
            if spelling in spellings:
                return identity
    raise KeyError(spelling)


POSSIBLE_SPELLINGS = [each for spellings in SPELLINGS.values() for each in spellings]
EVERY_SPELLING = [*POSSIBLE_SPELLINGS, *(each for row in IMPOSSIBLE.values() for each in row)]
