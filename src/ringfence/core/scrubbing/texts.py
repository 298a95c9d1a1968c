"""Texts in bytes, many at a time: cut out by their places, their digits read as whole numbers.

What is done for each text is done by numpy, a column of characters at a time. A number in E.164
is the integer of its digits here: none begins with 0, and the longest fits into 63 bits.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ringfence.model.numbers import E164

Bytes: TypeAlias = NDArray[np.uint8]
Numbers: TypeAlias = NDArray[np.int64]
Places: TypeAlias = NDArray[np.intp]

NONE = 0
"""What stands for a text that spells no number."""


def number_of(text: str) -> int:
    """Return what stands for a number in E.164."""
    return int(text.removeprefix("+"))


def text_of(number: int) -> E164:
    """Return the number in E.164 that `number` stands for."""
    return E164(f"+{number}")


def ended_by(data: Bytes, end: str) -> tuple[Places, Places]:
    """Return where the texts begin and end that `data` has, behind each the character `end`."""
    ends = np.flatnonzero(data == ord(end))
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    return starts, ends


def by_width(starts: Places, ends: Places) -> Iterator[tuple[int, Places]]:
    """Yield each width that texts have, from 1, and which of them have it."""
    widths = ends - starts
    for width in np.flatnonzero(np.bincount(widths)):
        if width:
            yield int(width), np.flatnonzero(widths == width)


def cut(data: Bytes, starts: Places, width: int) -> Bytes:
    """Return the texts of one width that begin at `starts`, one a row."""
    # One item a text is copied much faster than one a character.
    every = np.ndarray((len(data) - width + 1,), f"V{width}", data, strides=(1,))
    return every[starts].view(np.uint8).reshape(-1, width)


def whole_numbers(data: Bytes, starts: Places, ends: Places, lead: int = 0) -> Numbers:
    """Return the number that the ASCII digits of each text are, behind those of `lead`."""
    numbers = np.zeros(len(starts), np.int64)
    for width, places in by_width(starts, ends):
        numbers[places] = _combined(cut(data, starts[places], width)) + lead * 10**width
    return numbers


def _combined(digits: Bytes) -> Numbers:
    numbers = np.zeros(len(digits), np.int64)
    for column in digits.T:
        numbers *= 10
        numbers += column - np.uint8(ord("0"))
    return numbers
