"""What is imported only where it is needed: numpy, which takes as long as a command."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import start
from tests.cli.stores import block

_IMPORTED = re.compile(r"^import time: .*\| +(\w+)$", re.MULTILINE)


@pytest.fixture
def engine() -> str:
    """Return the store of commands that are run as processes."""
    return "sqlite"


@pytest.fixture
def folder(alice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the commands run, which tell what they import, and so do their children."""
    assert alice
    block(tmp_path, "Spam", "9812345678", None)
    (tmp_path / "leads.csv").write_text("phone\n9812345678\n")
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (("check", "alice", "9812345678"), False),
        (("export", "alice"), False),
        (("import", "file", "alice", "Spam", "leads.csv", "--yes"), False),
        (("scrub", "alice", "leads.csv"), True),
    ],
)
def test_a_command_imports_numpy_to_scrub(
    folder: Path, words: tuple[str, ...], *, needed: bool
) -> None:
    """And for nothing else."""
    with start(*words, folder=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        told = process.communicate(timeout=30)[1].decode()
    assert process.returncode in {0, 1}, told
    imported = set(_IMPORTED.findall(told))
    assert "typer" in imported
    assert ("numpy" in imported) is needed


def test_a_server_starts_without_numpy(folder: Path) -> None:
    """Though it scrubs lists: in processes of their own."""
    words, log = ("serve", "--port", "0"), folder / "stderr.log"
    with (
        log.open("wb") as told,
        start(*words, folder=folder, stdout=subprocess.PIPE, stderr=told) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    imported = set(_IMPORTED.findall(log.read_text()))
    assert "uvicorn" in imported
    assert "numpy" not in imported
