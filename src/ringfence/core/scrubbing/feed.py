"""The bytes of a calling list: in blocks of plain lines while they are, then as they come.

Lines are plain where no CSV reader is needed to tell where a line and a cell end: they have no
quote, all end alike, and their encoding has ASCII bytes for ASCII characters and nothing else.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

BLOCK_BYTES = 1024 * 1024
"""How many bytes are read at a time."""

LONGEST_BLOCK = 3 * BLOCK_BYTES
"""How many bytes a block has at most: what was read, and before it what was left of a head."""

OnBytes = Callable[[int], object]
"""Hears how many bytes were read, whenever some more were."""


class Feed:
    """What `head` has, then what `source` has: read once, by whole plain lines or as a stream.

    `done` is how many bytes were read before, those of `head` among them.
    """

    def __init__(self, head: bytes, source: BinaryIO, done: int, on_bytes: OnBytes) -> None:
        self._ahead = head
        self._source = source
        self._on_bytes = on_bytes
        self._done = done

    def plain_blocks(self) -> Iterator[bytes]:
        """Yield blocks of whole lines, up to the end or to the first block that is not plain.

        What is not plain is read by `read` afterwards.
        """
        while data := self._ahead + (fresh := self._take(BLOCK_BYTES)):
            end = data.rfind(b"\n") + 1 if fresh else len(data)
            self._ahead = data[end:]
            if not end and len(data) < BLOCK_BYTES:
                continue
            if not _is_plain(data[:end]):
                self._ahead = data
                return
            yield data[:end]

    def read(self, size: int = -1) -> bytes:
        """Return what comes next, about `size` bytes; nothing at the end."""
        ahead, self._ahead = self._ahead, b""
        return ahead or self._take(size)

    def _take(self, size: int) -> bytes:
        taken = self._source.read(size)
        self._done += len(taken)
        self._on_bytes(self._done)
        return taken


def line_end(block: bytes) -> bytes:
    """Return how the lines of a plain block end."""
    return b"\r\n" if b"\r" in block else b"\n"


def _is_plain(block: bytes) -> bool:
    if not block or b'"' in block or b"\0" in block:
        return False
    returns = block.count(b"\r")
    return not returns or returns == block.count(b"\r\n") == block.count(b"\n")
