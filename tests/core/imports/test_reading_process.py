"""A file is read by another process, which tells all that it finds and never stays behind."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

import pytest

from ringfence.core.imports.reading import read_rows
from ringfence.core.imports.reading_process import read_aside
from ringfence.errors import InvalidInput
from ringfence.model.imports import FailedRows, StagedChunk
from tests.core.imports.reading import GROUP, gather, read, terms

MODULE = "ringfence.core.imports.reading_process"
NOT_NEEDED = {"fastapi", "starlette", "uvicorn", "pydantic", "typer", "rich", "prometheus_client"}
MIXED = (
    "number,expires_at,reason\n9812345670,2027-12-31,धोखा\nbad,,\n112,,\n9812345670,,\n140*,,a\n"
)
MANY = "".join(f"+91981{n:07}\n" for n in range(100_000))

ABANDONING = f"""
import os, signal, sys
from {MODULE} import read_aside
from tests.core.imports.reading import terms
parts = read_aside(open(sys.argv[1], "rb"), terms())
next(parts)
print("reading", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """Return the processes that are started from now on."""
    found: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            found.append(self)
            super().__init__(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", Remembered)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Iterator[BinaryIO]:
    """Yield a file to be written and read."""
    with (tmp_path / "numbers.csv").open("w+b") as opened:
        yield opened


def fill(file: BinaryIO, text: str) -> BinaryIO:
    """Return a file that has `text`, to be read from its beginning."""
    file.write(text.encode())
    file.flush()
    file.seek(0)
    return file


def test_it_yields_what_reading_yields(
    file: BinaryIO, started: list["subprocess.Popen[bytes]"]
) -> None:
    """Part for part; and the process is gone then."""
    parts = list(read_aside(fill(file, MIXED), terms()))
    assert parts == list(read_rows(io.BytesIO(MIXED.encode()), terms()))
    assert len(parts) == 3
    assert [process.returncode for process in started] == [0]


def test_groups_are_told_however_many_there_are(file: BinaryIO) -> None:
    """More than an argument of a process may be long."""
    groups = {f"{'x' * 40} {n}": n for n in range(1, 10_001)}
    text = f"number,group\n9812345670,{'X' * 40} 9999\n"
    assert (
        gather(read_aside(fill(file, text), terms(None, groups))).chunks[0].block_group_id == 9999
    )


@pytest.mark.parametrize("text", ["", "PK\x03\x04", "name,why\na,b\n"])
def test_a_refusal_is_the_same(text: str, file: BinaryIO) -> None:
    """With all that is told of it."""
    with pytest.raises(InvalidInput) as here:
        read(text.encode())
    with pytest.raises(InvalidInput) as there:
        list(read_aside(fill(file, text), terms()))
    assert there.value.problems == here.value.problems


def test_a_failure_is_no_refusal(file: BinaryIO, capfd: pytest.CaptureFixture[str]) -> None:
    """What went wrong is in the log, as it is of this process."""
    nowhere = replace(terms(), timezone="No/Where")
    with pytest.raises(RuntimeError, match="ended with status 1"):
        list(read_aside(fill(file, MIXED), nowhere))
    assert "ZoneInfoNotFoundError" in capfd.readouterr().err


def test_a_process_that_is_killed_is_a_failure(
    file: BinaryIO, started: list["subprocess.Popen[bytes]"]
) -> None:
    """Also where it told something before."""
    parts = read_aside(fill(file, MANY), terms())
    assert isinstance(next(parts), StagedChunk)
    started[0].kill()
    with pytest.raises(RuntimeError, match="ended with status -9"):
        list(parts)


def test_no_process_stays_when_nobody_reads_on(
    file: BinaryIO, started: list["subprocess.Popen[bytes]"]
) -> None:
    """It is killed and waited for."""
    parts = read_aside(fill(file, MANY), terms())
    next(parts)
    assert started[0].poll() is None
    parts.close()
    assert started[0].returncode == -signal.SIGKILL


def test_no_process_stays_when_this_one_is_killed(file: BinaryIO) -> None:
    """It finds nobody to tell. Its standard error, which it shares with us, ends when it does."""
    fill(file, MANY)
    command = [sys.executable, "-c", ABANDONING, file.name]
    # Without a copy of its own, nothing but the two processes holds the pipe open.
    ended = subprocess.run(command, capture_output=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, b"reading\n")
    assert ended.stderr == b""


def test_ctrl_c_is_for_this_process(started: list["subprocess.Popen[bytes]"]) -> None:
    """The other goes on until it is ended."""
    reading, writing = os.pipe()
    was_sent = Event()

    def write() -> None:
        with os.fdopen(writing, "wb") as sink:
            sink.write(b"number,other\n" + (b"bad," + b"x" * 1000 + b"\n") * 1000)
            sink.flush()
            was_sent.wait()
            sink.write(b"9812345670\n")

    writer = Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb") as source:
        parts = read_aside(source, terms())
        assert isinstance(next(parts), FailedRows)
        started[0].send_signal(signal.SIGINT)
        was_sent.set()
        assert gather(parts).staged == [(GROUP, "+919812345670", None, "")]
    writer.join()


def test_the_process_starts_with_little() -> None:
    """No door and no framework is loaded for it."""
    code = f"import sys, {MODULE}; print(*{{name.split('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "phonenumbers" in loaded
    assert not NOT_NEEDED & set(loaded)
