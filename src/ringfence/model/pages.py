"""Pages: a part of a long list, and where the next one begins."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Position = tuple[str | int, ...]
"""Where a page ended: the values of the list's order, opaque to whoever asks for the next."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items in order, and the position to go on from; None at the end of the list.

    A page may be short, or even empty, and still have a next one.
    """

    items: tuple[T, ...]
    next: Position | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for: up to `limit` items behind the position `after`."""

    limit: int
    after: Position | None = None
