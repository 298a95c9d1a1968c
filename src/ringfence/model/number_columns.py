"""Columns of numbers: many spellings read at a time.

Where all spellings of a column are of one plain make, which is told by one regular expression,
reading them is nothing, or to put the country code before each. Others are read one by one.
"""

from collections.abc import Callable, Sequence

from ringfence.model.number_plans import PlainLines, plain_lines
from ringfence.model.spellings import read_number

NONE = ""
"""What stands for a cell that spells no number."""


def read_column(
    cells: Sequence[str], region: str, decode: Callable[[str], str] | None = None
) -> Sequence[str]:
    """Return what `read_number` makes of each of `cells`, NONE instead of None.

    `decode` is applied first to each that has more than ASCII. No cell has a line end.
    """
    plain = plain_lines(region)
    column = "\n".join(cells)
    if plain.international.fullmatch(column):
        return cells
    if plain.national.fullmatch(column):
        return [plain.lead + cell for cell in cells]
    return [_read(cell, plain, region, decode) for cell in cells]


def _read(cell: str, plain: PlainLines, region: str, decode: Callable[[str], str] | None) -> str:
    if plain.international.fullmatch(cell):
        return cell
    if plain.national.fullmatch(cell):
        return plain.lead + cell
    text = cell if decode is None or cell.isascii() else decode(cell)
    return read_number(text, region) or NONE
