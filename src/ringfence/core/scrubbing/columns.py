"""Columns of numbers: many spellings read at a time.

Where all spellings of a column are of one plain make, which is told by one regular expression,
reading them is nothing, or to put the country code before each. Others are read one by one, behind
what spreadsheets do to numbers.
"""

from collections.abc import Callable, Sequence

from ringfence.core.imports.cells import tidied
from ringfence.model.number_plans import PlainLines, plain_lines
from ringfence.model.spellings import read_number

NONE = ""
"""What stands for a cell that spells no number."""

# What every reading of a number leaves out.
_SPACING = str.maketrans("", "", " ()-")


def read_column(
    cells: Sequence[str], region: str, decode: Callable[[str], str] | None = None
) -> Sequence[str]:
    """Return the number in E.164 that each of `cells` spells, or NONE.

    `decode` is applied first to each that has more than ASCII. No cell has a line end.
    """
    plain = plain_lines(region)
    column = "\n".join(cells)
    if plain.international.fullmatch(column):
        return cells
    bare = column.translate(_SPACING)
    if plain.international.fullmatch(bare):
        return bare.split("\n")
    if plain.national.fullmatch(bare):
        return [plain.lead + cell for cell in bare.split("\n")]
    return [_read(cell, plain, region, decode) for cell in cells]


def _read(cell: str, plain: PlainLines, region: str, decode: Callable[[str], str] | None) -> str:
    if plain.international.fullmatch(cell):
        return cell
    if plain.national.fullmatch(cell):
        return plain.lead + cell
    text = cell if decode is None or cell.isascii() else decode(cell)
    return read_number(tidied(text), region) or NONE
