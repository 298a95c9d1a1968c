"""Files of phone numbers: which column is which, what each row says, what is wrong with it."""

import csv
import io
import json
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any

import pytest

from ringfence.core.imports.phone_reading import read_phone_rows
from ringfence.core.imports.reading_process import read_aside
from ringfence.core.imports.row_problems import failed_header
from ringfence.errors import InvalidInput
from ringfence.model.imports import (
    CHUNK_ROWS,
    FailedRows,
    Kind,
    Part,
    ReadingTerms,
    ReadSummary,
    RowOutcome,
    StagedChunk,
    Target,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
SKILLS = frozenset({"sales", "service", "a|b", "a", "b", "gr\u00fcsse"})
TERMS = ReadingTerms(Target(Kind.PHONE_NUMBERS), "IN", "Asia/Kolkata", AT, skills=SKILLS)


def read(text: str | bytes) -> list[Part]:
    """Return the parts that a file has."""
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_phone_rows(io.BytesIO(data), TERMS))


def rows_of(parts: list[Part]) -> list[Any]:
    """Return the rows that were staged."""
    chunks = [part for part in parts if isinstance(part, StagedChunk)]
    return [row for chunk in chunks for row in json.loads(chunk.rows)]


def failed_of(parts: list[Part]) -> list[dict[str, str]]:
    """Return the rows that failed."""
    texts = [part.text for part in parts if isinstance(part, FailedRows)]
    file = io.StringIO(failed_header(Kind.PHONE_NUMBERS) + "".join(texts), newline="")
    return list(csv.DictReader(file))


def summary_of(parts: list[Part]) -> ReadSummary:
    """Return the summary, which comes last."""
    assert isinstance(parts[-1], ReadSummary)
    return parts[-1]


DESK = ["Desk1", "9812345671", "+919812345671", 2, "off", ["Sales", "Service"]]


@pytest.mark.parametrize(
    "text",
    [
        'name,number,priority,state,skills\nDesk1,9812345671,2,off,"Sales,Service"\n',
        "Phone Name;PHONE_NUMBER;Prio;Status;Skill names\nDesk1;9812345671;2;OFF;Sales,Service",
        "skills\tstate\tpriority\tnumber\tname\nSales|Service\toff\t2\t9812345671\tDesk1\n",
        "Desk1,9812345671,2,off,Sales|Service\n",
        "Desk1,9812345671,2.0,off,Sales;Service;\n",
        "sep=;\nDesk1;'9812345671;2;off;Sales| Service ,sales\n",
        (
            "line,name,number,priority,state,skills,code,problem\n"
            '2,Desk1,9812345671,2,off,"Sales,Service",x,y\n'
        ),
        'Agent,Mobile,Priority,State,Queues\n"=""Desk1""","=""9812345671""",2,off,Sales|Service',
        (
            "\ufeffname,number,priority,state,skills\r\n\r\n"
            "Desk1,9812345671\u200b,2,off,Sales|Service\r\n"
        ),
    ],
)
def test_a_row_is_found_in_any_form(text: str) -> None:
    """Columns by name or by place, any delimiter, behind what spreadsheets do to cells."""
    parts = read(text)
    assert rows_of(parts) == [DESK]
    assert summary_of(parts).rows == 1


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Desk1,9812345671", ["Desk1", "9812345671", "+919812345671", None, None, None]),
        ("Desk1,9812345671,,,", ["Desk1", "9812345671", "+919812345671", 1, "active", []]),
        ("12.0,12345,20", ["12.0", "12345", "12345", 20, None, None]),
        ("+Desk,080-4123 4567", ["+Desk", "+918041234567", "+918041234567", None, None, None]),
        ("Desk1,9812345671,1,active,A|B", [*DESK[:3], 1, "active", ["A|B"]]),
        ("Desk1,9812345671,1,active,A;B", [*DESK[:3], 1, "active", ["A", "B"]]),
        ('Desk1,9812345671,1,active,"A,B"', [*DESK[:3], 1, "active", ["A", "B"]]),
        ('Desk1,9812345671,1,active,"A|B,a,B"', [*DESK[:3], 1, "active", ["A|B", "a", "B"]]),
        ("Desk1,9812345671,1,active,GRÜSSE", [*DESK[:3], 1, "active", ["GRÜSSE"]]),
    ],
)
def test_what_a_row_says(row: str, expected: list[object]) -> None:
    """Null is what it does not say; the number is as it is kept, and as it is known."""
    assert rows_of(read(f"{row}\n")) == [expected]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",9812345671,1,active,", "phone_name_blank"),
        ("x,9812345671,1,active,", "phone_name_invalid"),
        ("De sk,9812345671,1,active,", "phone_name_invalid"),
        ("Desk,,1,active,", "phone_number_invalid"),
        ("Desk,98,1,active,", "phone_number_invalid"),
        ("Desk,9.81E+09,1,active,", "number_exponent"),
        ("Desk,9812345671,0,active,", "priority_range"),
        ("Desk,9812345671,21,active,", "priority_range"),
        ("Desk,9812345671,high,active,", "priority_range"),
        ("Desk,9812345671,\u0663,active,", "priority_range"),
        ("Desk,9812345671,1,on,", "field_invalid"),
        ("Desk,9812345671,1,active,Night", "skill_unknown"),
        ("Desk,9812345671,1,active,Sales|Night", "skill_unknown"),
        ("Desk,9812345671,1,active,Sales,Service", "csv_row"),
    ],
)
def test_what_is_wrong_with_a_row(row: str, code: str) -> None:
    """The code is that of a request; the others of the file go on."""
    parts = read(f"name,number,priority,state,skills\n{row}\nDesk1,9812345672\n")
    [told] = failed_of(parts)
    assert (told["line"], told["code"]) == ("2", code)
    cells = row.split(",")
    assert [told["name"], told["number"], told["priority"]] == cells[:3]
    assert len(rows_of(parts)) == 1
    summary = summary_of(parts)
    assert (summary.rows, summary.counts[RowOutcome.INVALID]) == (2, 1)
    assert summary.first[RowOutcome.INVALID].number == cells[1]


def test_a_skill_too_many() -> None:
    """As for a request."""
    known = frozenset(f"s{n}" for n in range(51))
    terms = ReadingTerms(Target(Kind.PHONE_NUMBERS), "IN", "UTC", AT, skills=known)
    text = f"Desk1,9812345671,1,active,{'|'.join(known)}\n"
    parts = list(read_phone_rows(io.BytesIO(text.encode()), terms))
    assert [each["code"] for each in failed_of(parts)] == ["skills_too_many"]


def test_a_row_that_comes_again() -> None:
    """A duplicate where it says the same; else it fails, by a sentence that tells of the first."""
    rows = [
        "Desk1,9812345671,1,active,Sales|Service",
        "Desk2,9812345672,,,",
        'DESK1,09812345671,1,,"service,Sales"',
        "Desk1,9812345671,2,active,Sales|Service",
        "Desk1,9812345672,1,active,",
        "Desk1,9812345677,1,active,",
        "Desk7,+919812345671,1,active,",
        "Desk2,9812345672,1,active,",
    ]
    parts = read("\n".join(rows))
    assert [row[0] for row in rows_of(parts)] == ["Desk1", "Desk2"]
    assert [(each["line"], each["problem"]) for each in failed_of(parts)] == [
        ("4", "line 1 has this name and number already, and says something else of them"),
        ("5", "line 1 has the name Desk1 already, and line 2 this number"),
        ("6", "line 1 has the name Desk1 already, with another number"),
        ("7", "line 1 has this number already, with another name"),
    ]
    summary = summary_of(parts)
    assert summary.counts[RowOutcome.DUPLICATE] == 2
    assert summary.first[RowOutcome.DUPLICATE].line == 3
    assert summary.rows == 8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "csv_empty"),
        ("name,number\n", "csv_empty"),
        ("name,priority\nDesk1,2\n", "csv_column"),
        ("number,priority\n9812345671,2\n", "csv_column"),
        ("what,is,this\n", "csv_column"),
        (b"PK\x03\x04", "csv_unreadable"),
    ],
)
def test_a_file_that_is_none(text: str | bytes, code: str) -> None:
    """Refused as a whole."""
    with pytest.raises(InvalidInput) as raised:
        read(text)
    assert [each.code.value for each in raised.value.problems] == [code]


def test_chunks_are_in_the_order_of_the_file() -> None:
    """A thousand rows at most in each, with their lines."""
    rows = [f"Desk{n},98{9999 - n:08}" for n in range(2500)]
    parts = read("name,number\n" + "\n".join(rows))
    chunks = [part for part in parts if isinstance(part, StagedChunk)]
    assert [chunk.count for chunk in chunks] == [CHUNK_ROWS] * (2_500 // CHUNK_ROWS) + [
        2_500 % CHUNK_ROWS
    ]
    assert [row[0] for row in rows_of(parts)] == [f"Desk{n}" for n in range(2500)]
    assert [n for chunk in chunks for n in json.loads(chunk.lines)] == list(range(2, 2502))


def test_another_process_reads_the_same() -> None:
    """By the kind of the rows, with the skills of the account."""
    text = "Desk1,9812345671,1,active,Gr\u00fc\u00dfe\nDesk2,x\nDesk1,9812345671,1,active,GRÜSSE\n"
    with TemporaryFile() as file:
        file.write(text.encode())
        file.seek(0)
        assert list(read_aside(file, TERMS)) == read(text)


def test_a_stray_quote_takes_in_no_rows_in_silence() -> None:
    """The rows between two of them are one that fails, and says over how many lines it goes."""
    parts = read('name,number\n"Desk1,9812345671\nDesk2,9812345672"\nDesk3,9812345673\n')
    assert [row[0] for row in rows_of(parts)] == ["Desk3"]
    (failed,) = failed_of(parts)
    assert (failed["line"], failed["code"]) == ("2", "csv_row")
    assert "over 2 lines" in failed["problem"]


def test_a_header_takes_in_no_rows_in_silence() -> None:
    """Such a file is refused."""
    with pytest.raises(InvalidInput, match="over 2 lines"):
        read('number,name,"state\n9812345671,Desk1,"\n9812345672,Desk2,\n')


@pytest.mark.parametrize("cell", ["9812345671;9812345672", "2026-12-31", "981234567.5"])
def test_what_is_most_likely_no_number_fails(cell: str) -> None:
    """As it does in a file of blocked numbers."""
    (failed,) = failed_of(read(f"name,number\nDesk1,{cell}\n"))
    assert failed["code"] == "number_unreadable"


def test_a_skill_that_is_not_known_is_told_as_far_as_it_can_be() -> None:
    """Bytes that are no text, and text without an end, are not."""
    data = b"name,number,skills\nDesk1,9812345671,\xffNight\nDesk2,9812345672," + b"x" * 5_000
    told = [row["problem"] for row in failed_of(read(data))]
    assert told[0] == "there is no skill \ufffdNight"
    assert len(told[1]) < 100


def test_two_columns_for_one_are_refused() -> None:
    """As of blocked numbers; a column like an expiry says nothing here."""
    with pytest.raises(InvalidInput, match="several columns that may be number: Mobile, Phone;"):
        read("name,Mobile,Phone\nDesk1,9812345671,9812345672\n")
    assert len(rows_of(read("name,number,End of shift\nDesk1,9812345671,x\n"))) == 1
