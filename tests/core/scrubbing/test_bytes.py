"""What is kept is kept byte for byte, whichever way a file is read."""

import io
import os
import signal
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from tempfile import TemporaryFile
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.core.scrubbing import (
    OutboundBlocks,
    ScrubOptions,
    columns,
    feed,
    scrub_list,
    workers,
)
from ringfence.core.scrubbing.blocks import LoadedBlocks, StoredBlocks
from ringfence.core.scrubbing.patterns import PatternSets
from ringfence.errors import InputCode, InvalidInput
from ringfence.model.accounts import Account
from ringfence.model.scrubs import ScrubReport
from ringfence.store import open_store
from ringfence.store.outbound_blocks import GroupPatterns
from tests.core.people import NOW, new_account
from tests.core.scrubbing.lists import block
from tests.model.texts import FULL_WIDTH_DIGITS

BAD, ALSO_BAD, GOOD = "+919812345671", "+917012345672", "+919812345679"
CELLS = [
    BAD,
    BAD[3:],
    f"0{ALSO_BAD[3:]}",
    ALSO_BAD,
    GOOD,
    GOOD[3:],
    "",
    " ",
    "x",
    "é",
    FULL_WIDTH_DIGITS,
    "112",
]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Account, OutboundBlocks]]:
    """Return an account, and its blocks looked up in the store."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('scrub')}/store.db", create=True)
    alice = new_account(store)
    block(store, alice, "Spam", BAD, "7012*")
    names = {1: "Spam"}
    yield alice, StoredBlocks(store, alice, NOW, names, None)
    store.close()


def loaded(alice: Account) -> LoadedBlocks:
    """Return the same blocks in memory."""
    sets = PatternSets([GroupPatterns(1, f"{BAD},+917012*")])
    return LoadedBlocks(alice, {1: "Spam"}, sets, "")


def run(
    alice: Account, data: bytes, column: str | None = "phone", *, processes: int = 1
) -> tuple[bytes, ScrubReport]:
    """Scrub a file by blocks in memory."""
    target = io.BytesIO()
    options = ScrubOptions(column, None, processes)
    report = scrub_list(alice, loaded(alice), io.BytesIO(data), target, options)
    return target.getvalue(), report


LINE = f"{GOOD}\n"
HEAD = "id;phone;city\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("codec", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("latin-1", b""), ("utf-16-le", b"\xff\xfe")],
)
@pytest.mark.parametrize("last", ["", "9;7012345678;Köln", f"9;{GOOD};Köln"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_every_other_byte_is_kept(
    account: tuple[Account, OutboundBlocks],
    end: str,
    codec: str,
    mark: bytes,
    last: str,
    quote: str,
) -> None:
    """Of each make of file, with and without an end of the last line."""
    rows = [
        HEAD,
        f"1;{GOOD};Köln \n",
        f"2;{BAD};Ulm\n",
        "\n",
        f"3; {GOOD} ;{quote}a{quote}\n",
        "4\n",
    ]
    kept = [row for row in rows if BAD not in row] + [last * (GOOD in last)]
    data, expected = (
        mark + "".join(each).replace("\n", end).encode(codec) for each in ([*rows, last], kept)
    )
    assert run(account[0], data)[0] == expected


def test_quotes_and_the_line_of_excel_are_kept(account: tuple[Account, OutboundBlocks]) -> None:
    """Cells with line ends and delimiters inside, of which a row may be all."""
    rows = [
        "sep=;\n",
        'name;"Phone"\n',
        f'"A;""\r\nB";"{GOOD}"\n',
        f'"A;""\r\nB";"{BAD}"\n',
        f'C;"{BAD}\n"\n',
        f'D;"{BAD}\n{GOOD}"\n',
    ]
    kept = "".join([*rows[:3], rows[5]])
    left, report = run(account[0], "".join(rows).encode())
    assert left.decode() == kept
    assert (report.rows, report.dropped, report.unreadable) == (4, 2, 1)


@pytest.mark.parametrize(
    ("first", "column", "kept"),
    [
        ("phone", None, True),
        ("Mobile No", None, True),
        ("whom", "1", True),
        ("WHOM", "whom", True),
        (BAD, None, False),
        (BAD, "1", False),
        (GOOD, "1", True),
    ],
)
def test_a_header_is_kept_and_a_first_row_is_a_row(
    account: tuple[Account, OutboundBlocks], first: str, column: str | None, *, kept: bool
) -> None:
    """A number is no name of a column."""
    left, report = run(account[0], f"\n{first}\n{GOOD}\n".encode(), column)
    assert left.decode() == "\n" + f"{first}\n" * kept + f"{GOOD}\n"
    assert report.rows == 1 + first.startswith("+")


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        ("", None, InputCode.CSV_EMPTY),
        ("\n\n", None, InputCode.CSV_EMPTY),
        ("name,phone\n", "city", InputCode.CSV_COLUMN),
        ("name,phone\n", "3", InputCode.CSV_COLUMN),
        ("name,city\n", None, InputCode.CSV_COLUMN),
        (f"Ann,{BAD}\n", None, InputCode.CSV_COLUMN),
        ("PK\x03\x04", None, InputCode.CSV_UNREADABLE),
        ('phone\n"', None, InputCode.CSV_UNREADABLE),
        ("phone\n\0", None, InputCode.CSV_UNREADABLE),
    ],
)
def test_what_cannot_be_scrubbed_is_refused(
    account: tuple[Account, OutboundBlocks], text: str, column: str | None, code: InputCode
) -> None:
    """The error tells what was looked for."""
    with pytest.raises(InvalidInput) as refused:
        run(account[0], text.encode(), column)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_an_error_later_on_tells_its_line(
    account: tuple[Account, OutboundBlocks], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though another reader read the lines before it."""
    monkeypatch.setattr("ringfence.core.scrubbing.calling_lists.HEAD_BYTES", 20)
    monkeypatch.setattr(feed, "BLOCK_BYTES", 40)
    with pytest.raises(InvalidInput, match=r"line 52\b"):
        run(account[0], f"phone\n{LINE * 50}\0\n".encode())


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.lists(st.sampled_from(CELLS), max_size=3), max_size=30),
    end=st.sampled_from(["\n", "\r\n"]),
    quoted=st.integers(0, 30),
    sizes=st.tuples(st.integers(7, 90), st.integers(7, 90), st.integers(30, 90)),
    column=st.integers(1, 2),
)
def test_every_way_leaves_the_same(
    account: tuple[Account, OutboundBlocks],
    rows: list[list[str]],
    end: str,
    quoted: int,
    sizes: tuple[int, int, int],
    column: int,
) -> None:
    """In blocks of any size; with a CSV reader, from any line on; with blocks in the store."""
    alice, stored = account
    lines = [f"name,phone{end}", *(",".join(row) + end for row in rows)]
    data = "".join(lines).encode()
    expected, report = run(alice, data, str(column))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "BLOCK_BYTES", sizes[0])
        patch.setattr(columns, "PIECE", sizes[1] // 7)
        patch.setattr("ringfence.core.scrubbing.calling_lists.HEAD_BYTES", sizes[2])
        patch.setattr("ringfence.core.scrubbing.blocks.PIECE", 3)
        assert run(alice, data, str(column)) == (expected, report)
        target = io.BytesIO()
        options = ScrubOptions(str(column))
        assert scrub_list(alice, stored, io.BytesIO(data), target, options) == report
        assert target.getvalue() == expected
        patch.setattr(feed, "_is_plain", lambda lines: b"#" not in lines)
        lines.insert(min(quoted + 1, len(lines)), f"#,#{end}")
        left, _ = run(alice, "".join(lines).encode(), str(column))
        assert left.replace(f"#,#{end}".encode(), b"") == expected


def test_processes_leave_the_same(
    account: tuple[Account, OutboundBlocks], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same order, also where a CSV reader has to go on."""
    monkeypatch.setattr(feed, "BLOCK_BYTES", 4096)
    monkeypatch.setattr("ringfence.core.scrubbing.calling_lists.HEAD_BYTES", 4096)
    forked = Mock(wraps=workers._pool)  # noqa: SLF001  what is watched
    monkeypatch.setattr(workers, "_pool", forked)
    monkeypatch.setattr(workers, "_may_fork", lambda: True)
    rows = [f"{i},{CELLS[i % len(CELLS)]}\n" for i in range(20_000)]
    for end in ("", f'"a\n",{GOOD}\n' * 10):
        data = f"name,phone\n{''.join(rows)}{end}".encode()
        alone = run(account[0], data)
        assert run(account[0], data, processes=3) == alone
    assert forked.call_count == 2


@pytest.mark.parametrize("exempt", ["", f"{ALSO_BAD},+9198999*"])
@pytest.mark.parametrize(
    "parts",
    [
        [GroupPatterns(1, BAD)],
        [GroupPatterns(1, f"{BAD},+917012*")],
        [GroupPatterns(1, f"{BAD},{ALSO_BAD}"), GroupPatterns(2, f"{ALSO_BAD},+9198*")],
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_processes_leave_the_same_whatever_is_blocked(
    account: tuple[Account, OutboundBlocks],
    monkeypatch: pytest.MonkeyPatch,
    parts: list[GroupPatterns],
    exempt: str,
    end: str,
) -> None:
    """Of a file on the disk, without a header, whose last line lacks its end; counts and all."""
    monkeypatch.setattr(feed, "BLOCK_BYTES", 4096)
    monkeypatch.setattr("ringfence.core.scrubbing.calling_lists.HEAD_BYTES", 4096)
    monkeypatch.setattr(workers, "_may_fork", lambda: True)
    blocks = LoadedBlocks(account[0], {1: "Spam", 2: "Pests"}, PatternSets(parts), exempt)
    rows = [BAD, *(CELLS[i % len(CELLS)] for i in range(10_000)), ALSO_BAD]
    results = []
    for processes in (1, 2):
        with TemporaryFile() as source, TemporaryFile() as target:
            source.write(end.join(rows).encode())
            source.seek(0)
            options = ScrubOptions("1", None, processes)
            report = scrub_list(account[0], blocks, source, target, options)
            target.seek(0)
            results.append((target.read(), report))
    assert results[0] == results[1]
    assert 0 < results[0][1].dropped < results[0][1].rows == len(rows) - rows.count("")


def test_a_process_that_is_killed_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an error, and without waiting for what it would have returned."""
    monkeypatch.setattr(workers, "_may_fork", lambda: True)

    def killed(_: bytes) -> tuple[bytes, None]:
        os.kill(os.getpid(), signal.SIGKILL)
        return b"", None

    with pytest.raises(BrokenProcessPool):
        list(workers.in_order(killed, [b"a"] * 9, 2, 1))


def test_processes_end_where_the_target_does(
    account: tuple[Account, OutboundBlocks], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the error is that of the target."""
    monkeypatch.setattr(feed, "BLOCK_BYTES", 4096)
    monkeypatch.setattr(workers, "_may_fork", lambda: True)

    class Gone(io.BytesIO):
        def write(self, _: object, /) -> int:
            if self.tell() > 10_000:
                raise BrokenPipeError
            return super().write(_)  # type: ignore[arg-type]

    data = f"phone\n{LINE * 50_000}".encode()
    with pytest.raises(BrokenPipeError):
        scrub_list(
            account[0], loaded(account[0]), io.BytesIO(data), Gone(), ScrubOptions(processes=2)
        )


def test_none_is_forked_beside_threads(
    account: tuple[Account, OutboundBlocks], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store of these tests has one: its writer."""
    monkeypatch.setattr(workers, "_pool", lambda *_: pytest.fail("forked"))
    monkeypatch.setattr(feed, "BLOCK_BYTES", 4096)
    data = f"phone\n{LINE * 50_000}".encode()
    assert run(account[0], data, processes=2) == (data, ScrubReport(50_000, 0, 0, ()))


def test_progress_ends_at_the_size(account: tuple[Account, OutboundBlocks], tmp_path: Path) -> None:
    """Of a file that is read from the disk."""
    told: list[int] = []
    path = tmp_path / "leads.csv"
    path.write_bytes(f"phone\n{GOOD}\n".encode() * 40_000)
    with path.open("rb") as source:
        options = ScrubOptions(on_bytes=told.append)
        scrub_list(account[0], loaded(account[0]), source, io.BytesIO(), options)
    assert told[-1] == path.stat().st_size
    assert told == sorted(told)
