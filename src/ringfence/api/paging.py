"""Lists in pages: `limit` and `after` in, `items` and `next` out."""

import base64
import binascii
import json
from hashlib import sha256
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request

from ringfence.api.fields import Shown
from ringfence.errors import InputCode, InvalidInput, Problem
from ringfence.model.pages import Position
from ringfence.model.texts import is_storable

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_CURSOR = 2000
_MAX_INTEGER = 2**63 - 1

T = TypeVar("T")


class Listed(Shown, Generic[T]):
    """A page. `next` is what to send as `after` for the next one, null at the end of the list.

    A page may have fewer items than `limit`, even none, while there is a next one.
    """

    items: list[T]
    next: str | None


class PageWanted:
    """Which page of a list a caller asks for."""

    def __init__(self, limit: int, after: str | None, path: str) -> None:
        self.limit = limit
        self._after = after
        # What a place means, only its own list knows; another one refuses it.
        self._list = sha256(path.encode("utf-8", "replace")).hexdigest()[:8]

    def position(self, *kinds: type[str] | type[int]) -> Position | None:
        """Return where the page before ended, whose values are of `kinds`. Raises InvalidInput."""
        if self._after is None:
            return None
        name, *position = _read_cursor(self._after, (str, *kinds))
        if name != self._list:
            raise _not_a_cursor()
        return tuple(position)

    def position_in(self, order: str, kind: type[str] | type[int]) -> str | int | None:
        """Return where the page before ended, in a list that has several orders.

        Raises InvalidInput where that page was in another order than `order`.
        """
        position = self.position(str, kind)
        if position is None:
            return None
        if position[0] != order:
            raise _not_a_cursor()
        return position[1]

    def cursor(self, position: Position | None) -> str | None:
        """Return a position as callers hand it back; what is in it is none of their business."""
        if position is None:
            return None
        text = json.dumps((self._list, *position), separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def _read_page_wanted(
    request: Request,
    limit: Annotated[
        int, Query(ge=1, le=MAX_LIMIT, description="How many items at most.")
    ] = DEFAULT_LIMIT,
    after: Annotated[
        str | None,
        Query(
            max_length=MAX_CURSOR,
            pattern="^[A-Za-z0-9_-]*$",
            description="The `next` of the page before.",
        ),
    ] = None,
) -> PageWanted:
    return PageWanted(limit, after, request.scope["path"])


Paging = Annotated[PageWanted, Depends(_read_page_wanted)]


def _read_cursor(text: str, kinds: tuple[type, ...]) -> Position:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        read = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        read = None
    if not isinstance(read, list) or not _fits(read, kinds):
        raise _not_a_cursor()
    return tuple(read)


def _not_a_cursor() -> InvalidInput:
    rule = "after is the `next` of a page of the same list"
    return InvalidInput(Problem(InputCode.CURSOR_INVALID, "query:after", rule))


def _fits(values: list[object], kinds: tuple[type, ...]) -> bool:
    return len(values) == len(kinds) and all(
        type(value) is kind and _is_in_bounds(value)
        for value, kind in zip(values, kinds, strict=True)
    )


def _is_in_bounds(value: object) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    return isinstance(value, int) and abs(value) <= _MAX_INTEGER
