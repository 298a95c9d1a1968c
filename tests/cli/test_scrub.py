"""`ringfence scrub`: what is kept on standard output, what was dropped on standard error."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import Run, run_process, start
from tests.cli.stores import block

LIST = "name,phone\r\nAsha,98123 45678\r\nRavi,98123 00009\r\nNobody,\r\n"
KEPT = "name,phone\r\nRavi,98123 00009\r\nNobody,\r\n"


@pytest.fixture
def leads(alice: str, tmp_path: Path) -> Path:
    """Return a calling list, one number of which two groups block."""
    assert alice
    block(tmp_path, "Spam", "9812345678", None)
    block(tmp_path, "Pests [b]", "9812345678", None)
    path = tmp_path / "leads.csv"
    path.write_bytes(LIST.encode())
    return path


def test_it_keeps_and_reports(ringfence: Run, leads: Path) -> None:
    """By the usual name of the column."""
    done = ringfence("scrub", "alice", str(leads))
    assert (done.code, done.out) == (0, KEPT)
    assert done.err.splitlines() == [
        "3 rows: 1 dropped, 2 kept, of which 1 have no number that can be read",
        "  1 dropped by group 1 (Spam)",
        "  1 dropped by group 2 (Pests [b])",
    ]


@pytest.mark.parametrize("column", ["phone", "PHONE", "2"])
def test_it_reads_its_input_and_reports_as_json(ringfence: Run, leads: Path, column: str) -> None:
    """For a script, which knows the column."""
    text = leads.read_bytes().decode()
    done = ringfence("scrub", "alice", "-", "--column", column, "--json", stdin=text)
    assert (done.code, done.out) == (0, KEPT)
    assert json.loads(done.err) == {
        "rows": 3,
        "dropped": 1,
        "kept": 2,
        "unreadable": 1,
        "groups": [
            {"id": 1, "name": "Spam", "dropped": 1},
            {"id": 2, "name": "Pests [b]", "dropped": 1},
        ],
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("alice", "leads.csv", "--column", "city"), "no column city; it has name, phone"),
        (("alice", "missing.csv"), "missing.csv cannot be read: No such file or directory"),
        (("alice", "."), ". cannot be read: Is a directory"),
        (("nobody", "leads.csv"), "nobody"),
    ],
)
def test_trouble_is_2_and_nothing_is_printed(
    ringfence: Run, leads: Path, words: tuple[str, ...], told: str
) -> None:
    """What is wrong is said in one line."""
    assert leads.exists()
    done = ringfence("scrub", *words)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_reader_that_goes_ends_it_quietly(leads: Path, tmp_path: Path) -> None:
    """A long list into `head`; the exit code is that of trouble, for not all was written."""
    leads.write_bytes(LIST.encode() + b"Ravi,9812300009\r\n" * 500_000)
    pipe = subprocess.PIPE
    with start("scrub", "alice", "leads.csv", folder=tmp_path, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"name,phone\r\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_process_of_its_own_forks_and_keeps_the_order(leads: Path, tmp_path: Path) -> None:
    """From a pipe, on as many processors as there are."""
    rows = [f"Ravi {i},98123{i % 99_999:05}" for i in range(300_000)]
    text = "\n".join(["name,phone", *rows, ""])
    left = [row for row in rows if not row.endswith(",9812345678")]
    done = run_process("scrub", "alice", "-", folder=tmp_path, stdin=text.encode())
    assert leads.exists()
    assert done.code == 0
    assert done.out == "\n".join(["name,phone", *left, ""])
    assert done.err.startswith(f"300000 rows: 3 dropped, {len(left)} kept")
