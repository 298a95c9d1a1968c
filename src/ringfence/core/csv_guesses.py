"""What a CSV file does not say of itself: how its text is encoded, what stands between its cells.

Both are guessed from its first bytes.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from ringfence.errors import InputCode, InvalidInput, Problem

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_OTHER_FILES = (
    (b"PK\x03\x04", "it is an Excel workbook, or a zip file: save the sheet as CSV"),
    (b"PK\x05\x06", "it is an empty zip file: save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "it is an old Excel workbook: save the sheet as CSV"),
    (b"%PDF-", "it is a PDF document: export the list as CSV"),
    (b"\x1f\x8b", "it is compressed with gzip: unpack it first"),
)
_DELIMITERS = (",", ";", "\t")
_RECORDS_LOOKED_AT = 100
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
# Of Latin letters and digits every second byte is NUL; the other half hardly ever is.
_MOSTLY = 0.4
_HARDLY = 0.05


@dataclass(frozen=True, slots=True)
class Encoding:
    """How characters stand in a file: the codec, what to do with bytes that are no text, its mark.

    With `errors`, whatever was decoded is encoded to the bytes that it was.
    """

    codec: str
    errors: str
    mark: bytes


def guess_encoding(head: bytes) -> Encoding:
    """Return how the text of a file is encoded that begins with `head`.

    Raises InvalidInput where it is a file of another kind.
    """
    for magic, rule in _OTHER_FILES:
        if head.startswith(magic):
            raise unreadable(rule)
    mark, codec = next(
        ((mark, codec) for mark, codec in _BOMS if head.startswith(mark)), (b"", _by_nul(head))
    )
    return Encoding(codec, "surrogateescape" if codec == "utf-8" else "surrogatepass", mark)


def guess_delimiter(text: str, *, is_cut: bool = False) -> str:
    """Return what stands between cells in a file that begins with `text`, a comma in doubt.

    It is what cuts the most of the first records into equally many cells. Where the text `is_cut`
    somewhere, its last record does not count.
    """
    return max(_DELIMITERS, key=lambda each: _evenness(text, each, is_cut=is_cut))


def separator_line(text: str) -> tuple[str, str] | None:
    """Return the line by which Excel is told the delimiter, with its end, and that delimiter."""
    found = _SEPARATOR_LINE.match(text)
    return None if found is None else (found[0], found[1])


def unreadable(rule: str) -> InvalidInput:
    """Return the error that a file cannot be read as CSV, because of `rule`."""
    return InvalidInput(
        Problem(InputCode.CSV_UNREADABLE, "file", f"the file is unreadable: {rule}")
    )


def _by_nul(head: bytes) -> str:
    half = len(head) // 2
    if half == 0:
        return "utf-8"
    first, second = head[::2].count(0) / half, head[1::2].count(0) / half
    if second >= _MOSTLY and first <= _HARDLY:
        return "utf-16-le"
    return "utf-16-be" if first >= _MOSTLY and second <= _HARDLY else "utf-8"


def _evenness(text: str, delimiter: str, *, is_cut: bool) -> tuple[int, int]:
    """Return how many records have the most usual number of cells above one, and that number."""
    # With `newline=""` lines end as the reader of the file has them end.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    records = list(islice(reader, _RECORDS_LOOKED_AT + 1))
    if len(records) > (1 if is_cut else _RECORDS_LOOKED_AT):
        records.pop()
    widths = Counter(len(cells) for cells in records if len(cells) > 1)
    return max(((count, width) for width, count in widths.items()), default=(0, 0))
