"""The line of text that a row becomes, because lines are sorted and kept with little.

Its fields are group, pattern, rank of the expiry, place in the file and reason, with tabs between
and a line end behind. Lines in ascending order are in that of the store's key, and of those with
one pattern the one that lasts longest comes first, else the first of the file.
"""

from collections.abc import Iterable, Sequence

_FIRST_PLACE = 10_000_000_000
"""What is added to the line of a row in its file, so that places sort as texts do."""

_LAST_RANK = 10**15
_FOR_GOOD = "0"
_GROUP_DIGITS = 19


def group_field(group_id: int) -> str:
    """Return the field of a group of several, whose fields sort as their ids do."""
    return f"{group_id:0{_GROUP_DIGITS}}"


def rank_of(expiry: int | None) -> str:
    """Return the field of an expiry, in ms since 1970, or of None, for good."""
    return _FOR_GOOD if expiry is None else str(_LAST_RANK - expiry)


def expiry_of_rank(rank: str) -> str:
    """Return the expiry that `rank` is of, as JSON."""
    return "null" if rank == _FOR_GOOD else str(_LAST_RANK - int(rank))


def reason_field(reason: str) -> str:
    """Return the field of a reason, which is printable: the last one, with the end of its line."""
    return f"{reason}\n"


def reason_of(field: str) -> str:
    """Return the reason that `field` is of."""
    return field.removesuffix("\n")


def places_of(lines: Iterable[int]) -> list[str]:
    """Return the fields of lines in a file."""
    return list(map(str, map(_FIRST_PLACE.__add__, lines)))


def lines_of(places: Iterable[str]) -> list[int]:
    """Return the lines in a file that `places` are of."""
    return [int(place) - _FIRST_PLACE for place in places]


def row_lines(
    groups: Sequence[str],
    patterns: Sequence[str],
    ranks: Sequence[str],
    places: Sequence[str],
    reasons: Sequence[str],
) -> list[str]:
    """Return the lines of rows, whose fields stand beside each other."""
    fields = zip(groups, patterns, ranks, places, reasons, strict=True)
    return list(map("\t".join, fields))
