"""Cells with numbers: what is read, and what is most likely no number and therefore is not."""

import pytest

from ringfence.core.imports.number_cells import NumberCells
from ringfence.core.imports.row_problems import RowProblem
from ringfence.errors import InputCode
from ringfence.model.imports import RowOutcome

READ = [
    ("IN", "98123 45678", "+919812345678"),
    ("IN", "098123 45678", "+919812345678"),
    ("IN", "+91-98123-45678", "+919812345678"),
    ("IN", "+91.9812345678", "+919812345678"),
    ("IN", "0091 981 2345678", "+919812345678"),
    ("IN", "0091981 2345678", "+919812345678"),
    ("IN", "98123.45678", "+919812345678"),
    ("IN", "(022) 1234-5678", "+912212345678"),
    ("IN", "9812345678.0", "+919812345678"),
    ("IN", "9812345678,00", "+919812345678"),
    ("IN", "9812345678.000", "+919812345678"),
    ("IN", "tel:9812345678;phone-context=+91", "+919812345678"),
    ("IN", "sip:+919812345678;user=phone@example.com", "+919812345678"),
    ("DE", "030/123456", "+4930123456"),
    ("DE", "030 / 123456", "+4930123456"),
    ("DE", "030.123456", "+4930123456"),
    ("DE", "03322 123456", "+493322123456"),
    ("DE", "0 30 12 34 56", "+4930123456"),
    ("DE", "+49 (0)30 1234567", "+49301234567"),
    ("DE", "0170-1234567", "+491701234567"),
    ("FR", "01.23.45.67.89", "+33123456789"),
    ("FR", "01.23.45.67.00", "+33123456700"),
    ("FR", "+33 1.23.45.67.00", "+33123456700"),
    ("DK", "31 12 20 26", "+4531122026"),
    ("US", "212.555.1234", "+12125551234"),
]
UNREAD = [
    *[("IN", "9812345678;9812345679"), ("IN", "9812345678; second"), ("DE", "030123456;1")],
    *[("DE", "2026-12-31"), ("DK", "2026-12-31"), ("DK", "2026-12-31 "), ("DE", "2026/12/31")],
    *[("DE", "31.12.2026"), ("DE", "31/12/2026"), ("DE", "12/31/2026"), ("DE", "1.2.26")],
    *[("DK", "31-12-2026"), ("DK", "12-31-2026"), ("DK", "٢٠٢٦-١٢-٣١"), ("DE", "2026.12.31")],
    *[("IN", "981234567.5"), ("IN", "981234567,5"), ("IN", "4123456.7"), ("DE", "4123456.0000")],
    *[("DE", "030 123456.0"), ("DE", "030-12345.00"), ("DE", "112.0")],
    *[("DE", "0301234 0305678"), ("IN", "0301234 0305678"), ("DE", "0301234/0305678")],
    *[("DE", "0301234, 0305678"), ("DE", "+49301234 +49305678"), ("DE", "3012345 3012346")],
    *[("DE", "030-1234 030-5678"), ("DE", "(030)1234 (030)5678")],
]


@pytest.mark.parametrize(("region", "cell", "pattern"), READ)
def test_ordinary_spellings_are_read(region: str, cell: str, pattern: str) -> None:
    """Alone and with others."""
    cells = NumberCells(region)
    assert cells.read(cell) == pattern
    assert cells.read_all([cell, cell]) == [pattern, pattern]


@pytest.mark.parametrize(("region", "cell"), UNREAD)
def test_what_is_most_likely_no_number_is_not_read(region: str, cell: str) -> None:
    """Two values, dates and decimals fail, alone and with others."""
    cells = NumberCells(region)
    problem = cells.read(cell)
    assert isinstance(problem, RowProblem)
    assert (problem.code, problem.outcome) == (InputCode.NUMBER_UNREADABLE, RowOutcome.INVALID)
    assert "is a phone number, a prefix" not in problem.sentence
    assert cells.read_all([cell, cell]) == [problem, problem]
