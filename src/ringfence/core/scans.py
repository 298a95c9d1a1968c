"""Pages of a list of which a filter may leave little: a page looks at so much and no more."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.accounts import Account
from ringfence.model.pages import Page, Position, Window
from ringfence.model.patterns import WITHHELD, ranges_of
from ringfence.model.texts import is_storable
from ringfence.store.blocked_numbers import Span

T = TypeVar("T")

MAX_SCANNED = 2_000
"""How many rows are looked at for one page."""

EVERY_PATTERN = ("+", f"{WITHHELD}!")


def scan(
    rows: Callable[[str | None, int], Sequence[T]],
    wanted: Callable[[T], bool],
    pattern_of: Callable[[T], str],
    window: Window,
) -> Page[T]:
    """Return a page of those that are wanted, by pattern.

    `rows` gives up to so many behind a pattern. The page is short where it took MAX_SCANNED rows
    to find what it has, and says where to go on.
    """
    after = read_place(window.after)
    found: list[T] = []
    chunk, left = window.limit + 1, MAX_SCANNED
    while left > 0:
        some = rows(after, min(chunk, left))
        for item in some:
            if len(found) == window.limit:
                return Page(tuple(found), _position(after))
            after = pattern_of(item)
            found += [item] if wanted(item) else []
        if len(some) < min(chunk, left):
            return Page(tuple(found), None)
        left -= len(some)
        chunk *= 4
    return Page(tuple(found), _position(after))


def read_place(position: Position | None) -> str | None:
    """Return the pattern that a position is about. Raises InvalidInput for what is no position."""
    if position is None:
        return None
    match position:
        case (str() as pattern,) if is_storable(pattern):
            return pattern
    rule = "this is no position in this list"
    raise InvalidInput(Problem(InputCode.CURSOR_INVALID, "query:after", rule))


def spans_of(account: Account, search: str | None) -> tuple[Span, ...]:
    """Return between which patterns a search finds what it finds; there may be none."""
    ranges = (EVERY_PATTERN,) if search is None else ranges_of(search, account.region)
    return tuple(Span(*each) for each in ranges)


def within(
    spans: Sequence[Span], select: Callable[[Span, int], Sequence[T]]
) -> Callable[[str | None, int], Sequence[T]]:
    """Return the `rows` of a scan: those that `select` has in each span, one after the other."""

    def rows(after: str | None, limit: int) -> Sequence[T]:
        found: list[T] = []
        for span in spans:
            if len(found) < limit and (after is None or after < span.high):
                found += select(span._replace(after=after), limit - len(found))
        return found

    return rows


def _position(after: str | None) -> Position | None:
    return None if after is None else (after,)
