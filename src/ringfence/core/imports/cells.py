"""What spreadsheets and chats put around the text of a cell."""

import re

from ringfence.model.addresses import INVISIBLE

_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
# Few digits in front may be a group of a number that is written with dots.
_DECIMAL = re.compile(r"(\+?[0-9]{7,})[.,]0{1,3}")


def tidied(cell: str) -> str:
    """Return a cell without what spreadsheets and chats put around its text.

    That is characters which cannot be seen, an apostrophe first, `="…"`, and the `.0` to `.000`
    of a number.
    """
    text = cell.strip()
    if not text.isascii():
        text = INVISIBLE.sub("", text).replace("\u00a0", " ").strip()
    if formula := _FORMULA.fullmatch(text):
        text = formula[1].strip()
    text = text.removeprefix("'").strip()
    decimal = _DECIMAL.fullmatch(text)
    return decimal[1] if decimal else text
