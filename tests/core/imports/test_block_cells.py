"""Cells of blocked numbers that come back from an export as they are."""

import pytest

from ringfence.core.csv_columns import GROUP, REASON
from ringfence.core.imports.block_cells import BlockCells
from ringfence.core.imports.row_problems import RowProblem
from ringfence.errors import InputCode
from ringfence.model.blocked_numbers import MAX_REASON
from tests.core.imports.reading import read, terms

LONGEST = "x" * MAX_REASON
GROUPS = {"'vip": 1, "vip": 2, "1234567.0": 3, " padded": 4, "padded": 5, '="x"': 6, "bare": 7}


@pytest.mark.parametrize(
    ("cell", "group_id"),
    [
        *[("'VIP", 1), ("VIP", 2), ("1234567.0", 3), (" padded", 4), ("padded", 5)],
        *[('="x"', 6), (" 'VIP ", 1), ("'bare", 7), ('="bare"', 7), (" bare", 7)],
    ],
)
def test_a_group_is_named_exactly_or_else_in_a_spoilt_way(cell: str, group_id: int) -> None:
    """A name that looks spoilt is that of no other group."""
    (found,) = BlockCells(terms(None, GROUPS)).read(GROUP, [cell])
    assert isinstance(found, str)
    assert int(found) == group_id


def test_a_group_that_is_not_there_is_no_other() -> None:
    """The row fails."""
    (found,) = BlockCells(terms(None, GROUPS)).read(GROUP, ["1234567"])
    assert isinstance(found, RowProblem)
    assert found.code == InputCode.GROUP_UNKNOWN


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *[(" lead", " lead"), ("trail ", "trail "), ("  ", ""), ("\u00a0", "")],
        *[("\u00a0a\u00a0b", "a b"), ("a\t", "a"), ("", ""), (f"{LONGEST} ", LONGEST)],
    ],
)
def test_a_reason_stays_as_it_is_where_it_may(cell: str, reason: str) -> None:
    """Blanks around it are taken off where it is none with them."""
    found = read(f'number,reason\n9812345670,"{cell}"\n'.encode())
    assert [row[3] for row in found.staged] == [reason]


def test_a_column_of_reasons() -> None:
    """Each is a field of its own."""
    assert len(set(BlockCells(terms()).read(REASON, ["a", "a ", " a"]))) == 3


def test_a_group_may_have_a_name_of_two_lines() -> None:
    """Such a row comes from an export; one of which another cell has two lines fails."""
    rows = b'"Two\nlines",9812345670,\n"two\nlines",9812345671,"a\nb"\n"Two\nothers",9812345672,\n'
    found = read(b"group,number,reason\n" + rows, terms(None, {"two\nlines": 7}))
    assert [row[:2] for row in found.staged] == [(7, "+919812345670")]
    assert [(each["line"], each["code"]) for each in found.failed] == [
        ("4", "csv_row"),
        ("7", "csv_row"),
    ]
