"""CSV files of unknown make: read record by record, in bounded memory, from any stream of bytes.

Each record comes with its text exactly as it stands in the file, so that a file can be written
again byte for byte, without some of its records.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from ringfence.core.csv_guesses import (
    Encoding,
    guess_delimiter,
    guess_encoding,
    separator_line,
    unreadable,
)
from ringfence.errors import InvalidInput

if TYPE_CHECKING:
    from _csv import Reader

MAX_RECORD = 65_536
"""How many characters a record may have: one of more has a quote that is never closed."""

_HEAD_BYTES = 65_536
_BLOCK_BYTES = 262_144
_QUOTE = '"'


class Record(NamedTuple):
    """A record: the line of the file where it begins, its cells, its text with its line end.

    Lines count from 1 as they stand in the file. A blank line is a record without cells.
    """

    line: int
    cells: list[str]
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Records that stand one after the other: of each its line, its cells and its text."""

    lines: Sequence[int]
    rows: Sequence[list[str]]
    texts: Sequence[str]

    def without_first(self, count: int) -> "Block":
        """Return the records of this block but for the first `count`."""
        return Block(self.lines[count:], self.rows[count:], self.texts[count:])


class CsvFile:
    """A CSV file that was opened, to be read once.

    `preamble` is what stands before the first record: the mark of the encoding, and the line that
    tells Excel the delimiter. What follows it is the texts of all records, each encoded.
    """

    def __init__(self, head: bytes, source: BinaryIO) -> None:
        """Take the first bytes of a file and the stream of the others."""
        self._encoding = guess_encoding(head)
        self._source = source
        self._decoder = codecs.getincrementaldecoder(self._encoding.codec)(self._encoding.errors)
        text = self._decoder.decode(head[len(self._encoding.mark) :])
        skipped, told = separator_line(text) or ("", None)
        self._head = text[len(skipped) :]
        self._line = 2 if skipped else 1
        self.preamble = self._encoding.mark + self.encode(skipped)
        self.delimiter = told or guess_delimiter(self._head, is_cut=len(head) >= _HEAD_BYTES)

    @property
    def encoding(self) -> Encoding:
        """How the characters of the file are encoded."""
        return self._encoding

    def encode(self, text: str) -> bytes:
        """Return the bytes that `text`, of a record, is in the file."""
        return text.encode(self._encoding.codec, self._encoding.errors)

    def records(self) -> Iterator[Record]:
        """Yield the records of the file one by one, as `blocks` reads them."""
        for block in self.blocks():
            yield from map(Record, block.lines, block.rows, block.texts)

    def blocks(self) -> Iterator[Block]:
        """Yield the records of the file, some thousands at a time.

        Raises InvalidInput, with the line, for a record that is too long or does not end, and for
        what is no text.
        """
        unfinished: list[str] = []
        for text in _whole_lines(self._texts()):
            lines = unfinished + list(io.StringIO(text, newline=""))
            _refuse_what_is_no_text(lines, self._line, text)
            if unfinished or _QUOTE in text:
                block, unfinished = self._parse(lines)
            else:
                rows = list(self._reader(lines))
                block = Block(range(self._line, self._line + len(lines)), rows, lines)
            self._line += len(lines) - len(unfinished)
            yield block
        if unfinished:
            raise unreadable(f"a quote of the record in line {self._line} is never closed")

    def _texts(self) -> Iterator[str]:
        yield self._head
        try:
            while data := self._source.read(_BLOCK_BYTES):
                yield self._decoder.decode(data)
            yield self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise unreadable("it ends within a character: a part of it is missing") from error

    def _parse(self, lines: list[str]) -> tuple[Block, list[str]]:
        """Return the records of `lines`, and the lines of the last where it does not end there."""
        starts, rows, end = list[int](), list[list[str]](), 0
        reader = self._reader(lines)
        try:
            for cells in reader:
                starts.append(end)
                rows.append(cells)
                end = reader.line_num
        except csv.Error as error:
            raise _too_long(self._line + end) from error
        texts = ["".join(lines[start:after]) for start, after in pairwise([*starts, end])]
        if (long := _first_long(texts)) is not None:
            raise _too_long(self._line + starts[long])
        block = Block([self._line + start for start in starts], rows, texts)
        return self._without_unfinished(block, lines[starts[-1] :])

    def _without_unfinished(self, block: Block, last: list[str]) -> tuple[Block, list[str]]:
        # A record that ends leaves another line to be a record of its own.
        if len(list(self._reader([*last, "another"]))) > 1:
            return block, []
        return Block(block.lines[:-1], block.rows[:-1], block.texts[:-1]), last

    def _reader(self, lines: list[str]) -> "Reader":
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)


def open_csv(source: BinaryIO) -> CsvFile:
    """Return the CSV file that `source` has from where it stands; it may be a pipe.

    Raises InvalidInput where it is a file of another kind.
    """
    head = b""
    while len(head) < _HEAD_BYTES and (data := source.read(_HEAD_BYTES - len(head))):
        head += data
    return CsvFile(head, source)


def _whole_lines(texts: Iterable[str]) -> Iterator[str]:
    """Yield what `texts` are together, cut at ends of lines or where a line is too long."""
    rest = ""
    for each in texts:
        text = rest + each
        # What comes next may be the other half of a \r at the end.
        end = 1 + max(text.rfind("\n"), text.rfind("\r", 0, max(len(text) - 1, 0)))
        if len(text) - end > MAX_RECORD:
            end = len(text)
        if end:
            yield text[:end]
        rest = text[end:]
    if rest:
        yield rest


def _refuse_what_is_no_text(lines: Sequence[str], first: int, text: str) -> None:
    if (long := _first_long(lines)) is not None:
        raise _too_long(first + long)
    if "\0" in text:
        nul = next(place for place, line in enumerate(lines) if "\0" in line)
        raise unreadable(f"line {first + nul} has a NUL character, which no text has")


def _first_long(texts: Sequence[str]) -> int | None:
    if max(map(len, texts)) <= MAX_RECORD:
        return None
    return next(place for place, text in enumerate(texts) if len(text) > MAX_RECORD)


def _too_long(line: int) -> InvalidInput:
    rule = f"the record in line {line} has more than {MAX_RECORD:,} characters"
    return unreadable(f"{rule}; is a quote never closed?")
