"""`ringfence export`."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.commands import Run, start
from tests.cli.stores import block, url_of

LATER = datetime(2100, 1, 1, tzinfo=UTC)
FILE = "number,expires_at,reason\n"
Export = Callable[..., bytes]


@pytest.fixture
def folder(alice: str, ringfence: Run, tmp_path: Path) -> Path:
    """Return where the store of alice is, who has two groups and a phone number."""
    assert alice
    block(tmp_path, "First", "+919812345670", None)
    block(tmp_path, "02", "+919812345671", LATER)
    phones = tmp_path / "phones.csv"
    phones.write_text("name,number,priority,skills\nDesk1,98123 45679,2,General\n", "utf-8")
    ringfence("import", "alice", str(phones), "--phone-numbers", "--yes")
    return tmp_path


def _words(folder: Path, *words: str) -> tuple[str, ...]:
    return ("export", *words, "--database", url_of(folder))


@pytest.fixture
def export(folder: Path) -> Export:
    """Return what exports, as a process, and returns the file."""

    def run(*words: str) -> bytes:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with start(*_words(folder, *words), folder=folder, **pipes) as process:
            out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, b"")
        return bytes(out)

    return run


def test_a_group_or_all_of_them(export: Export) -> None:
    """By its name, or by its id where no group has that as its name."""
    first = f"{FILE}+919812345670,,\n".encode()
    assert export("alice", "first") == export("alice", "1") == first
    second = f"{FILE}+919812345671,2100-01-01T00:00:00Z,\n".encode()
    assert export("alice", "02") == export("alice", "2") == second
    assert export("alice").decode() == (
        "group,number,expires_at,reason\n"
        "First,+919812345670,,\n02,+919812345671,2100-01-01T00:00:00Z,\n"
    )


def test_phone_numbers(export: Export) -> None:
    """With their skills; for Excel with what it knows UTF-8 by."""
    text = "name,number,priority,state,skills\nDesk1,+919812345679,2,active,General\n"
    assert export("alice", "--phone-numbers").decode() == text
    excel = export("alice", "--phone-numbers", "--excel")
    assert excel == b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["alice"], []),
        (["alice", "First"], ["First"]),
        (["alice", "02", "--excel"], ["02"]),
        (["alice", "--phone-numbers", "--excel"], ["--phone-numbers"]),
    ],
)
def test_what_was_exported_is_imported(
    export: Export, ringfence: Run, folder: Path, words: list[str], more: list[str]
) -> None:
    """As it is, and then it changes nothing."""
    (folder / "file.csv").write_bytes(export(*words))
    told = ringfence("import", "alice", *more, str(folder / "file.csv"), "--yes", "--json")
    assert told.code == 0
    counts = {name: count for name, count in json.loads(told.out)["applied"].items() if count}
    assert set(counts) == {"duplicate"}


@pytest.mark.parametrize(
    "words", [["alice", "Nope"], ["alice", "99"], ["bob"], ["alice", "First", "--phone-numbers"]]
)
def test_it_refuses_what_cannot_be(ringfence: Run, folder: Path, words: list[str]) -> None:
    """Not there, or not together; nothing is written."""
    assert folder
    refused = ringfence("export", *words)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("ringfence: ")


def test_whoever_reads_it_may_go(folder: Path) -> None:
    """It ends without a word."""
    block(folder, "Third", "+919812345670", None)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start(*_words(folder, "alice"), folder=folder, **pipes) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
