"""CSV files of any make are read record by record, and can be written again byte for byte."""

import io
import os
from collections.abc import Iterator
from threading import Thread
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core import csv_files
from ringfence.core.csv_columns import find_column, read_columns, refuse_doubt
from ringfence.core.csv_files import MAX_RECORD, CsvFile, Record, open_csv
from ringfence.errors import InputCode, InvalidInput

BOM = b"\xef\xbb\xbf"
SEPARATOR = b"sep=,\n"
PIECES = [",", ";", "\t", '"', '""', "\n", "\r\n", "\r", "a", "+91", " ", "é", "\u2028", "😀", "="]


def read(data: bytes) -> list[Record]:
    """Return the records of a file."""
    return list(open_csv(io.BytesIO(data)).records())


def cells_of(data: bytes) -> list[list[str]]:
    """Return the cells of the records of a file."""
    return [record.cells for record in read(data)]


def written_again(data: bytes) -> bytes:
    """Return the file that the records of a file make."""
    file = open_csv(io.BytesIO(data))
    return file.preamble + b"".join(file.encode(record.text) for record in file.records())


def is_kept(data: bytes) -> bool:
    """Whether a file that can be read can be written again; False for one that cannot be read."""
    try:
        return written_again(data) == data
    except InvalidInput:
        return False


def refusal(data: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(InvalidInput) as refused:
        read(data)
    (problem,) = refused.value.problems
    assert problem.code is InputCode.CSV_UNREADABLE
    return problem.message


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from([b"", BOM]))
def test_the_texts_are_the_file(text: str, mark: bytes) -> None:
    """Whatever is read can be written again."""
    data = mark + text.encode()
    assert is_kept(data) or "quote" in refusal(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", BOM, b"\xff\xfe", b"\xfe\xff"]))
def test_bytes_that_are_no_text_are_kept_or_refused(data: bytes, mark: bytes) -> None:
    """In every encoding, and with no other error."""
    assert is_kept(mark + data) or refusal(mark + data)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.integers(1, 9))
def test_blocks_of_any_size_give_the_same_records(text: str, size: int) -> None:
    """A record, a line end or a character may begin in one block and end in the next."""
    whole = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "_HEAD_BYTES", len(SEPARATOR))
        patch.setattr(csv_files, "_BLOCK_BYTES", size)
        assert outcome(text) == whole


def outcome(text: str) -> list[Record] | str:
    """Return the records of a file with commas, or why it is refused."""
    try:
        return read(SEPARATOR + text.encode())
    except InvalidInput as error:
        return str(error)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_count_as_they_stand_in_the_file(ending: str) -> None:
    """Also behind a cell of several lines, and behind blank ones."""
    text = '1,a|2,"b|b|b"||3,c|'.replace("|", ending)
    assert [(record.line, record.cells[:1]) for record in read(text.encode())] == [
        (1, ["1"]),
        (2, ["2"]),
        (5, []),
        (6, ["3"]),
    ]


def test_excel_is_told_the_delimiter_and_so_are_we() -> None:
    """The line that tells it is no record, but a line."""
    file = open_csv(io.BytesIO(BOM + b"sep=|\r\na|b,c\r\n"))
    assert list(file.records()) == [Record(2, ["a", "b,c"], "a|b,c\r\n")]
    assert file.preamble == BOM + b"sep=|\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b;c,d\n", ["a", "b", "c,d"]),
        ("a\tb, c\n1\t2\n", ["a", "b, c"]),
        ("a,b;c\n1,2\n", ["a", "b;c"]),
        ('a,"b;c"\n1,"2;3"\n', ["a", "b;c"]),
        ("one column\n", ["one column"]),
        ('a, "b, c"\n1, 2\n', ["a", "b, c"]),
    ],
)
def test_the_delimiter_is_what_cuts_evenly(text: str, expected: list[str]) -> None:
    """Outside of quotes; a comma in doubt."""
    assert cells_of(text.encode())[0] == expected


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_is_read_with_its_mark_and_without(encoding: str, mark: str) -> None:
    """By where its NUL bytes are."""
    data = f"{mark}number\treason\r\n9812345678\tधोखा\r\n".encode(encoding)
    assert cells_of(data) == [["number", "reason"], ["9812345678", "धोखा"]]
    assert written_again(data) == data
    assert "within a character" in refusal(data + b"\n")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"a,b\n1,\x002\n", "line 2 has a NUL"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "line 3 is never closed"),
        (b'a,b\n"' + b"line\n" * MAX_RECORD, "line 2 has more than 65,536 characters"),
        (b"a\n" + b"x" * (MAX_RECORD + 1), "line 2 has more than 65,536 characters"),
        (b'a\n"' + b"x\n" * 40_000 + b'"', "line 2 has more than 65,536 characters"),
    ],
)
def test_what_is_no_csv_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    """And with the line where it begins to be none."""
    assert reason in refusal(data)


def test_the_longest_record_is_read() -> None:
    """Its line end counts."""
    data = b"1,2\n" + b"x" * (MAX_RECORD - 1) + b"\n"
    assert len(read(data)[1].text) == MAX_RECORD


def test_bytes_that_are_not_utf_8_stay_as_they_are() -> None:
    """The rest of the file is read all the same."""
    data = "number,reason\n1,Müller\n".encode("latin-1")
    assert written_again(data) == data
    assert cells_of(data)[1][0] == "1"


def test_an_empty_file_has_no_records() -> None:
    """Nor has one with a mark alone."""
    assert read(b"") == read(BOM) == []


def piped(data: bytes) -> Iterator[BinaryIO]:
    """Yield a pipe through which `data` comes."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)

    thread = Thread(target=write)
    thread.start()
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        yield pipe
    thread.join()


def test_a_pipe_is_read() -> None:
    """Which gives a part at a time, and cannot be wound back."""
    data = b"".join(b"%d,spam\n" % number for number in range(100_000))
    for pipe in piped(data):
        file: CsvFile = open_csv(pipe)
        found = list(file.records())
    assert [found[0].cells, found[-1].cells] == [["0", "spam"], ["99999", "spam"]]
    assert [record.line for record in found] == list(range(1, 100_001))


def is_number(text: str) -> bool:
    """Whether a cell is a number, for these tests."""
    return text.isdigit()


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (["number", "expires_at", "reason"], {"number": 0, "expires_at": 1, "reason": 2}),
        (["Remarks", " PHONE-No. ", "Valid Till"], {"number": 1, "expires_at": 2, "reason": 0}),
        (["Contact", "Phone 1"], {"number": 1}),
        (["contact", "Block Group"], {"number": 0, "group": 1}),
        (["9812345678", "reason"], {"number": 0, "expires_at": 1, "reason": 2}),
        (["9.8E+09"], {"number": 0, "expires_at": 1, "reason": 2}),
        (["", "2027-01-01"], {"number": 0, "expires_at": 1, "reason": 2}),
    ],
)
def test_columns_go_by_their_names_or_else_by_their_places(
    first: list[str], expected: dict[str, int]
) -> None:
    """A first row is told from names by its digits."""
    assert read_columns(first, is_number).places == expected


def test_names_without_a_number_are_refused() -> None:
    """With the names that there are."""
    with pytest.raises(InvalidInput, match=r"no column number; it has who, why$") as refused:
        read_columns(["who", "why", ""], is_number)
    assert refused.value.problems[0].code is InputCode.CSV_COLUMN


def test_a_column_is_found_by_its_exact_name_or_place() -> None:
    """A name of digits goes before the place."""
    assert [find_column(["a", "1", " B "], name) for name in ("a", "1", "B", "3")] == [0, 1, 2, 2]
    for name in ("b", "0", "4", "9" * 5000):
        with pytest.raises(InvalidInput, match="no column"):
            find_column(["a", "1", " B "], name)


def test_a_record_that_is_cut_off_does_not_count_for_the_delimiter() -> None:
    """Its cells are not all there."""
    rows = "a;b\n" + "x,y,z," + "x" * 65_536 + ";b\n"
    assert open_csv(io.BytesIO(rows.encode()[:65_536])).delimiter == ";"


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (["Number", "Phone Number"], "may be number: Number, Phone Number; call one of them"),
        (["number", "number"], "may be number: number, number;"),
        (["Phone 1", "Phone 2"], "may be number: Phone 1, Phone 2;"),
        (["number", "until", "Expiry"], "may be expires_at: until, Expiry;"),
        (["number", "Valid through"], "a column Valid through: is it the expiry"),
        (["number", "blockedUntilDay"], "a column blockedUntilDay:"),
        (["number", "last_date"], "a column last_date:"),
        (["number", "theEnd"], "a column theEnd:"),
    ],
)
def test_names_that_leave_a_doubt_are_refused(first: list[str], told: str) -> None:
    """With all that may be meant."""
    columns = read_columns(first, is_number)
    with pytest.raises(InvalidInput, match=told) as refused:
        refuse_doubt(first, columns)
    assert refused.value.problems[0].code is InputCode.CSV_COLUMN


@pytest.mark.parametrize(
    "first",
    [
        ["number", "gender", "calendar", "updated", "vendor", "", ""],
        ["number", "expiry", "date of birth", "note", "list"],
        ["9812345678", "9812345678"],
    ],
)
def test_names_that_say_something_else_leave_no_doubt(first: list[str]) -> None:
    """Nor do rows."""
    refuse_doubt(first, read_columns(first, is_number))


@pytest.mark.parametrize(
    "name",
    [
        *["valid_to", "Valid until", "expire date", "Expiration", "expiryDate", "end", "END_DATE"],
        *["till", "Blocked until"],
    ],
)
def test_an_expiry_has_many_names(name: str) -> None:
    """As other systems have them."""
    assert read_columns(["number", name], is_number).places["expires_at"] == 1
