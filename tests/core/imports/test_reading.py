"""Files of blocked numbers become sorted chunks, failed rows and a summary."""

import io
import json
import tempfile
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core.imports import sorting, tally
from ringfence.core.imports.reading import read_rows
from ringfence.core.imports.row_problems import MAX_SHOWN, failed_header
from ringfence.errors import InputCode, InvalidInput
from ringfence.model.imports import (
    CHUNK_ROWS,
    FAILED_COLUMNS,
    Kind,
    RowOutcome,
    ShownRow,
    StagedChunk,
)
from tests.core.imports.reading import GROUP, Found, Row, gather, read, terms

DAYS = {"": None, "2027-01-01": 1798828199999, "2027-01-02": 1798914599999, "-": None}
NUMBERS = [*(f"+9198123456{n}" for n in range(70, 76)), "+91140*", "+91140", "+911*", "withheld"]
REASONS = ["", "spam", 'said "no", twice', "धोखा"]
GROUPS = {"a": 7, "b": 12}

FileRow = tuple[str, str, str, str]
"""A row of a file: group, number, expiry, reason."""

file_rows = st.lists(
    st.tuples(
        *(st.sampled_from(each) for each in (sorted(GROUPS), NUMBERS, sorted(DAYS), REASONS))
    ),
    min_size=1,
    max_size=60,
)


def refusal(data: bytes, group: int | None = GROUP) -> tuple[InputCode, str]:
    """Return why a file is refused."""
    with pytest.raises(InvalidInput) as refused:
        read(data, terms(group))
    (problem,) = refused.value.problems
    return problem.code, problem.message


def csv_of(rows: Sequence[FileRow]) -> bytes:
    """Return rows as a file with a header, all cells in quotes."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return "\n".join(["group,number,expires_at,reason", *lines]).encode()


def expected(rows: Sequence[FileRow]) -> tuple[list[Row], list[int]]:
    """Return what stays of `rows`, and their lines, by the plainest of means."""
    stays: dict[tuple[int, str], tuple[float, int, Row]] = {}
    for line, (group, number, day, reason) in enumerate(rows, 2):
        if number == "+91140":
            continue
        expiry, key = DAYS[day], (GROUPS[group], number)
        lasts = float("inf") if expiry is None else expiry
        if key not in stays or lasts > stays[key][0]:
            stays[key] = (lasts, line, (*key, expiry, reason))
    in_order = [stays[key] for key in sorted(stays)]
    return [row for _, _, row in in_order], [line for _, line, _ in in_order]


@settings(max_examples=150, deadline=None)
@given(file_rows, st.sampled_from([3, 7, 1000]))
def test_of_each_pattern_the_one_that_lasts_longest_stays(rows: list[FileRow], run: int) -> None:
    """However many runs it takes to sort them; the others are counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "RUN_LINES", run)
        patch.setattr(sorting, "_READ_AT_A_TIME", 100)
        patch.setattr(sorting, "_GIVEN_AT_A_TIME", 5)
        found = read(csv_of(rows), terms(None, GROUPS))
    staged, lines = expected(rows)
    assert (found.staged, found.lines) == (staged, lines)
    wrong = sum(row[1] == "+91140" for row in rows)
    assert found.told.rows == len(rows)
    assert dict(found.told.counts) == {
        RowOutcome.DUPLICATE: len(rows) - len(staged) - wrong,
        RowOutcome.INVALID: wrong,
        RowOutcome.PROTECTED: 0,
    }


def test_chunks_are_full_but_for_the_last_of_a_group() -> None:
    """None has rows of two groups."""
    rows = [(name, f"+91981{n:07}", "", "") for n in range(2 * CHUNK_ROWS + 1) for name in GROUPS]
    found = read(csv_of(rows), terms(None, GROUPS))
    assert [(each.block_group_id, each.count) for each in found.chunks] == [
        *[(7, CHUNK_ROWS), (7, CHUNK_ROWS), (7, 1)],
        *[(12, CHUNK_ROWS), (12, CHUNK_ROWS), (12, 1)],
    ]


def test_the_first_of_each_kind_is_shown() -> None:
    """With its line, and what is to be said of it; of duplicates, which row stays instead."""
    data = b"number,expires_at\n98x,\n9812345671,2027-01-01\n112,\n9812345671,\nabc,\n100,\n"
    first = read(data).told.first
    assert first[RowOutcome.DUPLICATE] == ShownRow(3, "+919812345671", "line 5 has it as well")
    assert (first[RowOutcome.INVALID].line, first[RowOutcome.INVALID].number) == (2, "98x")
    assert (first[RowOutcome.PROTECTED].line, first[RowOutcome.PROTECTED].number) == (4, "112")
    assert all(shown.detail for shown in first.values())


def test_all_of_it_is_json_as_the_store_takes_it() -> None:
    """A list of rows, the reason by its place, and a list of lines."""
    (chunk,) = read(b"number,expires_at,reason\n9812345671,2027-01-01,b\n9812345670,,a\n").chunks
    assert chunk == StagedChunk(
        block_group_id=GROUP,
        count=2,
        rows='[["+919812345670",null,0],["+919812345671",1798828199999,1]]',
        lines="[3,2]",
        reasons=("a", "b"),
    )


def test_failed_rows_can_be_corrected_and_imported() -> None:
    """Their cells are what they were, and the other columns are not looked at."""
    data = b'number,expires_at,reason\n9812345x70,"31/12/2027","said ""no"", twice"\n'
    found = read(data)
    header = failed_header(Kind.BLOCKED_NUMBERS)
    assert header.strip().split(",") == list(FAILED_COLUMNS[Kind.BLOCKED_NUMBERS])
    corrected = (header + found.failed_text).replace("9812345x70", "9812345670")
    again = read(corrected.encode())
    assert again.staged == [(GROUP, "+919812345670", 1830277799999, 'said "no", twice')]


def test_of_a_failed_row_no_more_is_told_than_can_be_stored() -> None:
    """Bytes that are no text, and text without an end, are told of and not kept."""
    long = b"x" * 50_000
    found = read(b"number,expires_at,reason\n\xff1,\xff2,\xff3\n" + long + b",,\n")
    assert found.failed[0]["number"] == "?1"
    assert len(found.failed[1]["number"]) == MAX_SHOWN
    assert found.told.first[RowOutcome.INVALID].number == "?1"


def test_failed_rows_come_in_parts_that_are_not_large() -> None:
    """Whatever their cells have."""
    row = f'"{"😀" * 1000}","{chr(34) * 2000}","{"é" * 1000}"\n'
    found = read(f"number,expires_at,reason\n{row * 200}".encode())
    assert [int(each["line"]) for each in found.failed] == list(range(2, 202))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", InputCode.CSV_EMPTY),
        (b"number\n\n,,\n", InputCode.CSV_EMPTY),
        (b"name,why\nRavi,spam\n", InputCode.CSV_COLUMN),
    ],
)
def test_a_file_without_numbers_is_refused(data: bytes, code: InputCode) -> None:
    """With what it lacks."""
    assert refusal(data)[0] is code


def test_rows_that_name_no_group_need_one() -> None:
    """The file is refused where it has no column for it."""
    code, message = refusal(b"number,reason\n9812345670,\n", None)
    assert (code, message) == (
        InputCode.CSV_COLUMN,
        "the file has no column group; it has number, reason",
    )


def test_a_column_of_groups_is_not_looked_at_where_the_group_is_given() -> None:
    """Any name may stand there."""
    assert read(b"number,group\n9812345670,x\n").staged == [(GROUP, "+919812345670", None, "")]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as there is one too many."""
    monkeypatch.setattr(tally, "MAX_ROWS", 3)
    rows = b"9812345670\n112\nx\n"
    assert read(b"number\n" + rows).told.rows == 3
    code, message = refusal(b"number\n" + rows + b"y\n")
    assert (code, message) == (
        InputCode.CSV_TOO_MANY_ROWS,
        "a file has up to 3 rows: cut it into several",
    )


ODD = ["98123 45670", "112", "x", "140*", "9812345671.0", "'9812345672", "+91 (0)98123 45673"]


@pytest.mark.parametrize("plain", ["+919812345{:03}", "9812345{:03}", "+91 (98123) 45-{:03}"])
@pytest.mark.parametrize("odd", [[], ODD])
def test_rows_are_read_alike_alone_and_together(plain: str, odd: list[str]) -> None:
    """Plain numbers are told together; that must not show."""
    cells = [*map(plain.format, range(100, 150)), *odd, *map(plain.format, range(150, 200))]
    alone = [row for cell in cells for row in read(f"number\n{cell}\n".encode()).staged]
    together = read("\n".join(["number", *cells]).encode())
    assert together.staged == sorted(alone)
    assert {row[1] for row in alone} >= {f"+919812345{n}" for n in range(100, 200)}


def test_files_of_runs_are_let_go_of_when_nobody_reads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator closes them."""
    opened: list[io.TextIOBase] = []
    make = tempfile.TemporaryFile

    def remember(*args: str, **options: str) -> io.TextIOBase:
        opened.append(make(*args, **options))  # type: ignore[call-overload]
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", remember)
    monkeypatch.setattr(sorting, "RUN_LINES", 10)
    data = "\n".join(f"+91981{n:07}" for n in range(100_000)).encode()
    parts = read_rows(io.BytesIO(data), terms())
    assert isinstance(next(parts), StagedChunk)
    assert opened
    assert not any(file.closed for file in opened)
    close(parts)
    assert all(file.closed for file in opened)


def close(parts: Iterator[object]) -> None:
    """End a generator early."""
    getattr(parts, "close")()  # noqa: B009  it is told as an iterator


def test_what_is_told_of_lines_is_where_they_are() -> None:
    """Behind cells of several lines, and blank lines."""
    data = b'number,reason\r\n"+919812345671","a"\r\n\r\n9812345672,"x\ny"\r\nbad,\r\n140*,z\r\n'
    found: Found = gather(read_rows(io.BytesIO(data), terms()))
    assert found.lines == [7, 2]
    assert [each["line"] for each in found.failed] == ["4", "6"]
    assert json.loads(found.chunks[0].lines) == [7, 2]
